// A YAML document as a tree in which every node knows its line and column. Policy needs exact places for its errors, duplicate keys as errors and
// hard limits, which is why it listens to yaml-cpp's events instead of loading its nodes.
//
//   Result<YamlNode, PolicyProblem> root = parse_yaml(text, "policy.yaml", {.depth = 8, .nodes = 400'000});
//   const YamlNode* rules = root->find("rules");
//
// Anchors, aliases, tags and a second document are refused: they hide what a policy says. Pure; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "policy/problem.hpp"

namespace demarc::policy {

enum class YamlKind : std::uint8_t { null, scalar, list, map };

struct YamlNode {
  YamlKind kind = YamlKind::null;
  bool quoted = false;  // a scalar in quotes is a word, never a number or a flag
  std::string text;     // scalar
  int line = 1, column = 1;
  std::vector<YamlNode> items;  // a list's elements, a map's values
  std::vector<YamlNode> keys;   // a map's keys, one for each value: unique scalars
  [[nodiscard]] const YamlNode* find(std::string_view key) const;
};

struct YamlLimits {
  std::size_t depth = 8;
  std::size_t nodes = 400'000;
};

Result<YamlNode, PolicyProblem> parse_yaml(std::string_view text, std::string_view file, YamlLimits limits);

}  // namespace demarc::policy
