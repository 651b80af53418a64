#include "config/problems.hpp"

#include <algorithm>
#include <tuple>

#include "base/strings.hpp"

namespace demarc::config {
namespace {

std::vector<ConfigProblem> in_order(std::vector<ConfigProblem> problems) {
  std::ranges::sort(problems, {}, [](const ConfigProblem& p) { return std::tuple(p.line, p.column, std::string_view(p.message)); });
  return problems;
}

}  // namespace

std::vector<ConfigProblem> Problems::take_errors() { return in_order(std::move(errors_)); }
std::vector<ConfigProblem> Problems::take_warnings() { return in_order(std::move(warnings_)); }

std::string did_you_mean(std::string_view text, const std::vector<std::string>& candidates) {
  if (text.size() > 64) return {};  // edit distance is quadratic
  const auto near = nearest(text, candidates);
  return near ? "; did you mean '" + *near + "'?" : "";
}

std::string shown(const YamlNode& node) {
  if (node.expanded) return "the value of a variable";
  constexpr std::size_t kLongest = 48;
  std::string out = "'";
  for (const char c : node.text.substr(0, kLongest)) out += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? '?' : c;
  return out + (node.text.size() > kLongest ? "…'" : "'");
}

}  // namespace demarc::config
