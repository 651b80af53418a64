// One finding as `demarc redact` tells it: where and what, never the value. Its JSON is the same in the report, on stdout and in the journal.
#pragma once

#include <simdjson.h>

#include <cstdint>
#include <string>
#include <vector>

#include "core/json/writer.hpp"

namespace demarc::cli {

struct Found {
  std::string type, kind, path, tier, reason;  // path: JSON Pointer into the file, "" for a text in one piece
  std::uint64_t start = 0, end = 0;            // code points of the file, or of the value at `path`; end exclusive
  std::uint64_t line = 0;                      // from 1; 0: it has none
  double score = 0;
};

void write_found(JsonWriter& json, const std::vector<Found>& all);  // the field "findings"
std::vector<Found> read_found(simdjson::dom::element holder);       // of it; what is no finding is left out

}  // namespace demarc::cli
