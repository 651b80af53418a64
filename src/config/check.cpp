#include "config/check.hpp"

#include <algorithm>
#include <tuple>

#include "base/strings.hpp"
#include "core/money.hpp"

namespace demarc::config {
namespace {

constexpr std::size_t kMaxListLength = 1000;  // upstreams, models, names: beyond it something generated the file by mistake

bool is_name_character(char c, bool first) {
  return c == '_' || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (!first && c >= '0' && c <= '9');
}

bool is_variable_name(std::string_view name) {
  if (name.empty() || name.size() > 256) return false;
  for (std::size_t i = 0; i < name.size(); ++i)
    if (!is_name_character(name[i], i == 0)) return false;
  return true;
}

void expand_scalar(YamlNode& node, const Environment& environment, LoadMode mode, Problems& problems) {
  std::string out;
  std::size_t at = 0;
  for (;;) {
    const std::size_t open = node.text.find("${", at);
    out += node.text.substr(at, open - at);
    if (open == std::string::npos) break;
    const std::size_t close = node.text.find('}', open);
    const std::string name = close == std::string::npos ? "" : node.text.substr(open + 2, close - open - 2);
    if (!is_variable_name(name)) return problems.error(node, "'${' needs a variable's name and '}'");
    node.unexpanded = true;  // until it is
    at = close + 1;
    if (mode == LoadMode::policy_only) continue;
    const auto value = environment.variable(name);
    if (!value) return problems.error(node, "the variable " + name + " is not set");
    out += *value;
  }
  if (mode == LoadMode::policy_only || !node.unexpanded) return;
  node.unexpanded = false, node.expanded = true, node.text = std::move(out);
}

bool has_control_character(std::string_view text) {
  return std::ranges::any_of(text, [](unsigned char c) { return c < 0x20 || c == 0x7f; });
}

template <class Names>
std::string list_of(const Names& names) {
  std::string out;
  for (const auto& name : names) out += (out.empty() ? "" : ", ") + std::string(name);
  return out;
}

std::string unit_of(std::string_view key) {
  if (key.ends_with("_mib")) return " of MiB, without a unit";
  if (key.ends_with("_kib")) return " of KiB, without a unit";
  if (key.ends_with("_ms")) return " of milliseconds, without a unit";
  if (key.ends_with("_minutes")) return " of minutes, without a unit";
  return "";
}

// What is wrong with this scalar for that key; "" if nothing.
std::string fault_of(const YamlNode& node, const KeySpec& key) {
  const std::string name(key.name);
  switch (key.shape) {
    case Shape::whole: {
      const auto value = node.quoted ? std::nullopt : parse_whole(node.text);
      if (!value) return name + " is a whole number" + unit_of(key.name);
      if (*value < key.min || *value > key.max) return name + " lies between " + std::to_string(key.min) + " and " + std::to_string(key.max);
      return {};
    }
    case Shape::share: return !node.quoted && parse_ppm(node.text) ? "" : name + " is a number from 0 to 1 with at most six decimals";
    case Shape::dollars: {
      const auto value = Money::parse(node.text);
      return value && *value >= Money{} ? "" : name + " is an amount of dollars, digits with at most twelve decimals";
    }
    case Shape::flag: return !node.quoted && parse_flag(node.text) ? "" : name + " is true or false";
    case Shape::choice:
    case Shape::choices: {
      if (std::ranges::find(key.choices, node.text) != key.choices.end()) return {};
      const std::vector<std::string> names(key.choices.begin(), key.choices.end());
      return name + ": " + shown(node) + " is none of " + list_of(key.choices) + (node.expanded ? "" : did_you_mean(node.text, names));
    }
    case Shape::text:
    case Shape::path:
    case Shape::secret:
    case Shape::texts:
    case Shape::entries:
    case Shape::targets:
      if (trim(node.text).empty()) return name + " is empty";
      return has_control_character(node.text) ? name + " holds a control character" : "";
    case Shape::section:
    case Shape::sections: return name + " has keys of its own" + (key.shape == Shape::sections ? ", as a list of entries" : "");
  }
  return {};
}

void check_scalar(const YamlNode& node, const KeySpec& key, Problems& problems) {
  if (node.unexpanded) return;
  if (node.kind == YamlKind::null) return problems.error(node, std::string(key.name) + " has no value");
  if (node.kind != YamlKind::scalar) return problems.error(node, std::string(key.name) + " takes one value here");
  if (std::string fault = fault_of(node, key); !fault.empty()) problems.error(node, std::move(fault));
}

bool is_bounded(const YamlNode& node, const KeySpec& key, Problems& problems) {
  if (node.items.size() <= kMaxListLength) return true;
  problems.error(node, std::string(key.name) + " has more than " + std::to_string(kMaxListLength) + " entries");
  return false;
}

void check_scalars(const YamlNode& node, const KeySpec& key, Problems& problems) {
  if (node.kind != YamlKind::list) return check_scalar(node, key, problems);
  if (node.items.empty()) problems.error(node, std::string(key.name) + " is an empty list");
  if (!is_bounded(node, key, problems)) return;
  for (std::size_t i = 0; i < node.items.size(); ++i) {
    check_scalar(node.items[i], key, problems);
    const auto same = [&](const YamlNode& other) { return !other.text.empty() && other.text == node.items[i].text; };
    if (std::any_of(node.items.begin(), node.items.begin() + static_cast<std::ptrdiff_t>(i), same))
      problems.error(node.items[i], std::string(key.name) + " names this twice");
  }
}

void check_unique_keys(const YamlNode& node, Problems& problems) {
  std::vector<const YamlNode*> keys;
  for (const YamlNode& key : node.keys) keys.push_back(&key);
  std::ranges::sort(keys, {}, [](const YamlNode* key) { return std::tuple(std::string_view(key->text), key->line, key->column); });
  for (std::size_t i = 1; i < keys.size(); ++i)
    if (keys[i]->text == keys[i - 1]->text)
      problems.error(*keys[i], shown(*keys[i]) + " stands here twice, first in line " + std::to_string(keys[i - 1]->line));
}

void check_value(const YamlNode& node, const KeySpec& key, Problems& problems) {
  const bool is_list = node.kind == YamlKind::list;
  switch (key.shape) {
    case Shape::section: return check(node, *key.section, problems);
    case Shape::sections:
      if (!is_list) return problems.error(node, std::string(key.name) + " is a list");
      if (!is_bounded(node, key, problems)) return;
      for (const YamlNode& item : node.items) check(item, *key.section, problems);
      return;
    case Shape::entries:
      if (!is_list) return problems.error(node, std::string(key.name) + " is a list");
      if (!is_bounded(node, key, problems)) return;
      for (const YamlNode& item : node.items) item.kind == YamlKind::map ? check(item, *key.section, problems) : check_scalar(item, key, problems);
      return;
    case Shape::targets:
      if (node.kind != YamlKind::map) return problems.error(node, std::string(key.name) + " maps each name to a list");
      if (!is_bounded(node, key, problems)) return;
      check_unique_keys(node, problems);
      for (const YamlNode& item : node.items) check_scalars(item, key, problems);
      return;
    case Shape::texts:
    case Shape::choices: return check_scalars(node, key, problems);
    case Shape::text:
    case Shape::path:
    case Shape::secret:
    case Shape::whole:
    case Shape::share:
    case Shape::dollars:
    case Shape::flag:
    case Shape::choice: return check_scalar(node, key, problems);
  }
}

}  // namespace

void expand(YamlNode& node, const Environment& environment, LoadMode mode, Problems& problems) {
  if (node.kind == YamlKind::scalar) expand_scalar(node, environment, mode, problems);
  for (YamlNode& item : node.items) expand(item, environment, mode, problems);
}

void check(const YamlNode& node, const Section& section, Problems& problems) {
  const std::string where = section.path.empty() ? "the file" : std::string(section.path);
  if (node.kind != YamlKind::map) return problems.error(node, where + " holds keys with values");
  std::vector<std::string> names;
  for (const KeySpec& key : section.keys) names.emplace_back(key.name);

  check_unique_keys(node, problems);
  for (std::size_t i = 0; i < node.keys.size(); ++i) {
    const KeySpec* key = section.find(node.keys[i].text);
    if (key == nullptr)
      problems.error(node.keys[i], "unknown key " + shown(node.keys[i]) + " in " + where + did_you_mean(node.keys[i].text, names));
    else
      check_value(node.items[i], *key, problems);
  }
  for (const KeySpec& key : section.keys)
    if (key.presence == Presence::required && node.find(key.name) == nullptr)
      problems.error(node, where + (section.path.empty() ? " needs " : ": missing ") + std::string(key.name));
}

}  // namespace demarc::config
