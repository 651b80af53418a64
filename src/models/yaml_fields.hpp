// Fields: reads one YAML map strictly. Every problem is a sentence with file, line and key; nothing throws out of here.
//
//   const YAML::Node root = TRY(parse_yaml(text, "models.lock", ModelErrorKind::bad_lock));
//   const Fields model = TRY(Fields::of(root, {"models.lock", ModelErrorKind::bad_lock}, {"name", "digest"}));
//   const std::string name = TRY(model.text("name"));
//
// One thread.
#pragma once

#include <yaml-cpp/yaml.h>

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "models/error.hpp"

namespace demarc::models {

struct YamlOrigin {
  std::string file;
  ModelErrorKind kind = ModelErrorKind::bad_catalogue;
};

ModelResult<YAML::Node> parse_yaml(std::string_view text, const YamlOrigin& origin);

class Fields {
 public:
  // A map with no other keys than `allowed`, each once.
  static ModelResult<Fields> of(const YAML::Node& node, const YamlOrigin& origin, std::initializer_list<std::string_view> allowed);

  [[nodiscard]] bool has(std::string_view key) const;
  ModelResult<std::string> text(std::string_view key) const;
  ModelResult<std::string> text_or(std::string_view key, std::string_view otherwise) const;
  ModelResult<std::uint64_t> number(std::string_view key) const;
  ModelResult<std::uint64_t> number_or(std::string_view key, std::uint64_t otherwise) const;
  ModelResult<bool> flag_or_false(std::string_view key) const;
  // A list's elements; none if the key is missing.
  ModelResult<std::vector<YAML::Node>> list(std::string_view key) const;
  ModelResult<std::vector<std::string>> texts(std::string_view key) const;
  ModelResult<YAML::Node> node(std::string_view key) const;

  [[nodiscard]] Failure<ModelError> problem(std::string_view what) const;  // at this map's line

 private:
  Fields(YAML::Node node, YamlOrigin origin) : node_(std::move(node)), origin_(std::move(origin)) {}
  YAML::Node node_;
  YamlOrigin origin_;
};

}  // namespace demarc::models
