// CsvRows: reads CSV (RFC 4180) of any size, row by row, in a fixed amount of memory.
//
//   CsvRows rows(in);
//   while (auto row = rows.next()) use(row->line, row->fields);
//
// Commas, semicolons and tabs separate, as the first line shows; a BOM is skipped; quoted fields may hold line ends. A quote that is never closed
// costs its own line, not the rest of the file: what follows it is read again. Rows end at LF or CR LF. One thread.
#pragma once

#include <cstdint>
#include <istream>
#include <optional>
#include <string>
#include <vector>

namespace demarc::planning {

struct CsvRow {
  std::int64_t line = 0;  // where it begins, from 1
  std::vector<std::string> fields;
  std::string wrong;  // not empty: the line could not be read, and why
};

class CsvRows {
 public:
  static constexpr std::size_t kMostRowBytes = 4 << 20, kMostFields = 2000;

  explicit CsvRows(std::istream& in) : in_(in) {}
  std::optional<CsvRow> next();  // empty lines are passed over
  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }
  [[nodiscard]] char separator() const { return separator_; }

 private:
  bool more();  // reads on; false at the end
  std::optional<CsvRow> parse();

  std::istream& in_;
  std::string buffer_;
  std::size_t at_ = 0;  // of the next row in the buffer
  std::int64_t line_ = 1;
  std::uint64_t bytes_ = 0;
  bool ended_ = false, begun_ = false;
  char separator_ = ',';
};

}  // namespace demarc::planning
