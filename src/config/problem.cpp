#include "config/problem.hpp"

namespace demarc::config {

std::string to_string(const ConfigProblem& problem) {
  std::string out = problem.file;
  if (problem.line > 0) out += ":" + std::to_string(problem.line) + ":" + std::to_string(problem.column);
  return out + ": " + problem.message;
}

std::string to_string(const std::vector<ConfigProblem>& problems) {
  std::string out;
  for (const ConfigProblem& problem : problems) {
    if (!out.empty()) out += '\n';
    out += to_string(problem);
  }
  return out;
}

}  // namespace demarc::config
