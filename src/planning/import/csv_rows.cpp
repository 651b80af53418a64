#include "planning/import/csv_rows.hpp"

#include <algorithm>
#include <array>

namespace demarc::planning {
namespace {

constexpr std::size_t kPiece = 1 << 16;

char separator_of(std::string_view first_line) {
  char best = ',';
  std::ptrdiff_t most = 0;
  for (const char c : {',', ';', '\t'})
    if (const auto count = std::ranges::count(first_line, c); count > most) most = count, best = c;
  return best;
}

}  // namespace

bool CsvRows::more() {
  if (ended_) return false;
  buffer_.erase(0, at_), at_ = 0;
  const std::size_t had = buffer_.size();
  const std::size_t piece = std::max(kPiece, had);  // a long row is looked at anew with every piece
  buffer_.resize(had + piece);
  in_.read(buffer_.data() + had, static_cast<std::streamsize>(piece));
  const auto got = static_cast<std::size_t>(in_.gcount());
  buffer_.resize(had + got);
  bytes_ += got;
  ended_ = got < piece;
  return got > 0;
}

// One row at at_; nothing if the buffer ends before the row does.
std::optional<CsvRow> CsvRows::parse() {
  CsvRow row{.line = line_};
  std::string field;
  std::size_t i = at_;
  std::int64_t lines = 0;
  const std::size_t most = std::min(buffer_.size(), at_ + kMostRowBytes);
  enum class In : std::uint8_t { start, plain, quoted, after_quote } in = In::start;
  const auto ends = [&](std::size_t next) {
    row.fields.push_back(std::move(field));
    at_ = next, line_ += lines + 1;
    return row;
  };
  for (; i < most; ++i) {
    const char c = buffer_[i];
    if (in == In::quoted) {
      if (c == '"')
        in = In::after_quote;
      else
        field += c, lines += c == '\n' ? 1 : 0;
      continue;
    }
    if (in == In::after_quote && c == '"') {
      field += c, in = In::quoted;
      continue;
    }
    if (c == '\n') {
      if (!field.empty() && field.back() == '\r' && in == In::plain) field.pop_back();
      return ends(i + 1);
    }
    if (c == separator_) {
      row.fields.push_back(std::move(field)), field.clear(), in = In::start;
      if (row.fields.size() > kMostFields) break;
    } else if (c == '"' && in == In::start) {
      in = In::quoted;
    } else if (c != '\r' || in == In::plain) {
      if (c == '\r' && i + 1 < buffer_.size() && buffer_[i + 1] == '\n') continue;
      field += c, in = in == In::after_quote ? In::after_quote : In::plain;
    }
  }
  const bool too_long = row.fields.size() > kMostFields || i - at_ >= kMostRowBytes;
  if (!too_long && !ended_) return {};
  if (!too_long && in != In::quoted) {
    if (field.empty() && row.fields.empty()) {
      at_ = buffer_.size();
      return {};
    }
    return ends(buffer_.size());
  }
  // Its first physical line alone is lost.
  row.wrong = in == In::quoted ? "a quote that is opened here is never closed" : "longer than 4 MiB or 2,000 fields";
  const std::size_t end = buffer_.find('\n', at_);
  row.fields.clear();
  if (end == std::string::npos) {
    at_ = buffer_.size();
  } else {
    at_ = end + 1;
  }
  ++line_;
  return row;
}

std::optional<CsvRow> CsvRows::next() {
  if (!begun_) {
    begun_ = true;
    more();
    if (buffer_.starts_with("\xef\xbb\xbf")) at_ = 3;
    separator_ = separator_of(std::string_view(buffer_).substr(at_, buffer_.find('\n') - at_));
  }
  for (;;) {
    if (at_ < buffer_.size() || !ended_) {
      auto row = parse();
      if (row) {
        if (row->wrong.empty() && row->fields.size() == 1 && row->fields[0].empty()) continue;
        return row;
      }
    }
    if (ended_ && at_ >= buffer_.size()) return {};
    if (!more() && ended_ && at_ >= buffer_.size()) return {};
  }
}

}  // namespace demarc::planning
