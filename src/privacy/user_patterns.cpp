#include "privacy/user_patterns.hpp"

#include <re2/re2.h>
#include <re2/set.h>

#include <algorithm>
#include <optional>

#include "base/strings.hpp"
#include "privacy/dictionary.hpp"
#include "privacy/nearby.hpp"

namespace demarc::privacy {
namespace {

struct Pattern {
  PatternEntry entry;  // its terms are in the dictionary already
  std::unique_ptr<re2::RE2> regex;
  std::optional<Dictionary> terms;
  std::size_t list = 0;  // of its words
};

std::string file_name(const std::string& path) { return path.substr(path.rfind('/') + 1); }

re2::RE2::Options options_of(LetterCase letter_case) {
  re2::RE2::Options options(re2::RE2::Quiet);
  options.set_case_sensitive(letter_case == LetterCase::exact);
  options.set_max_mem(16 << 20);
  return options;
}

class UserDetector final : public Detector {
 public:
  explicit UserDetector(std::vector<Pattern> patterns) : patterns_(std::move(patterns)), any_regex_(set_options(), re2::RE2::UNANCHORED) {
    for (std::size_t i = 0; i < patterns_.size(); ++i) {
      Pattern& pattern = patterns_[i];
      pattern.list = i;
      for (const std::string& word : pattern.entry.words) words_.add(word, i);
      if (!pattern.regex) continue;
      const bool any_case = pattern.entry.letter_case == LetterCase::any;  // a set has one letter case for all of its own
      any_regex_.Add((any_case ? "(?i:" : "(?:") + pattern.entry.regex + ")", nullptr);
      regexes_.push_back(&pattern);
    }
    if (!regexes_.empty()) use_set_ = any_regex_.Compile();
  }

  [[nodiscard]] std::string_view name() const override { return "patterns"; }
  [[nodiscard]] std::vector<std::string_view> covers() const override {
    std::vector<std::string_view> types;
    for (const Pattern& pattern : patterns_) types.push_back(pattern.entry.type);
    return types;
  }

  void find(const Text& text, std::vector<Finding>& out) const override {
    for (const Pattern& pattern : patterns_) {
      if (pattern.terms) pattern.terms->each(text.text, [&](std::size_t begin, std::size_t end) { accept(pattern, text, begin, end, out); });
    }
    if (regexes_.empty()) return;
    std::vector<int> which;
    re2::RE2::Set::ErrorInfo error{};
    if (use_set_ && !any_regex_.Match({text.text.data(), text.text.size()}, &which, &error) && error.kind == re2::RE2::Set::kNoError) return;
    if (!use_set_ || error.kind != re2::RE2::Set::kNoError) {  // too large for one automaton: each by itself
      for (const Pattern* pattern : regexes_) find_regex(*pattern, text, out);
      return;
    }
    for (const int number : which) find_regex(*regexes_[static_cast<std::size_t>(number)], text, out);
  }

  // The findings of one entry alone, for its examples.
  void find_entry(std::size_t number, const Text& text, std::vector<Finding>& out) const {
    const Pattern& pattern = patterns_[number];
    if (pattern.terms) pattern.terms->each(text.text, [&](std::size_t begin, std::size_t end) { accept(pattern, text, begin, end, out); });
    if (pattern.regex) find_regex(pattern, text, out);
  }

  [[nodiscard]] const std::vector<Pattern>& patterns() const { return patterns_; }

 private:
  static re2::RE2::Options set_options() {
    re2::RE2::Options options(re2::RE2::Quiet);
    options.set_max_mem(64 << 20);
    return options;
  }

  void find_regex(const Pattern& pattern, const Text& input, std::vector<Finding>& out) const {
    const re2::StringPiece text(input.text.data(), input.text.size());
    const int groups = pattern.regex->NumberOfCapturingGroups() > 0 ? 2 : 1;
    re2::StringPiece match[2];
    for (std::size_t at = 0; at <= input.text.size();) {
      if (!pattern.regex->Match(text, at, text.size(), re2::RE2::UNANCHORED, match, groups)) return;
      const re2::StringPiece& value = groups == 2 && match[1].data() != nullptr ? match[1] : match[0];
      const auto begin = static_cast<std::size_t>(value.data() - text.data());
      if (!value.empty()) accept(pattern, input, begin, begin + value.size(), out);
      at = static_cast<std::size_t>(match[0].data() - text.data()) + std::max<std::size_t>(1, match[0].size());
    }
  }

  void accept(const Pattern& pattern, const Text& text, std::size_t begin, std::size_t end, std::vector<Finding>& out) const {
    const PatternEntry& entry = pattern.entry;
    bool named = false;
    if (!entry.words.empty())
      named = std::ranges::any_of(words_.around(text, begin, end), [&](const auto& near) { return near.lists.test(pattern.list); });
    if (!named && !entry.alone) return;
    std::string reason = entry.regex.empty() ? "term of " : "pattern of ";
    reason += file_name(entry.file) + ":" + std::to_string(entry.line) + (named ? "; one of its words beside it" : "");
    out.push_back({.type = entry.type, .begin = begin, .end = end, .score = named ? 1.0F : entry.score, .reason = std::move(reason)});
  }

