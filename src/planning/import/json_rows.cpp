#include "planning/import/json_rows.hpp"

#include <simdjson.h>

#include <algorithm>

namespace demarc::planning {
namespace {

namespace dom = simdjson::dom;
using Columns = std::vector<std::pair<std::string, std::string>>;

constexpr std::size_t kPiece = 1 << 16, kMostColumns = 2000;
constexpr int kMostDepth = 8;

std::string text_of(const dom::element& value) {
  switch (value.type()) {
    case dom::element_type::STRING: return std::string(value.get_string().value_unsafe());
    case dom::element_type::NULL_VALUE: return "";
    default: return simdjson::minify(value);
  }
}

void flatten(const dom::element& value, const std::string& prefix, int depth, Columns& into) {
  if (into.size() >= kMostColumns) return;
  dom::object object;
  dom::array array;
  if (depth < kMostDepth && value.get_object().get(object) == simdjson::SUCCESS) {
    if (!prefix.empty()) into.emplace_back(prefix, "");  // the name itself is a column too, for formats that ask whether it is there
    for (const auto field : object)
      flatten(field.value, prefix.empty() ? std::string(field.key) : prefix + "." + std::string(field.key), depth + 1, into);
    return;
  }
  if (depth < kMostDepth && value.get_array().get(array) == simdjson::SUCCESS && array.size() > 0 && array.at(0).is_object()) {
    // A list of objects (Google's credits): numbers of one name add up where they are read, so they come one after another.
    for (const dom::element item : array) flatten(item, prefix, depth + 1, into);
    return;
  }
  into.emplace_back(prefix, text_of(value));
}

void add_rows_of_bucket(const dom::element& bucket, std::int64_t line, std::deque<JsonRow>& ready) {
  dom::array results;
  if (bucket["results"].get_array().get(results) != simdjson::SUCCESS) {
    JsonRow row{.line = line};
    flatten(bucket, "", 0, row.columns);
    ready.push_back(std::move(row));
    return;
  }
  Columns shared;
  dom::object fields;
  if (bucket.get_object().get(fields) == simdjson::SUCCESS)
    for (const auto field : fields)
      if (field.key != "results") flatten(field.value, std::string(field.key), 1, shared);
  for (const dom::element result : results) {
    JsonRow row{.line = line, .columns = shared};
    flatten(result, "", 0, row.columns);
    ready.push_back(std::move(row));
  }
}

}  // namespace

struct JsonRows::Parser {
  dom::parser parser;
  dom::array::iterator next, end;  // buckets of the page that was parsed last: they live in `parser`
  std::int64_t line = 0;
};

JsonRows::JsonRows(std::istream& in) : in_(in), parser_(std::make_unique<Parser>()) {}
JsonRows::~JsonRows() = default;

// The next value of the outermost level, with the line it begins in. A line that begins a value inside which braces do not close by the end of the
// file, or that no parser accepts, is given up as a line.
bool JsonRows::next_value(std::string& value, std::int64_t& line, std::string& wrong) {
  value.clear(), wrong.clear();
  std::size_t i = at_, start = std::string::npos;
  int depth = 0;
  bool quoted = false, escaped = false;
  for (;;) {
    for (; i < buffer_.size(); ++i) {
      const char c = buffer_[i];
      if (c == '\n') ++line_;
      if (start == std::string::npos) {
        if (c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == ',' || (in_array_ && c == ']')) continue;
        if (c == '[' && !begun_) {
          begun_ = in_array_ = true;
          continue;
        }
        begun_ = true;
        start = i, line = line_;
      }
      if (quoted) {
        if (escaped)
          escaped = false;
        else if (c == '\\')
          escaped = true;
        else if (c == '"')
          quoted = false;
        // JSON has no line end within a string: a cut line.
        if (c == '\n') break;
        continue;
      }
      if (c == '"') {
        quoted = true;
      } else if (c == '{' || c == '[') {
        ++depth;
      } else if (c == '}' || c == ']') {
        if (--depth <= 0) {
          value = buffer_.substr(start, i + 1 - start), at_ = i + 1;
          return true;
        }
      } else if (depth == 0 && c == '\n') {
        break;
      }
    }
    const bool gave_up = i < buffer_.size();
    if (!gave_up && !ended_ && (start == std::string::npos || buffer_.size() - start < kMostValueBytes)) {
      const std::size_t drop = start == std::string::npos ? i : start;
      buffer_.erase(0, drop), i -= drop, at_ = 0;
      start = start == std::string::npos ? start : 0;
      const std::size_t had = buffer_.size();
      const std::size_t piece = std::max(kPiece, had);
      buffer_.resize(had + piece);
      in_.read(buffer_.data() + had, static_cast<std::streamsize>(piece));
      const auto got = static_cast<std::size_t>(in_.gcount());
      buffer_.resize(had + got), bytes_ += got, ended_ = got < piece;
      continue;
    }
    if (start == std::string::npos) return false;
    // Give up the first line of what was begun, and go on after it.
    const std::size_t end = buffer_.find('\n', start);
    wrong = gave_up || ended_ ? "is cut off, or is no JSON" : "one value is larger than 256 MiB: split the file";
    at_ = end == std::string::npos ? buffer_.size() : end + 1;
    line_ = line + 1;
    return true;
  }
}

void JsonRows::rows_of(const std::string& value, std::int64_t line) {
  dom::element root;
  if (parser_->parser.parse(value).get(root) != simdjson::SUCCESS || !root.is_object()) {
    ready_.push_back({line, {}, "is no JSON object"});
    return;
  }
  dom::array data;
  if (root["data"].get_array().get(data) != simdjson::SUCCESS)
    return add_rows_of_bucket(root, line, ready_);  // a row, or what was left of a page that was cut
  // Bucket by bucket, so that a page of hundreds of megabytes is never there as rows. Lines of the elements: their own beginnings cannot be told from
  // the tree, so the page's line is given.
  parser_->next = data.begin(), parser_->end = data.end(), parser_->line = line;
}

bool JsonRows::next_bucket() {
  if (!(parser_->next != parser_->end)) return false;
  const dom::element bucket = *parser_->next;
  ++parser_->next;
  add_rows_of_bucket(bucket, parser_->line, ready_);
  return true;
}

std::optional<JsonRow> JsonRows::next() {
  while (ready_.empty()) {
    if (next_bucket()) continue;
    std::string value, wrong;
    std::int64_t line = 0;
    if (!next_value(value, line, wrong)) return {};
    if (wrong.empty())
      rows_of(value, line);
    else
      ready_.push_back({line, {}, wrong});
  }
  JsonRow row = std::move(ready_.front());
  ready_.pop_front();
  return row;
}

}  // namespace demarc::planning
