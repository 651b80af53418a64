#include "models/yaml_fields.hpp"

#include <algorithm>
#include <charconv>

namespace demarc::models {
namespace {

constexpr std::size_t kMaxElements = 10'000;

Failure<ModelError> at(const YamlOrigin& origin, int line, std::string_view what) {
  return fail(ModelError{origin.kind, origin.file + ":" + std::to_string(line) + ": " + std::string(what)});
}

std::string in_quotes(std::string_view key) { return "'" + std::string(key) + "'"; }

}  // namespace

ModelResult<YamlNode> parse_yaml(std::string_view text, const YamlOrigin& origin) {
  return demarc::parse_yaml(text).map_error([&](const YamlProblem& problem) { return at(origin, std::max(problem.line, 1), problem.message).error; });
}

ModelResult<Fields> Fields::of(const YamlNode& node, const YamlOrigin& origin, std::initializer_list<std::string_view> allowed) {
  if (node.kind != YamlKind::map) return at(origin, node.line, "expected a map of keys");
  for (const YamlNode& key : node.keys)
    if (std::ranges::find(allowed, key.text) == allowed.end()) return at(origin, key.line, "unknown key " + in_quotes(key.text));
  return Fields(node, origin);
}

bool Fields::has(std::string_view key) const { return node_->find(key) != nullptr; }

ModelResult<const YamlNode*> Fields::node(std::string_view key) const {
  const YamlNode* found = node_->find(key);
  if (found == nullptr) return problem("the key " + in_quotes(key) + " is missing");
  return found;
}

ModelResult<std::string> Fields::text(std::string_view key) const {
  const YamlNode& found = *TRY(node(key));
  if (found.text.empty()) return at(*origin_, found.line, in_quotes(key) + " must be a text");
  return found.text;
}

ModelResult<std::string> Fields::text_or(std::string_view key, std::string_view otherwise) const {
  if (!has(key)) return std::string(otherwise);
  return text(key);
}

ModelResult<std::uint64_t> Fields::number(std::string_view key) const {
  const std::string found = TRY(text(key));
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(found.data(), found.data() + found.size(), number);
  if (error != std::errc{} || end != found.data() + found.size()) return problem(in_quotes(key) + " must be a whole number");
  return number;
}

ModelResult<std::uint64_t> Fields::number_or(std::string_view key, std::uint64_t otherwise) const {
  if (!has(key)) return otherwise;
  return number(key);
}

ModelResult<bool> Fields::flag_or_false(std::string_view key) const {
  const std::string found = TRY(text_or(key, "false"));
  if (found != "true" && found != "false") return problem(in_quotes(key) + " must be true or false");
  return found == "true";
}

ModelResult<std::span<const YamlNode>> Fields::list(std::string_view key) const {
  const YamlNode* found = node_->find(key);
  if (found == nullptr) return std::span<const YamlNode>{};
  if (found->kind != YamlKind::list) return at(*origin_, found->line, in_quotes(key) + " must be a list");
  if (found->items.size() > kMaxElements) return at(*origin_, found->line, in_quotes(key) + " has too many elements");
  return std::span<const YamlNode>(found->items);
}

ModelResult<std::vector<std::string>> Fields::texts(std::string_view key) const {
  std::vector<std::string> texts;
  for (const YamlNode& element : TRY(list(key))) {
    if (element.text.empty()) return at(*origin_, element.line, in_quotes(key) + " must be a list of texts");
    texts.push_back(element.text);
  }
  return texts;
}

Failure<ModelError> Fields::problem(std::string_view what) const { return at(*origin_, node_->line, what); }

}  // namespace demarc::models
