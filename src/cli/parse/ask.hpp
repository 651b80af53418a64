// One document's request and answer.
//
//   Result<Parsed, ParseFault> parsed = ask_for(connection, order, "report.pdf", bytes, WorkClass::normal);
//   parsed->markdown(), parsed->body
//
// Any thread.
#pragma once

#include <string>

#include "cli/connection.hpp"
#include "cli/parse/run.hpp"
#include "core/operation.hpp"

namespace demarc::cli {

struct ParseFault {
  int exit_code = 1;
  std::string why;
};

struct Parsed {
  std::string body;      // JSON, as the gateway answered
  std::string markdown;  // its pages' one behind the other
};

Result<Parsed, ParseFault> ask_for(Connection& connection, const ParseOrder& order, const std::string& name, std::string_view bytes,
                                   WorkClass work_class);

}  // namespace demarc::cli