  std::vector<Pattern> patterns_;
  std::vector<const Pattern*> regexes_;  // by number in any_regex_
  re2::RE2::Set any_regex_;              // which of them are worth a search, in one pass
  bool use_set_ = false;
  NearbyWords words_;
};

// Entries to patterns: expressions compiled, dictionaries read.
class Loader {
 public:
  explicit Loader(Disk& disk) : disk_(disk) {}

  void load(const std::string& file) {
    const auto text = read_file(disk_, file, kMaxPatternFileBytes);
    if (!text) return problems.push_back({file, 0, 0, std::string(to_string(text.error()))});
    auto entries = read_pattern_file(*text, file);
    if (!entries) {
      problems.insert(problems.end(), entries.error().begin(), entries.error().end());
      return;
    }
    for (PatternEntry& entry : *entries) load(std::move(entry));
  }

  std::vector<Pattern> patterns;
  std::vector<PatternProblem> problems;

 private:
  void wrong(const PatternEntry& entry, const std::string& message) { problems.push_back({entry.file, entry.line, entry.column, message}); }

  void load(PatternEntry entry) {
    if (patterns.size() == kMaxPatternEntries)
      return wrong(entry, "more than 100 entries in all; join some, or move their terms into one terms_file");
    Pattern pattern;
    if (!entry.regex.empty()) {
      pattern.regex = std::make_unique<re2::RE2>(entry.regex, options_of(entry.letter_case));
      if (!pattern.regex->ok()) return wrong(entry, "regex: " + pattern.regex->error() + " (RE2's syntax: no look-around, no back-references)");
      if (pattern.regex->Match("", 0, 0, re2::RE2::ANCHOR_BOTH, nullptr, 0))
        return wrong(entry, "regex: it matches the empty text; ask for at least one character");
    } else {
      pattern.terms = read_terms(entry);
    }
    entry.terms = {};
    pattern.entry = std::move(entry);
    patterns.push_back(std::move(pattern));
  }

  std::optional<Dictionary> read_terms(const PatternEntry& entry) {
    DictionaryBuilder builder(entry.letter_case);
    for (const std::string& term : entry.terms) {
      if (builder.add(term) != DictionaryBuilder::Added::yes) wrong(entry, "terms: of 1 to 200 bytes each");
    }
    if (!entry.terms_file.empty()) {
      const std::string path = entry.terms_file.starts_with('/') ? entry.terms_file : parent_directory(entry.file) + "/" + entry.terms_file;
      const auto text = read_file(disk_, path, kMaxTermsFileBytes);
      if (!text) return wrong(entry, "terms_file: " + path + ": " + std::string(to_string(text.error()))), std::nullopt;
      add_lines(builder, *text, path);
    }
    return std::move(builder).build();
  }

  void add_lines(DictionaryBuilder& builder, std::string_view text, const std::string& path) {
    int line = 0;
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t end = std::min(text.find('\n', at), text.size());
      ++line;
      switch (builder.add(text.substr(at, end - at))) {
        case DictionaryBuilder::Added::yes:
        case DictionaryBuilder::Added::empty: break;
        case DictionaryBuilder::Added::too_long:
          problems.push_back({path, line, 1, "a term of more than 200 bytes; one term stands on each line"});
          break;
        case DictionaryBuilder::Added::too_many: problems.push_back({path, line, 1, "more than 4 GiB of terms"}); return;
      }
      at = end + 1;
    }
  }

  Disk& disk_;
};

void run_examples(const UserDetector& detector, std::vector<PatternProblem>& problems) {
  for (std::size_t i = 0; i < detector.patterns().size(); ++i) {
    const PatternEntry& entry = detector.patterns()[i].entry;
    const auto is_found = [&](const PatternExample& example) {
      std::vector<Finding> found;
      detector.find_entry(i, Text{example.text}, found);
      return !found.empty();
    };
    for (const PatternExample& example : entry.examples) {
      if (!is_found(example))
        problems.push_back(
            {entry.file, example.line, example.column, "this example of " + entry.type + " is not found; mend the entry or the example"});
    }
    for (const PatternExample& example : entry.counter_examples) {
      if (is_found(example))
        problems.push_back({entry.file, example.line, example.column,
                            "this is found as " + entry.type + " though `not` says it is none; mend the entry or the example"});
    }
  }
}

}  // namespace

Result<Detectors, std::vector<PatternProblem>> load_detectors(std::span<const std::string> files, Disk& disk) {
  Detectors detectors = Detectors::structured();
  if (files.empty()) return detectors;
  Loader loader(disk);
  for (const std::string& file : files) loader.load(file);
  if (!loader.problems.empty()) return fail(std::move(loader.problems));
  auto mine = std::make_unique<UserDetector>(std::move(loader.patterns));
  std::vector<PatternProblem> problems;
  run_examples(*mine, problems);
  if (!problems.empty()) return fail(std::move(problems));
  detectors.add(std::move(mine));
  return detectors;
}

}  // namespace demarc::privacy
