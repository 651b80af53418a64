// PolicyProblem: something in policy.yaml that is wrong (error: the file is not taken) or suspicious (warning), with the place where it stands.
//
//   policy.yaml:7:24: error: unknown attribute "caller.taem" (did you mean "caller.team"?)
//
// Pure value.
#pragma once

#include <cstdint>
#include <string>

namespace demarc::policy {

enum class Severity : std::uint8_t { error, warning };

struct PolicyProblem {
  Severity severity = Severity::error;
  std::string file;
  int line = 0, column = 0;  // from 1; 0: the file as a whole
  std::string message;
  std::string nearest{};  // the valid word nearest to what was written; "" if none is near
};

std::string print(const PolicyProblem& problem);  // one line, as above, without its end

}  // namespace demarc::policy
