// Reads a table of comma-separated values (RFC 4180) with a head line: fields in quotes may hold commas, quotes (twice) and line ends.
//
//   const Table table = TRY(read_csv(bytes));
//   const std::size_t column = TRY(table.column("text"));
//   table.rows[3][column]
//
// Bytes from outside: every row has as many fields as the head, and limits hold. Pure; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace demarc::text {

inline constexpr std::size_t kMaxRows = 2'000'000, kMaxColumns = 1'000;

struct Table {
  std::vector<std::string> head;
  std::vector<std::vector<std::string>> rows;
  [[nodiscard]] Result<std::size_t, std::string> column(std::string_view name) const;  // the error lists what there is
};

// The error names the line.
Result<Table, std::string> read_csv(std::string_view bytes);

// As a field of a table: in quotes where it must be.
std::string csv_field(std::string_view text);

}  // namespace demarc::text
