// read_export: a file of any known format as Rows, streaming: gigabytes in a few megabytes of memory.
//
//   auto read = read_export(path, formats, {.row = …, .rejected = …, .progress = …});
//   read->format, read->rows, read->rejected
//
// What cannot be read is told with its line and never stops the rest: rows + rejected + other_services is every record of the file. One thread.
#pragma once

#include <cstdint>
#include <functional>
#include <iosfwd>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "planning/import/format.hpp"

namespace demarc::planning {

struct ExportSink {
  std::function<void(Row&&)> row;
  std::function<void(const Rejected&)> rejected;
  std::function<void(std::uint64_t bytes)> progress = [](std::uint64_t) {};  // read so far
};

struct ExportRead {
  std::string format;
  std::int64_t rows = 0, rejected = 0, other_services = 0;
  std::uint64_t bytes = 0;
};

struct UnknownColumns {  // no format knows them: what the wizard works with
  std::vector<std::string> columns;
  std::vector<std::vector<std::string>> first_rows;  // at most 3
};

struct ExportError {
  std::string message;
  UnknownColumns unknown;  // columns empty: the message is all
};

Result<ExportRead, ExportError> read_export(std::istream& in, const std::vector<Format>& formats, const ExportSink& sink);

}  // namespace demarc::planning
