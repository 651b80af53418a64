#include "dialect/json/reader.hpp"

#include <simdjson.h>

#include <algorithm>
#include <list>
#include <memory>
#include <unordered_set>
#include <vector>

#include "base/check.hpp"

namespace demarc::dialect {
namespace {

namespace sj = simdjson;
namespace od = simdjson::ondemand;

constexpr std::size_t kKeptCapacity_bytes = std::size_t{1024} * 1024;  // a thread keeps a parser of at most this size for its next text

bool is_space(char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

// number = [ "-" ] ( "0" / digit1-9 *digit ) [ "." 1*digit ] [ ("e"/"E") [ "+"/"-" ] 1*digit ]     RFC 8259, section 6
bool is_number(std::string_view text) {
  std::size_t i = 0;
  const auto digits = [&] {
    const std::size_t from = i;
    while (i < text.size() && is_digit(text[i])) ++i;
    return i > from;
  };
  if (i < text.size() && text[i] == '-') ++i;
  if (i < text.size() && text[i] == '0') {
    ++i;
  } else if (!digits()) {
    return false;
  }
  if (i < text.size() && text[i] == '.') {
    ++i;
    if (!digits()) return false;
  }
  if (i < text.size() && (text[i] == 'e' || text[i] == 'E')) {
    ++i;
    if (i < text.size() && (text[i] == '+' || text[i] == '-')) ++i;
    if (!digits()) return false;
  }
  return i == text.size();
}

// Which keys the open objects have had, to see one twice. Few keys are compared one by one, many through a set.
class SeenKeys {
 public:
  void clear() { keys_.clear(), levels_.clear(), kept_.clear(); }
  void open() { levels_.push_back({keys_.size(), nullptr}); }
  void close() { keys_.resize(levels_.back().first), levels_.pop_back(); }
  bool add(std::string_view key, bool escaped) {  // false: was there
    if (escaped) key = kept_.emplace_back(key);
    const std::size_t first = levels_.back().first;
    auto& set = levels_.back().many;
    if (set == nullptr && keys_.size() - first < kFew) {
      if (std::find(keys_.begin() + static_cast<std::ptrdiff_t>(first), keys_.end(), key) != keys_.end()) return false;
      keys_.push_back(key);
      return true;
    }
    if (set == nullptr) set = std::make_unique<Set>(keys_.begin() + static_cast<std::ptrdiff_t>(first), keys_.end());
    return set->insert(key).second;
  }

 private:
  using Set = std::unordered_set<std::string_view>;
  struct Level {
    std::size_t first;          // of its keys in keys_
    std::unique_ptr<Set> many;  // beyond kFew
  };
  static constexpr std::size_t kFew = 24;
  std::vector<std::string_view> keys_;
  std::vector<Level> levels_;
  std::list<std::string> kept_;
};

class Walk {
 public:
  Walk(const std::string& text, const JsonLimits& limits, JsonSink& sink, SeenKeys& seen) : text_(text), limits_(limits), sink_(sink), seen_(seen) {
    seen_.clear();
  }

  Result<void, JsonError> run(od::parser& parser) {
    od::document document;
    const auto error = parser.iterate(sj::padded_string_view(text_.data(), text_.size(), text_.capacity())).get(document);
    if (error == sj::CAPACITY || error == sj::MEMALLOC) return fail(JsonError{0, "too large"});
    if (error != sj::SUCCESS) return fail(JsonError{0, sj::error_message(error)});
    document_ = &document;
    if (!root(document)) return fail(JsonError{at_, std::move(what_)});
    return {};
  }

 private:
  bool stop(std::size_t at, std::string_view what) { return at_ = at, what_ = what, false; }
  bool stop(std::string_view what) { return stop(here(), what); }
  // Where the walk stands: the next token, or the end of the text.
  std::size_t here() {
    const char* place = nullptr;
    if (document_->current_location().get(place) != sj::SUCCESS || place < text_.data() || place > text_.data() + text_.size()) return text_.size();
    return static_cast<std::size_t>(place - text_.data());
  }
  // The end of a bracket that was just closed: the last byte before the next token that is not white space.
  std::size_t end_before_here() {
    std::size_t end = here();
    while (end > 0 && is_space(text_[end - 1])) --end;
    return end;
  }

  bool root(od::document& document) {
    sj::ondemand::json_type type{};
    if (document.type().get(type) != sj::SUCCESS) return stop("expected a JSON object");
    const std::size_t begin = here();
    if (type == od::json_type::object) {
      od::object object_value;
      if (document.get_object().get(object_value) != sj::SUCCESS) return stop(begin, "an object or list is not closed");
      if (!object(object_value, begin)) return false;
    } else if (type == od::json_type::array) {
      od::array array_value;
      if (document.get_array().get(array_value) != sj::SUCCESS) return stop(begin, "an object or list is not closed");
      if (!array(array_value, begin)) return false;
    } else {
      return stop(begin, "expected a JSON object");
    }
    const char* rest = nullptr;
    if (document.current_location().get(rest) == sj::SUCCESS) return stop("unexpected bytes after the end");
    return true;
  }

  bool enter() {
    if (++depth_ > limits_.depth) return stop("nested too deep");
    return true;
  }
  bool count() {
    if (++values_ > limits_.values) return stop("too many values");
    return true;
  }

  bool object(od::object& object, std::size_t begin) {
    if (!enter() || !count() || !sink_.open_object(begin)) return false;
    seen_.open();
    for (auto result : object) {
      od::field field;
      if (std::move(result).get(field) != sj::SUCCESS) return stop("expected , or } or a key");
      if (!key(field.key()) || !value(field.value())) return false;
    }
    seen_.close();
    --depth_;
    return sink_.close_object(end_before_here());
  }

  bool array(od::array& array, std::size_t begin) {
    if (!enter() || !count() || !sink_.open_array(begin)) return false;
    for (auto result : array) {
      od::value element;
      if (std::move(result).get(element) != sj::SUCCESS) return stop("expected , or ]");
      if (!value(element)) return false;
    }
    --depth_;
    return sink_.close_array(end_before_here());
  }

  bool key(od::raw_json_string raw) {
    if (!count()) return false;
    const auto begin = static_cast<std::size_t>(raw.raw() - text_.data());  // behind the opening quote
    std::size_t end = begin;
    bool escaped = false;
    for (; end < text_.size() && text_[end] != '"'; ++end)
      if (text_[end] == '\\') escaped = true, ++end;
    if (end >= text_.size()) return stop(begin - 1, "a key is not closed");
    std::string_view name(text_.data() + begin, end - begin);
    std::string decoded;
    if (escaped) {
      if (!unescape(name, decoded)) return stop(begin - 1, "malformed escape in a key");
      name = decoded;
    }
    if (!seen_.add(name, escaped)) return stop(begin - 1, "a key stands twice in one object");
    return sink_.key(JsonText{{begin - 1, end + 1}, escaped}, name);
  }

  bool value(od::value value) {
    std::string_view token = value.raw_json_token();
    while (!token.empty() && is_space(token.back())) token.remove_suffix(1);
    const auto begin = static_cast<std::size_t>(token.data() - text_.data());
    if (token.empty() || begin >= text_.size()) return stop(text_.size(), "expected a value");
    const Span span{begin, begin + token.size()};
    switch (token.front()) {
      case '{': {
        od::object inner;
        if (value.get_object().get(inner) != sj::SUCCESS) return stop(begin, "malformed object");
        return object(inner, begin);
      }
      case '[': {
        od::array inner;
        if (value.get_array().get(inner) != sj::SUCCESS) return stop(begin, "malformed list");
        return array(inner, begin);
      }
      case '"': {
        od::raw_json_string raw;
        if (token.size() < 2 || token.back() != '"' || value.get_raw_json_string().get(raw) != sj::SUCCESS) return stop(begin, "malformed string");
        const bool escaped = token.find('\\') != std::string_view::npos;
        return count() && sink_.string(JsonText{span, escaped});
      }
      case 't':
      case 'f':
      case 'n':
        if (token != "true" && token != "false" && token != "null") return stop(begin, "expected a value");
        return count() && sink_.literal(span);
      default:
        if (!is_number(token)) return stop(begin, "expected a value");
        return count() && sink_.number(span);
    }
  }

  const std::string& text_;
  const JsonLimits& limits_;
  JsonSink& sink_;
  od::document* document_ = nullptr;
  SeenKeys& seen_;
  std::size_t depth_ = 0, values_ = 0;
  std::size_t at_ = 0;
  std::string what_;
};

}  // namespace

Result<void, JsonError> read_json(const std::string& text, const JsonLimits& limits, JsonSink& sink) {
  CHECK(text.capacity() >= text.size() + kJsonPadding);
  thread_local od::parser kept;
  thread_local SeenKeys kept_seen;  // a sink does not read JSON while it is told of some
  if (text.size() <= kKeptCapacity_bytes) return Walk(text, limits, sink, kept_seen).run(kept);
  od::parser once;
  SeenKeys seen;
  return Walk(text, limits, sink, seen).run(once);
}

}  // namespace demarc::dialect
