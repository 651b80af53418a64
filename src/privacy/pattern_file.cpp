#include "privacy/pattern_file.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/strings.hpp"
#include "core/yaml/tree.hpp"
#include "privacy/chars.hpp"

namespace demarc::privacy {
namespace {

constexpr std::array<std::string_view, 10> kKeys = {"type", "regex", "terms", "terms_file", "words", "alone", "score", "case", "examples", "not"};
constexpr std::size_t kLongestType = 64, kLongestPhrase = 60;

bool is_type(std::string_view text) {
  return text.size() >= 2 && text.size() <= kLongestType && text[0] >= 'A' && text[0] <= 'Z' &&
         std::all_of(text.begin(), text.end(), [](char c) { return (c >= 'A' && c <= 'Z') || is_digit(c) || c == '_'; });
}

// One file's entries, and everything that is wrong with them.
class Reader {
 public:
  explicit Reader(const std::string& file) : file_(file) {}

  void read(const YamlNode& root) {
    const YamlNode* list = root.kind == YamlKind::map ? root.find("patterns") : nullptr;
    if (list == nullptr || list->kind != YamlKind::list) return wrong(root, "a file of patterns is `patterns:` and a list below it");
    for (const YamlNode& key : root.keys)
      if (key.text != "patterns") unknown(key, {"patterns"});
    for (const YamlNode& item : list->items) read_entry(item);
  }

  std::vector<PatternEntry> entries;
  std::vector<PatternProblem> problems;

 private:
  void wrong(const YamlNode& at, std::string message) { problems.push_back({file_, at.line, at.column, std::move(message)}); }
  void unknown(const YamlNode& key, const std::vector<std::string>& known) {
    const auto near = nearest(key.text, known);
    wrong(key, "unknown key '" + key.text + "'" + (near ? "; did you mean '" + *near + "'?" : ""));
  }

  void read_entry(const YamlNode& node) {
    if (node.kind != YamlKind::map) return wrong(node, "an entry is a map with `type` and `regex`, `terms` or `terms_file`");
    for (const YamlNode& key : node.keys)
      if (std::find(kKeys.begin(), kKeys.end(), key.text) == kKeys.end()) unknown(key, {kKeys.begin(), kKeys.end()});
    PatternEntry entry{.file = file_, .line = node.line, .column = node.column};
    entry.type = text(node, "type");
    if (!is_type(entry.type)) wrong(node, "type: capital letters, digits and '_', such as PROJECT_CODE");
    entry.regex = text(node, "regex");
    for (const PatternExample& term : texts(node, "terms")) entry.terms.push_back(term.text);
    entry.terms_file = text(node, "terms_file");
    const bool has_terms = !entry.terms.empty() || !entry.terms_file.empty();
    if (entry.regex.empty() != has_terms) wrong(node, "an entry has either `regex`, or `terms` and `terms_file`");
    for (const PatternExample& word : texts(node, "words")) {
      entry.words.push_back(to_lower(word.text));
      if (word.text.empty() || word.text.size() > kLongestPhrase) wrong(node, "words: of 1 to 60 bytes each");
    }
    entry.alone = flag(node, "alone").value_or(entry.words.empty());
    if (!entry.alone && entry.words.empty()) wrong(node, "alone: false needs `words` beside which it counts");
    read_score(node, entry);
    const std::string letter_case = text(node, "case");
    if (!letter_case.empty() && letter_case != "any" && letter_case != "exact") wrong(*node.find("case"), "case: any or exact");
    if (letter_case == "exact") entry.letter_case = LetterCase::exact;
    entry.examples = texts(node, "examples");
    entry.counter_examples = texts(node, "not");
    entries.push_back(std::move(entry));
  }

  void read_score(const YamlNode& node, PatternEntry& entry) {
    const std::string score = text(node, "score");
    if (score.empty()) return;
    const auto [end, error] = std::from_chars(score.data(), score.data() + score.size(), entry.score);
    if (error != std::errc() || end != score.data() + score.size() || entry.score <= 0 || entry.score > 1)
      wrong(*node.find("score"), "score: above 0, at most 1");
  }

  std::string text(const YamlNode& node, std::string_view key) {
    const YamlNode* found = node.find(key);
    if (found == nullptr) return {};
    if (found->kind != YamlKind::scalar || found->text.empty()) return wrong(*found, std::string(key) + ": one text"), std::string();
    return found->text;
  }

  std::vector<PatternExample> texts(const YamlNode& node, std::string_view key) {
    std::vector<PatternExample> out;
    const YamlNode* found = node.find(key);
    if (found == nullptr) return out;
    if (found->kind != YamlKind::list) return wrong(*found, std::string(key) + ": a list of texts"), out;
    for (const YamlNode& item : found->items) {
      if (item.kind == YamlKind::scalar)
        out.push_back({item.text, item.line, item.column});
      else
        wrong(item, std::string(key) + ": a list of texts");
    }
    return out;
  }

  std::optional<bool> flag(const YamlNode& node, std::string_view key) {
    const std::string value = text(node, key);
    if (value.empty()) return std::nullopt;
    if (value != "true" && value != "false") wrong(*node.find(key), std::string(key) + ": true or false");
    return value == "true";
  }

  const std::string& file_;
};

}  // namespace

std::string print(const std::vector<PatternProblem>& problems) {
  std::string out;
  for (const PatternProblem& problem : problems) {
    if (!out.empty()) out += '\n';
    out += problem.file;
    if (problem.line > 0) out += ":" + std::to_string(problem.line) + ":" + std::to_string(problem.column);
    out += ": " + problem.message;
  }
  return out;
}

Result<std::vector<PatternEntry>, std::vector<PatternProblem>> read_pattern_file(std::string_view text, const std::string& file) {
  const auto root = parse_yaml(text);
  if (!root) return fail(std::vector<PatternProblem>{{file, root.error().line, root.error().column, root.error().message}});
  Reader reader(file);
  reader.read(*root);
  if (!reader.problems.empty()) return fail(std::move(reader.problems));
  return std::move(reader.entries);
}

}  // namespace demarc::privacy
