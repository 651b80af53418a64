// What the tests of this folder read: one small export of each source, and how.
#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <vector>

#include "planning/import/read_export.hpp"

namespace demarc::planning {

inline const std::string kGolden = std::string(DEMARC_SOURCE_DIR) + "/tests/golden/planning/";

inline const std::vector<Format>& formats() {
  static const auto read = read_formats(builtin_formats(), "built in");
  EXPECT_TRUE(read.ok()) << read.error();
  return *read;
}

struct Read {
  ExportRead read;
  std::vector<Row> rows;
  std::vector<Rejected> rejected;
};
inline Read read_stream(std::istream& in) {
  Read out;
  auto read =
      read_export(in, formats(),
                  {.row = [&](Row&& row) { out.rows.push_back(std::move(row)); }, .rejected = [&](const Rejected& r) { out.rejected.push_back(r); }});
  EXPECT_TRUE(read.ok()) << read.error().message;
  if (read) out.read = *read;
  return out;
}
inline Read read_golden(const char* name) {
  std::ifstream in(kGolden + name, std::ios::binary);
  return read_stream(in);
}

}  // namespace demarc::planning
