// Fields: reads one YAML map strictly. Every problem is a sentence with file, line and key; nothing throws out of here.
//
//   const YamlOrigin origin{"models.lock", ModelErrorKind::bad_lock};
//   const YamlNode root = TRY(parse_yaml(text, origin));
//   const Fields model = TRY(Fields::of(root, origin, {"name", "digest"}));
//   const std::string name = TRY(model.text("name"));
//
// A view of the tree and of the origin, which must outlive it. One thread.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/yaml/tree.hpp"
#include "models/error.hpp"

namespace demarc::models {

struct YamlOrigin {
  std::string file;
  ModelErrorKind kind = ModelErrorKind::bad_catalogue;
};

ModelResult<YamlNode> parse_yaml(std::string_view text, const YamlOrigin& origin);

class Fields {
 public:
  // A map with no other keys than `allowed`.
  static ModelResult<Fields> of(const YamlNode& node, const YamlOrigin& origin, std::initializer_list<std::string_view> allowed);

  [[nodiscard]] bool has(std::string_view key) const;
  ModelResult<std::string> text(std::string_view key) const;
  ModelResult<std::string> text_or(std::string_view key, std::string_view otherwise) const;
  ModelResult<std::uint64_t> number(std::string_view key) const;
  ModelResult<std::uint64_t> number_or(std::string_view key, std::uint64_t otherwise) const;
  ModelResult<bool> flag_or_false(std::string_view key) const;
  // A list's elements; none if the key is missing.
  ModelResult<std::span<const YamlNode>> list(std::string_view key) const;
  ModelResult<std::vector<std::string>> texts(std::string_view key) const;
  ModelResult<const YamlNode*> node(std::string_view key) const;

  [[nodiscard]] Failure<ModelError> problem(std::string_view what) const;  // at this map's line

 private:
  Fields(const YamlNode& node, const YamlOrigin& origin) : node_(&node), origin_(&origin) {}
  const YamlNode* node_;
  const YamlOrigin* origin_;
};

}  // namespace demarc::models
