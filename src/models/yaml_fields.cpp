#include "models/yaml_fields.hpp"

#include <algorithm>
#include <charconv>

namespace demarc::models {
namespace {

constexpr std::size_t kMaxYamlBytes = 4 << 20;
constexpr std::size_t kMaxElements = 10'000;

Failure<ModelError> at(const YamlOrigin& origin, int line, std::string_view what) {
  return fail(ModelError{origin.kind, origin.file + ":" + std::to_string(line + 1) + ": " + std::string(what)});
}

std::string quoted(std::string_view key) { return "'" + std::string(key) + "'"; }

}  // namespace

ModelResult<YAML::Node> parse_yaml(std::string_view text, const YamlOrigin& origin) {
  if (text.size() > kMaxYamlBytes) return at(origin, 0, "larger than 4 MiB");
  try {
    return YAML::Load(std::string(text));
  } catch (const YAML::Exception& error) {  // the library's only way to say so
    return at(origin, error.mark.line, error.msg);
  }
}

ModelResult<Fields> Fields::of(const YAML::Node& node, const YamlOrigin& origin, std::initializer_list<std::string_view> allowed) {
  if (!node.IsDefined() || !node.IsMap()) return at(origin, node.IsDefined() ? node.Mark().line : 0, "expected a map of keys");
  std::vector<std::string> seen;
  for (const auto& pair : node) {
    if (!pair.first.IsScalar()) return at(origin, pair.first.Mark().line, "expected a plain key");
    const std::string& key = pair.first.Scalar();
    if (std::ranges::find(allowed, key) == allowed.end()) return at(origin, pair.first.Mark().line, "unknown key " + quoted(key));
    if (std::ranges::find(seen, key) != seen.end()) return at(origin, pair.first.Mark().line, "the key " + quoted(key) + " stands here twice");
    seen.push_back(key);
  }
  return Fields(node, origin);
}

bool Fields::has(std::string_view key) const { return node_[std::string(key)].IsDefined(); }

ModelResult<YAML::Node> Fields::node(std::string_view key) const {
  if (!has(key)) return problem("the key " + quoted(key) + " is missing");
  return node_[std::string(key)];
}

ModelResult<std::string> Fields::text(std::string_view key) const {
  const YAML::Node found = TRY(node(key));
  if (!found.IsScalar() || found.Scalar().empty()) return at(origin_, found.Mark().line, quoted(key) + " must be a text");
  return found.Scalar();
}

ModelResult<std::string> Fields::text_or(std::string_view key, std::string_view otherwise) const {
  if (!has(key)) return std::string(otherwise);
  return text(key);
}

ModelResult<std::uint64_t> Fields::number(std::string_view key) const {
  const std::string found = TRY(text(key));
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(found.data(), found.data() + found.size(), number);
  if (error != std::errc{} || end != found.data() + found.size()) return problem(quoted(key) + " must be a whole number");
  return number;
}

ModelResult<std::uint64_t> Fields::number_or(std::string_view key, std::uint64_t otherwise) const {
  if (!has(key)) return otherwise;
  return number(key);
}

ModelResult<bool> Fields::flag_or_false(std::string_view key) const {
  const std::string found = TRY(text_or(key, "false"));
  if (found != "true" && found != "false") return problem(quoted(key) + " must be true or false");
  return found == "true";
}

ModelResult<std::vector<YAML::Node>> Fields::list(std::string_view key) const {
  std::vector<YAML::Node> elements;
  if (!has(key)) return elements;
  const YAML::Node found = TRY(node(key));
  if (!found.IsSequence()) return at(origin_, found.Mark().line, quoted(key) + " must be a list");
  if (found.size() > kMaxElements) return at(origin_, found.Mark().line, quoted(key) + " has too many elements");
  for (const YAML::Node& element : found) elements.push_back(element);
  return elements;
}

ModelResult<std::vector<std::string>> Fields::texts(std::string_view key) const {
  std::vector<std::string> texts;
  for (const YAML::Node& element : TRY(list(key))) {
    if (!element.IsScalar() || element.Scalar().empty()) return at(origin_, element.Mark().line, quoted(key) + " must be a list of texts");
    texts.push_back(element.Scalar());
  }
  return texts;
}

Failure<ModelError> Fields::problem(std::string_view what) const { return at(origin_, node_.Mark().line, what); }

}  // namespace demarc::models
