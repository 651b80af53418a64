#include "privacy/known_names.hpp"

#include <algorithm>

#include "privacy/overlap.hpp"

namespace demarc::privacy {
namespace {

constexpr float kSure = 0.5F, kSureOfAWord = 0.8F;
constexpr std::size_t kLeastLetters = 4;  // of a single word: "Li" and "May" stand for too much else
constexpr std::size_t kMostNames = 10'000;

bool in_word(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || static_cast<unsigned char>(c) >= 0x80; }

std::string_view first_word(std::string_view text) {
  std::size_t end = 0;
  while (end < text.size() && in_word(text[end])) ++end;
  return text.substr(0, end);
}

std::string_view last_word(std::string_view text) {
  std::size_t begin = text.size();
  while (begin > 0 && in_word(text[begin - 1])) --begin;
  return text.substr(begin);
}

// "Holloway", "Ærø"; not "smith", for small letters make every word a name.
bool could_stand_alone(std::string_view word) {
  return word.size() >= kLeastLetters && ((word[0] >= 'A' && word[0] <= 'Z') || static_cast<unsigned char>(word[0]) >= 0x80);
}

}  // namespace

void KnownNames::keep(std::string_view text, const Finding& finding) {
  const std::string_view first = first_word(text);
  if (first.empty() || names_ == kMostNames) return;
  auto at = by_first_word_.find(first);
  if (at == by_first_word_.end()) at = by_first_word_.emplace(std::string(first), std::vector<Name>{}).first;
  if (std::ranges::any_of(at->second, [&](const Name& name) { return name.text == text; })) return;
  at->second.push_back({std::string(text), finding.type, finding.score});
  ++names_;
}

void KnownNames::add(std::string_view text, const Finding& finding) {
  const bool person = finding.type == "PERSON";
  if (!person && finding.type != "ORGANIZATION") return;
  const std::string_view last = last_word(text);
  if (last.size() == text.size()) {
    if (finding.score >= kSureOfAWord && could_stand_alone(text)) keep(text, finding);
    return;
  }
  if (finding.score < kSure) return;
  keep(text, finding);
  if (person && could_stand_alone(last)) keep(last, finding);
}

std::vector<Finding> KnownNames::find(std::string_view text) const {
  std::vector<Finding> out;
  for (std::size_t at = 0; at < text.size();) {
    const std::string_view word = first_word(text.substr(at));
    if (word.empty()) {
      ++at;
      continue;
    }
    if (const auto names = by_first_word_.find(word); names != by_first_word_.end())
      for (const Name& name : names->second) {
        const std::size_t end = at + name.text.size();
        if (!text.substr(at).starts_with(name.text) || (end < text.size() && in_word(text[end]) && in_word(text[end - 1]))) continue;
        out.push_back({.type = name.type,
                       .begin = at,
                       .end = end,
                       .score = name.score,
                       .tier = DetectorTier::model,
                       .reason = "model: the same name stands elsewhere"});
      }
    at += word.size();
  }
  keep_best(text, out);  // the full name, not its surname within
  return out;
}

}  // namespace demarc::privacy
