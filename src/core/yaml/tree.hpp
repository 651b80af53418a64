// A YAML document as a tree in which every node knows its line and column, read from yaml-cpp's events, because that library's own nodes lose
// duplicate keys and follow aliases. demarc.yaml, policy.yaml, price files, the catalogue and models.lock are read with it.
//
//   Result<YamlNode, YamlProblem> root = parse_yaml(text, {.depth = 8});
//   const YamlNode* rules = root->find("rules");
//
// Anchors, aliases, tags, a second document and keys that are not words are refused: they hide what a file says. Size, depth and number of nodes are
// bounded. A problem names a place and a construct or a key, never a value. Pure; any thread. A module of its own, so that yaml-cpp stays where YAML
// is read.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace demarc {

enum class YamlKind : std::uint8_t { null, scalar, list, map };

struct YamlNode {
  YamlKind kind = YamlKind::null;
  bool quoted = false;      // in quotes it is a word, never a number or a flag
  bool expanded = false;    // config/ put the value of a variable here: never printed
  bool unexpanded = false;  // config/ left a ${NAME} alone here: unknown, whatever its shape
  std::string text;         // scalar
  int line = 1, column = 1;
  std::vector<YamlNode> items;                                     // a list's elements, a map's values
  std::vector<YamlNode> keys;                                      // a map's keys, one for each value
  [[nodiscard]] const YamlNode* find(std::string_view key) const;  // a map's value; the first if DuplicateKeys::kept; nullptr: there is none
};

enum class DuplicateKeys : std::uint8_t { refused, kept };  // kept: the reader reports them, together with what else is wrong

struct YamlLimits {
  std::size_t bytes = 4 << 20;
  std::size_t depth = 12;
  std::size_t nodes = 200'000;
  DuplicateKeys duplicate_keys = DuplicateKeys::refused;
};

struct YamlProblem {
  int line = 0, column = 0;  // from 1; 0: the file as a whole
  std::string message;
};

// An empty text is a null node.
Result<YamlNode, YamlProblem> parse_yaml(std::string_view text, const YamlLimits& limits = {});

}  // namespace demarc
