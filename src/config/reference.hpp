// The key tables as documents: the JSON Schema that editors use and the tables of docs/reference/config.md. A test fails when the committed files
// differ from what is made here.
//
//   demarc::config::json_schema()            // docs/formats/demarc.schema.json; also what the binary prints
//
// Pure; any thread.
#pragma once

#include <string>

namespace demarc::config {

std::string json_schema();      // JSON Schema 2020-12, ends with a newline
std::string keys_markdown();    // a heading and a table per section
std::string limits_markdown();  // one table

}  // namespace demarc::config
