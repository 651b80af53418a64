// Any bytes as a usage export: every record is a row, or rejected with a line, or left out; costs and counts of rows are such that they add up.
#include <sstream>

#include "base/strings.hpp"
#include "fuzz.hpp"
#include "planning/import/read_export.hpp"

FUZZ(plan_import) {
  static const auto formats = planning::read_formats(planning::builtin_formats(), "built in");
  CHECK(formats.ok());
  std::istringstream in{std::string(bytes)};
  std::int64_t rows = 0, rejected = 0, last_line = 0;
  const auto read =
      planning::read_export(in, *formats,
                            {.row =
                                 [&](planning::Row&& row) {
                                   ++rows;
                                   CHECK(row.line >= 1 && row.usage.total_input() >= 0 && row.usage.total_output() >= 0 && row.requests >= 0);
                                   CHECK(row.line >= last_line), last_line = row.line;
                                   // Sums over millions of rows stay within 64 bits.
                                   CHECK(row.usage.total_input() <= 5 * planning::Row::kMostCount && row.requests <= planning::Row::kMostCount);
                                   CHECK(row.start.unix_ns >= 0 && row.end.unix_ns >= 0);
                                 },
                             .rejected =
                                 [&](const planning::Rejected& one) {
                                   ++rejected;
                                   CHECK(one.line >= 1 && !one.reason.empty() && one.reason.size() < 500);
                                 }});
  if (!read) return CHECK(!read.error().message.empty());
  CHECK(read->rows == rows && read->rejected == rejected && read->bytes <= bytes.size());
}
