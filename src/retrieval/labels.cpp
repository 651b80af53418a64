#include "retrieval/labels.hpp"

#include <fnmatch.h>

#include <algorithm>

#include "base/strings.hpp"
#include "core/yaml/tree.hpp"

namespace demarc::retrieval {
namespace {

constexpr std::size_t kMostEntries = 1'000, kMostFrontMatterBytes = 16U << 10U;

std::string at(const YamlNode& node) { return ".demarc-labels.yaml:" + std::to_string(node.line) + ":" + std::to_string(node.column) + ": "; }

}  // namespace

std::optional<Sensitivity> higher(std::optional<Sensitivity> a, std::optional<Sensitivity> b) {
  if (!a || !b) return a ? a : b;
  return std::max(*a, *b);
}

std::optional<Sensitivity> FolderLabels::of(std::string_view path) const {
  std::optional<Sensitivity> level;
  const std::string name(path);
  for (const Entry& entry : entries)
    if (fnmatch(entry.path.c_str(), name.c_str(), 0) == 0) level = higher(level, entry.sensitivity);  // without FNM_PATHNAME "*" passes over "/"
  return level;
}

Result<FolderLabels, std::string> read_folder_labels(std::string_view yaml) {
  const auto root = parse_yaml(yaml, {.bytes = 256U << 10U, .depth = 4});
  if (!root)
    return fail(".demarc-labels.yaml:" + std::to_string(root.error().line) + ":" + std::to_string(root.error().column) + ": " + root.error().message);
  FolderLabels labels;
  if (root->kind == YamlKind::null) return labels;
  const YamlNode* list = root->find("labels");
  if (root->kind != YamlKind::map || root->items.size() != 1 || list == nullptr || list->kind != YamlKind::list)
    return fail(at(*root) + "expected one key, labels: a list of {path, sensitivity}");
  for (const YamlNode& item : list->items) {
    const YamlNode *path = item.find("path"), *level = item.find("sensitivity");
    if (item.kind != YamlKind::map || item.items.size() != 2 || path == nullptr || level == nullptr || path->kind != YamlKind::scalar)
      return fail(at(item) + "expected {path: …, sensitivity: …}");
    const auto sensitivity = parse_sensitivity(level->text);
    if (!sensitivity) return fail(at(*level) + "expected public, internal, confidential or restricted");
    if (labels.entries.size() == kMostEntries) return fail(at(item) + "more than 1,000 entries");
    labels.entries.push_back({path->text, *sensitivity});
  }
  return labels;
}

std::optional<Sensitivity> label_in(std::string_view text) {
  if (!text.starts_with("---\n") && !text.starts_with("---\r\n")) return {};
  const std::size_t begin = text.find('\n') + 1, end = text.find("\n---", begin - 1);
  if (end == std::string_view::npos || end - begin > kMostFrontMatterBytes) return {};
  const std::string_view matter = text.substr(begin, end - begin);
  for (std::string_view line : split(matter, '\n')) {
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || trim(line.substr(0, colon)) != "sensitivity") continue;
    std::string_view level = trim(line.substr(colon + 1));
    if (level.size() >= 2 && (level.front() == '"' || level.front() == '\'') && level.back() == level.front())
      level = level.substr(1, level.size() - 2);
    return parse_sensitivity(level).value_or(Sensitivity::restricted);
  }
  return {};
}

}  // namespace demarc::retrieval
