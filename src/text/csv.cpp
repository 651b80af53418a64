#include "text/csv.hpp"

#include <algorithm>

#include "base/strings.hpp"

namespace demarc::text {
namespace {

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}
  [[nodiscard]] bool more() const { return at_ < bytes_.size(); }
  [[nodiscard]] std::size_t line() const { return line_; }

  Result<std::vector<std::string>, std::string> row() {
    std::vector<std::string> fields;
    for (;;) {
      if (fields.size() == kMaxColumns) return fail("line " + std::to_string(line_) + ": more than 1000 columns");
      fields.push_back(TRY(field()));
      if (!more()) return fields;
      const char end = bytes_[at_++];
      if (end == ',') continue;
      if (end == '\r' && more() && bytes_[at_] == '\n') ++at_;
      ++line_;
      return fields;
    }
  }

 private:
  Result<std::string, std::string> field() {
    std::string out;
    if (!more() || bytes_[at_] != '"') {
      const std::size_t end = std::min(bytes_.find_first_of(",\r\n", at_), bytes_.size());
      out = bytes_.substr(at_, end - at_);
      at_ = end;
      return out;
    }
    const std::size_t began = line_;
    for (++at_;; ++at_) {
      if (!more()) return fail("line " + std::to_string(began) + ": a quoted field does not end");
      const char c = bytes_[at_];
      if (c == '\n') ++line_;
      if (c != '"') {
        out += c;
        continue;
      }
      if (at_ + 1 < bytes_.size() && bytes_[at_ + 1] == '"') {
        out += '"';
        ++at_;
        continue;
      }
      ++at_;
      if (more() && std::string_view(",\r\n").find(bytes_[at_]) == std::string_view::npos)
        return fail("line " + std::to_string(line_) + ": something follows a quoted field");
      return out;
    }
  }

  const std::string_view bytes_;
  std::size_t at_ = 0, line_ = 1;
};

}  // namespace

Result<std::size_t, std::string> Table::column(std::string_view name) const {
  const auto found = std::ranges::find(head, name);
  if (found != head.end()) return static_cast<std::size_t>(found - head.begin());
  std::string there;
  for (const std::string& one : head) there += (there.empty() ? "" : ", ") + one;
  return fail("there is no column \"" + std::string(name) + "\"; there are: " + there);
}

Result<Table, std::string> read_csv(std::string_view bytes) {
  if (bytes.starts_with(kByteOrderMark)) bytes.remove_prefix(kByteOrderMark.size());
  if (!is_utf8(bytes)) return fail(std::string("it is not UTF-8"));
  Reader reader(bytes);
  Table table;
  if (!reader.more()) return fail(std::string("it is empty"));
  table.head = TRY(reader.row());
  while (reader.more()) {
    const std::size_t line = reader.line();
    std::vector<std::string> row = TRY(reader.row());
    if (row.size() == 1 && row[0].empty() && table.head.size() > 1) continue;  // an empty line
    if (row.size() != table.head.size())
      return fail("line " + std::to_string(line) + " has " + std::to_string(row.size()) + " fields, and the head has " +
                  std::to_string(table.head.size()));
    if (table.rows.size() == kMaxRows) return fail(std::string("it has more than 2,000,000 rows"));
    table.rows.push_back(std::move(row));
  }
  return table;
}

std::string csv_field(std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(text);
  std::string out = "\"";
  for (const char c : text) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + "\"";
}

}  // namespace demarc::text
