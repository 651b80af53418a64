#include "policy/problem.hpp"

namespace demarc::policy {

std::string print(const PolicyProblem& problem) {
  std::string line = problem.file;
  if (problem.line > 0) line += ':' + std::to_string(problem.line) + ':' + std::to_string(problem.column);
  line += problem.severity == Severity::error ? ": error: " : ": warning: ";
  line += problem.message;
  if (!problem.nearest.empty()) line += " (did you mean \"" + problem.nearest + "\"?)";
  return line;
}

}  // namespace demarc::policy
