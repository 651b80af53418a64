#include "privacy/context.hpp"

#include <yaml-cpp/yaml.h>

#include <algorithm>

#include "base/check.hpp"
#include "privacy/chars.hpp"
#include "privacy/tables.hpp"

namespace demarc::privacy {
namespace {

constexpr std::array<std::pair<std::string_view, Topic>, 6> kTopics = {
    {{"phone", Topic::phone}, {"card", Topic::card}, {"ssn", Topic::ssn}, {"ip", Topic::ip}, {"other", Topic::other}, {"version", Topic::version}}};
constexpr std::size_t kWordsBefore = 5, kWordsAfter = 2;
constexpr std::size_t kReach = 64;  // bytes looked at on either side
constexpr std::size_t kLongestWord = 24;

bool is_word(char c) { return is_letter(c) || c < 0; }  // letters of any alphabet

}  // namespace

std::string word_beside(Topic topic) {
  for (const auto& [name, known] : kTopics) {
    if (known == topic) return "word beside it: " + std::string(name);
  }
  return {};
}

const Context& Context::instance() {
  static const Context context;
  return context;
}

Context::Context() {
  const YAML::Node table = YAML::Load(kNumbersYaml)["context"];
  for (const auto& [name, topic] : kTopics) {
    const YAML::Node words = table[std::string(name)];
    CHECK(words.IsSequence());
    for (const auto& word : words) topics_[word.as<std::string>()] |= static_cast<std::uint8_t>(1U << static_cast<unsigned>(topic));
  }
}

bool Context::has(std::string_view word, Topic topic) const {
  const auto found = topics_.find(word);
  return found != topics_.end() && (found->second >> static_cast<unsigned>(topic) & 1U) != 0;
}

std::optional<Topic> Context::of_word(std::string_view word, Topic wanted) const {
  if (word.empty() || word.size() > kLongestWord) return std::nullopt;
  char lower[kLongestWord];
  std::transform(word.begin(), word.end(), lower, ascii_lower);
  const std::string_view small(lower, word.size());
  if (has(small, wanted)) return wanted;
  if (wanted != Topic::version && has(small, Topic::other)) return Topic::other;
  return std::nullopt;
}

std::optional<Topic> Context::nearest(const Text& text, std::size_t begin, std::size_t end, Topic wanted) const {
  const std::string_view all = text.text;
  const std::size_t from = begin > kReach ? begin - kReach : 0;
  std::size_t at = begin, words = 0;
  while (at > from && words < kWordsBefore) {
    while (at > from && !is_word(all[at - 1])) --at;
    const std::size_t word_end = at;
    while (at > from && is_word(all[at - 1])) --at;
    if (at == from && from > 0 && is_word(all[from - 1])) break;  // cut in two
    if (const auto topic = of_word(all.substr(at, word_end - at), wanted)) return topic;
    ++words;
  }
  const std::size_t to = std::min(all.size(), end + kReach);
  at = end;
  for (words = 0; at < to && words < kWordsAfter; ++words) {
    while (at < to && !is_word(all[at]) && all[at] != '\n' && all[at] != ',' && all[at] != ';') ++at;  // another line or clause is another matter
    const std::size_t word_begin = at;
    while (at < to && is_word(all[at])) ++at;
    if (at == word_begin) break;
    if (const auto topic = of_word(all.substr(word_begin, at - word_begin), wanted)) return topic;
  }
  const std::string_view label = text.label;
  at = label.size();
  while (at > 0) {  // words of snake_case, kebab-case and camelCase, the last first: "order_phone" is a phone
    while (at > 0 && !is_letter(label[at - 1])) --at;
    const std::size_t word_end = at;
    while (at > 0 && is_letter(label[at - 1])) {
      --at;
      const bool capital = label[at] >= 'A' && label[at] <= 'Z';
      if (capital && at > 0 && !(label[at - 1] >= 'A' && label[at - 1] <= 'Z')) break;
    }
    if (const auto topic = of_word(label.substr(at, word_end - at), wanted)) return topic;
  }
  return std::nullopt;
}

}  // namespace demarc::privacy
