// A YAML document as a tree in which every node knows its line and column, read from yaml-cpp's events, because its own nodes lose duplicate keys
// and would follow aliases.
//
//   Result<YamlNode, ConfigProblem> root = parse_yaml(text, "demarc.yaml");
//   const YamlNode* upstreams = root->find("upstreams");
//
// Anchors, aliases, tags, a second document and keys that are not words are refused; depth and number of nodes are bounded. Pure; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "config/problem.hpp"

namespace demarc::config {

inline constexpr std::size_t kMaxYamlDepth = 12;
inline constexpr std::size_t kMaxYamlNodes = 200'000;

enum class YamlKind : std::uint8_t { null, scalar, list, map };

struct YamlNode {
  YamlKind kind = YamlKind::null;
  bool quoted = false;      // in quotes it is a word, never a number or a flag
  bool expanded = false;    // holds the value of a variable: never printed
  bool unexpanded = false;  // holds a ${NAME} that was left alone: unknown, whatever its shape
  std::string text;         // scalar
  int line = 1, column = 1;
  std::vector<YamlNode> items;                                     // a list's elements, a map's values
  std::vector<YamlNode> keys;                                      // a map's keys, one for each value; may hold duplicates
  [[nodiscard]] const YamlNode* find(std::string_view key) const;  // the first
};

Result<YamlNode, ConfigProblem> parse_yaml(std::string_view text, const std::string& file);

}  // namespace demarc::config
