#include "planning/import/read_export.hpp"

#include <algorithm>
#include <array>
#include <istream>
#include <unordered_map>

#include "base/strings.hpp"
#include "planning/import/csv_rows.hpp"
#include "planning/import/json_rows.hpp"

namespace demarc::planning {
namespace {

constexpr std::int64_t kProgressRows = 4096;

struct Counted {
  ExportRead read;
  const ExportSink& sink;
  void take(Mapped mapped) {
    if (auto* row = std::get_if<Row>(&mapped)) {
      ++read.rows, sink.row(std::move(*row));
    } else if (const auto* rejected = std::get_if<Rejected>(&mapped)) {
      reject(*rejected);
    } else {
      ++read.other_services;
    }
  }
  void reject(const Rejected& rejected) {
    if (read.rejected++ == 0) first_rejected = "line " + std::to_string(rejected.line) + " " + rejected.reason;
    sink.rejected(rejected);
  }
  std::string first_rejected;
};

Result<ExportRead, ExportError> read_csv(std::istream& in, const std::vector<Format>& formats, const ExportSink& sink) {
  CsvRows rows(in);
  auto head = rows.next();
  if (!head || !head->wrong.empty()) return fail(ExportError{"has no line of column names", {}});
  for (std::string& column : head->fields) column = std::string(trim(column));
  const Format* format = recognise(formats, head->fields);
  if (format == nullptr) {
    UnknownColumns unknown{head->fields, {}};
    for (int i = 0; i < 3; ++i)
      if (auto row = rows.next()) unknown.first_rows.push_back(row->fields);
    return fail(ExportError{"its columns are those of no known format", unknown});
  }
  const Mapper mapper(*format, head->fields);
  Counted out{.read = {.format = format->name}, .sink = sink};
  while (auto row = rows.next()) {
    if (!row->wrong.empty())
      out.reject({row->line, row->wrong});
    else if (row->fields.size() != head->fields.size())
      out.reject(
          {row->line, "has " + std::to_string(row->fields.size()) + " fields where the first line names " + std::to_string(head->fields.size())});
    else
      out.take(mapper.map(row->fields, row->line));
    if ((out.read.rows + out.read.rejected) % kProgressRows == 0) sink.progress(rows.bytes());
  }
  out.read.bytes = rows.bytes();
  return out.read;
}

// Rows of JSON differ in the columns they have: a mapper for each set of columns.
Result<ExportRead, ExportError> read_json(std::istream& in, const std::vector<Format>& formats, const ExportSink& sink) {
  JsonRows rows(in);
  std::unordered_map<std::string, std::pair<const Format*, std::unique_ptr<Mapper>>> mappers;
  Counted out{.sink = sink};
  std::vector<std::string> columns, values;
  UnknownColumns unknown;
  while (auto row = rows.next()) {
    if (!row->wrong.empty()) {
      out.reject({row->line, row->wrong});
      continue;
    }
    columns.clear(), values.clear();
    std::string shape;
    for (auto& [name, value] : row->columns) shape += name + "\n", columns.push_back(std::move(name)), values.push_back(std::move(value));
    auto found = mappers.find(shape);
    if (found == mappers.end()) {
      const Format* format = recognise(formats, columns);
      if (mappers.size() > 1000) mappers.clear();
      found = mappers.emplace(shape, std::pair(format, format == nullptr ? nullptr : std::make_unique<Mapper>(*format, columns))).first;
    }
    const auto& [format, mapper] = found->second;
    if (format == nullptr) {
      if (unknown.columns.empty()) unknown.columns = columns, unknown.first_rows = {values};
      out.reject({row->line, "its fields are those of no known format"});
    } else {
      if (out.read.format.empty()) out.read.format = format->name;
      out.take(mapper->map(values, row->line));
    }
    if ((out.read.rows + out.read.rejected) % kProgressRows == 0) sink.progress(rows.bytes());
  }
  if (out.read.format.empty())
    return fail(ExportError{!unknown.columns.empty()     ? "its fields are those of no known format"
                            : out.first_rejected.empty() ? "holds no rows"
                                                         : "holds no rows that can be read: " + out.first_rejected,
                            unknown});
  out.read.bytes = rows.bytes();
  return out.read;
}

// What vendors also deliver: said by its name, with what to do, where a row by row reading would only find garbage.
std::optional<std::string_view> no_text(std::istream& in) {
  std::array<char, 4> head{};
  in.read(head.data(), head.size());
  const std::string_view begin(head.data(), static_cast<std::size_t>(in.gcount()));
  in.clear(), in.seekg(begin.starts_with("\xef\xbb\xbf") ? 3 : 0);
  if (begin.starts_with("\x1f\x8b")) return "is compressed (gzip): unpack it first, gunzip FILE";
  if (begin.starts_with("PK\x03\x04")) return "is a ZIP archive or an Excel file: unpack it, or save the sheet as CSV";
  if (begin == "PAR1") return "is a Parquet file: write it as CSV or JSON lines first";
  if (begin.starts_with("\xff\xfe") || begin.starts_with("\xfe\xff")) return "is UTF-16: save it as UTF-8 (iconv -f UTF-16 -t UTF-8)";
  return {};
}

}  // namespace

Result<ExportRead, ExportError> read_export(std::istream& in, const std::vector<Format>& formats, const ExportSink& sink) {
  // JSON begins with a brace or a bracket, after white space and perhaps a BOM; all else is tried as CSV.
  if (const auto other = no_text(in)) return fail(ExportError{std::string(*other), {}});
  int c = in.peek();
  while (c == ' ' || c == '\n' || c == '\r' || c == '\t') in.get(), c = in.peek();
  if (c == std::istream::traits_type::eof()) return fail(ExportError{"is empty", {}});
  return c == '{' || c == '[' ? read_json(in, formats, sink) : read_csv(in, formats, sink);
}

}  // namespace demarc::planning
