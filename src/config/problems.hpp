// Problems: where the loader's steps leave what they find, so that all of it is reported at once. One thread.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/problem.hpp"
#include "core/yaml/tree.hpp"

namespace demarc::config {

inline constexpr std::size_t kMaxProblems = 100;  // a file of rubbish needs no longer list

class Problems {
 public:
  explicit Problems(std::string file) : file_(std::move(file)) {}

  void error(const YamlNode& at, std::string message) { add(errors_, at, std::move(message)); }
  void warn(const YamlNode& at, std::string message) { add(warnings_, at, std::move(message)); }
  [[nodiscard]] bool any() const { return !errors_.empty(); }
  // In the order of the file.
  [[nodiscard]] std::vector<ConfigProblem> take_errors();
  [[nodiscard]] std::vector<ConfigProblem> take_warnings();

 private:
  void add(std::vector<ConfigProblem>& to, const YamlNode& at, std::string message) {
    if (to.size() < kMaxProblems) to.push_back({file_, at.line, at.column, std::move(message)});
  }
  std::string file_;
  std::vector<ConfigProblem> errors_, warnings_;
};

// "; did you mean 'x'?" or "".
std::string did_you_mean(std::string_view text, const std::vector<std::string>& candidates);
// 'text' in quotes, shortened; a variable's value is not shown.
std::string shown(const YamlNode& node);

}  // namespace demarc::config
