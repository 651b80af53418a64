// Fields: one checked section, read by key. What check() complained of, and what is not there, reads as nullopt, so the loader goes straight on and
// reports the rest too.
//
//   const Fields fields(node);
//   spec.no_store = fields.flag("no_store").value_or(false);
//
// Views into the tree, which must outlive it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/strings.hpp"
#include "config/keys.hpp"
#include "core/yaml/tree.hpp"

namespace demarc::config {

class Fields {
 public:
  explicit Fields(const YamlNode& map) : map_(map) {}

  [[nodiscard]] const YamlNode& map() const { return map_; }
  [[nodiscard]] const YamlNode* node(std::string_view key) const { return map_.find(key); }
  [[nodiscard]] const YamlNode* scalar(std::string_view key) const {
    const YamlNode* found = map_.find(key);
    return found != nullptr && found->kind == YamlKind::scalar ? found : nullptr;
  }
  [[nodiscard]] std::optional<std::string> text(std::string_view key) const {
    const YamlNode* found = scalar(key);
    return found == nullptr ? std::nullopt : std::optional(std::string(trim(found->text)));
  }
  [[nodiscard]] std::optional<std::int64_t> whole(std::string_view key) const { return parsed(key, parse_whole); }
  [[nodiscard]] std::optional<std::int64_t> ppm(std::string_view key) const { return parsed(key, parse_ppm); }
  [[nodiscard]] std::optional<bool> flag(std::string_view key) const { return parsed(key, parse_flag); }
  [[nodiscard]] std::optional<Money> dollars(std::string_view key) const { return parsed(key, Money::parse); }
  template <class Parse>  // parse_tier, parse_operation, …
  [[nodiscard]] auto parsed(std::string_view key, Parse parse) const -> decltype(parse(std::string_view{})) {
    const YamlNode* found = scalar(key);
    if (found == nullptr) return {};
    return parse(std::string_view(found->text));
  }
  // The scalars of a list, or the one that stands for it.
  [[nodiscard]] std::vector<const YamlNode*> list(std::string_view key) const {
    const YamlNode* found = map_.find(key);
    return found == nullptr ? std::vector<const YamlNode*>{} : scalars_of(*found);
  }
  static std::vector<const YamlNode*> scalars_of(const YamlNode& node) {
    std::vector<const YamlNode*> out;
    if (node.kind == YamlKind::scalar) out.push_back(&node);
    if (node.kind != YamlKind::list) return out;
    for (const YamlNode& item : node.items)
      if (item.kind == YamlKind::scalar) out.push_back(&item);
    return out;
  }
  // The maps of a list.
  [[nodiscard]] std::vector<const YamlNode*> sections(std::string_view key) const {
    std::vector<const YamlNode*> out;
    const YamlNode* found = map_.find(key);
    if (found == nullptr || found->kind != YamlKind::list) return out;
    for (const YamlNode& item : found->items)
      if (item.kind == YamlKind::map) out.push_back(&item);
    return out;
  }
  [[nodiscard]] std::optional<Fields> section(std::string_view key) const {
    const YamlNode* found = map_.find(key);
    if (found == nullptr || found->kind != YamlKind::map) return {};
    return Fields(*found);
  }

 private:
  const YamlNode& map_;
};

}  // namespace demarc::config
