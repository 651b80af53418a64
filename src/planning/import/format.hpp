// Format: which columns of an export mean what. Those demarc knows are in formats.yaml, compiled in; a file of the same form maps any other CSV or
// JSON.
//
//   auto formats = read_formats(builtin_formats(), "built in");
//   const Format* format = recognise(*formats, columns);
//   Mapper mapper(*format, columns);
//   Mapped row = mapper.map(fields, line);            // a Row, or why it is none
//
// Formats are immutable, any thread; a Mapper belongs to one.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.hpp"
#include "planning/import/row.hpp"

namespace demarc::planning {

std::string_view builtin_formats();

struct Format {
  std::string name, provider;  // provider "": a column says it, or "unknown"
  RowKind kind = RowKind::usage;
  std::string operation;  // of all its rows; "": a column says it, or nobody
  std::vector<std::string> needs, also_needs_any;
  std::map<std::string, std::string> fields;  // ours to the export's column
  std::vector<std::string> input_includes;    // classes that the export counts within input as well
  bool cost_in_cents = false;
  std::string model_ends_at, strip_prefix;
  std::map<std::string, std::vector<std::string>> only;          // rows of other values are not about models
  std::vector<std::pair<std::string, std::string>> token_class;  // ending of the model's column to class
  bool tokens_are_usage = false;                                 // of an invoice: it also says what was used
  bool each_row_is_a_request = false;
};

Result<std::vector<Format>, std::string> read_formats(std::string_view yaml, const std::string& file);
const Format* recognise(const std::vector<Format>& formats, const std::vector<std::string>& columns);
// What a wizard asks for: our fields in its order, with what they mean.
const std::vector<std::pair<std::string, std::string>>& mappable_fields();
std::string print_mapping(const Format& format);  // as read_formats reads it

struct OtherService {};  // `only` left it out
using Mapped = std::variant<Row, Rejected, OtherService>;

class Mapper {
 public:
  Mapper(const Format& format, const std::vector<std::string>& columns);
  Mapped map(const std::vector<std::string>& values, std::int64_t line) const;

 private:
  [[nodiscard]] std::uint64_t whole(const std::vector<std::string>& values) const;
  [[nodiscard]] std::string_view value(const std::vector<std::string>& values, std::string_view field) const;
  const Format& format_;
  std::map<std::string, std::vector<std::size_t>, std::less<>> places_;  // of our fields; several columns of one name add up
  std::vector<std::pair<std::size_t, const std::vector<std::string>*>> only_;
  std::vector<bool> of_page_;  // columns that speak of the page a row came on
};

// Times as exports write them: RFC 3339, "2026-03-01 00:00:00", 2026-03-01, 03/31/2026, seconds, milli-, micro- or nanoseconds since 1970.
std::optional<Instant> parse_export_time(std::string_view text);
// Money and counts as they write them: 1234.5, -0.5, 1.2e-05; "" is nothing. Rounded half to even at the pico-dollar.
std::optional<Money> parse_export_money(std::string_view text);

}  // namespace demarc::planning
