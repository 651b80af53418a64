#include "planning/inventory/scan_code.hpp"

#include <filesystem>
#include <fstream>

#include "base/strings.hpp"
#include "core/yaml/tree.hpp"

namespace demarc::planning {
namespace {

constexpr std::int64_t kMostFiles = 2'000'000;
constexpr std::size_t kMostBytes = 2 << 20;

std::vector<std::pair<std::string, std::vector<std::string>>> words_of(const YamlNode* list) {
  std::vector<std::pair<std::string, std::vector<std::string>>> out;
  if (list == nullptr) return out;
  for (const YamlNode& item : list->items) {
    const YamlNode *name = item.find("name"), *words = item.find("words");
    if (name == nullptr || words == nullptr) continue;
    out.emplace_back(name->text, std::vector<std::string>());
    for (const YamlNode& word : words->items) out.back().second.push_back(word.text);
  }
  return out;
}

std::set<std::string> set_of(const YamlNode* list) {
  std::set<std::string> out;
  if (list != nullptr)
    for (const YamlNode& item : list->items) out.insert(item.text);
  return out;
}

}  // namespace

Result<Sdks, std::string> read_sdks(std::string_view yaml) {
  const auto root = parse_yaml(yaml);
  if (!root) return fail("line " + std::to_string(root.error().line) + ": " + root.error().message);
  Sdks out{words_of(root->find("sdks")), words_of(root->find("features")), set_of(root->find("endings")), set_of(root->find("skip"))};
  if (out.sdks.empty() || out.endings.empty()) return fail(std::string("sdks and endings belong here"));
  return out;
}

void scan_text(std::string_view text, const Sdks& sdks, CodeUse& into) {
  std::size_t first = std::string_view::npos;
  for (const auto& [name, words] : sdks.sdks)
    for (const std::string& word : words)
      if (const std::size_t at = text.find(word); at != std::string_view::npos) first = std::min(first, at), into.sdks.insert(name);
  if (into.sdks.empty()) return;
  into.line = 1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(first), '\n');
  for (const auto& [name, words] : sdks.features)
    for (const std::string& word : words)
      if (text.find(word) != std::string_view::npos) into.features.insert(name);
}

Result<CodeScan, std::string> scan_code(const std::string& folder, const Sdks& sdks) {
  namespace fs = std::filesystem;
  std::error_code error;
  if (!fs::is_directory(folder, error)) return fail(folder + ": is no folder");
  CodeScan out;
  std::string text;
  for (fs::recursive_directory_iterator at(folder, fs::directory_options::skip_permission_denied, error), end; at != end; at.increment(error)) {
    if (error) return fail(folder + ": " + error.message());
    if (at->is_symlink(error)) continue;
    if (at->is_directory(error)) {
      if (sdks.skip.contains(at->path().filename().string())) at.disable_recursion_pending();
      continue;
    }
    const std::string ending = at->path().extension().string();
    if (ending.size() < 2 || !sdks.endings.contains(ending.substr(1)) || !at->is_regular_file(error) || at->file_size(error) > kMostBytes) continue;
    if (++out.files > kMostFiles) return fail(folder + ": more than 2,000,000 files; scan its parts");
    std::ifstream in(at->path(), std::ios::binary);
    text.assign(kMostBytes, '\0');
    in.read(text.data(), static_cast<std::streamsize>(text.size()));
    if (in.bad() || !in.is_open()) {
      ++out.unreadable;
      continue;
    }
    text.resize(static_cast<std::size_t>(in.gcount()));
    CodeUse use{.file = fs::relative(at->path(), folder, error).string()};
    scan_text(text, sdks, use);
    if (!use.sdks.empty()) out.uses.push_back(std::move(use));
  }
  std::ranges::sort(out.uses, {}, &CodeUse::file);
  return out;
}

}  // namespace demarc::planning
