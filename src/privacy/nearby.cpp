#include "privacy/nearby.hpp"

#include <algorithm>
#include <array>

#include "base/check.hpp"
#include "privacy/chars.hpp"

namespace demarc::privacy {
namespace {

constexpr std::size_t kWordsBefore = 6, kWordsAfter = 4, kPhrase = 4, kLabelWords = 8;
constexpr std::size_t kReach = 80;  // bytes looked at on either side
constexpr std::size_t kLongestPhrase = 64;

// A byte of a letter of any alphabet. E2 80 begins dashes, quotation marks and the typographic apostrophe, which are none.
bool is_word(std::string_view text, std::size_t at) {
  if (text[at] >= 0) return is_letter(text[at]);
  const auto punctuation = [&](std::size_t from) { return from + 1 < text.size() && text[from] == '\xE2' && text[from + 1] == '\x80'; };
  return !punctuation(at) && (at < 1 || !punctuation(at - 1)) && (at < 2 || !punctuation(at - 2));
}
bool is_capital(char c) { return c >= 'A' && c <= 'Z'; }
// The N of "passportNumber", not that of "IdNr".
bool begins_hump(std::string_view text, std::size_t at) {
  const auto small = [](char c) { return c >= 'a' && c <= 'z'; };
  return is_capital(text[at]) && at >= 3 && std::ranges::all_of(text.substr(at - 3, 3), small);
}

// Small letters of ASCII and, after the byte C3, of Latin-1: É is é.
char lower(char c, char left) {
  const auto byte = static_cast<unsigned char>(c);
  return left == '\xC3' && byte >= 0x80 && byte <= 0x9E ? static_cast<char>(byte + 0x20) : ascii_lower(c);
}

// "… my passport. I paid 12345678": what another sentence says is another matter. "No. 123" and "Nr. 5" end none.
bool ends_sentence(std::string_view text, std::size_t at) {
  if (text[at] != '.' && text[at] != '!' && text[at] != '?') return false;
  std::size_t next = at + 1;
  while (next < text.size() && is_blank(text[next])) ++next;
  if (next == at + 1 || !is_capital(after(text, next))) return false;
  std::size_t word = at;
  while (word > 0 && is_letter(text[word - 1])) --word;
  return at - word > 3 || text[at] != '.';
}

// Neither of a word nor where a sentence may end.
constexpr auto kBetween = [] {
  std::array<bool, 256> out{};
  for (std::size_t c = 0; c < 128; ++c) out[c] = !is_letter(static_cast<char>(c)) && c != '.' && c != '!' && c != '?';
  return out;
}();

}  // namespace

struct NearbyWords::Words {  // as they stand in the text
  std::array<std::string_view, kLabelWords> list;
  std::size_t count = 0;
};

void NearbyWords::add(std::string_view phrase, std::size_t list) {
  CHECK(list < kLists && !phrase.empty() && phrase.size() <= kLongestPhrase);
  phrases_[std::string(phrase)].set(list);
  first_words_.set(quick(phrase.substr(0, phrase.find(' '))));
}

// Of size and the first three bytes, letter case and accents aside.
std::size_t NearbyWords::quick(std::string_view word) {
  std::size_t hash = word.size();
  for (std::size_t i = 0; i < std::min<std::size_t>(word.size(), 3); ++i) hash = hash * 37 + (static_cast<unsigned char>(word[i]) & 0x1FU);
  return hash % 4096;
}

// The phrases that begin with word `from`.
void NearbyWords::note(const Words& words, std::size_t from, std::size_t distance, std::vector<Near>& out) const {
  if (!first_words_.test(quick(words.list[from]))) return;
  char joined[kLongestPhrase];
  std::size_t size = 0;
  for (std::size_t i = from; i < std::min(words.count, from + kPhrase); ++i) {
    if (size + words.list[i].size() + 1 > kLongestPhrase) return;
    if (i > from) joined[size++] = ' ';
    char left = 0;
    for (char c : words.list[i]) joined[size++] = lower(c, left), left = c;
    const auto found = phrases_.find(std::string_view(joined, size));
    if (found != phrases_.end()) out.push_back({found->second, distance >= i - from ? distance - (i - from) : 0});
  }
}

std::vector<NearbyWords::Near> NearbyWords::around(const Text& input, std::size_t begin, std::size_t end) const {
  const std::string_view text = input.text;
  std::vector<Near> out;
  Words words;
  std::size_t at = begin;
  const std::size_t from = begin > kReach ? begin - kReach : 0;
  while (at > from && words.count < kWordsBefore) {
    while (at > from && (kBetween[static_cast<unsigned char>(text[at - 1])] || (!is_word(text, at - 1) && !ends_sentence(text, at - 1)))) --at;
    if (at > from && !is_word(text, at - 1)) break;
    const std::size_t word_end = at;
    while (at > from && is_word(text, at - 1) && !(at < word_end && begins_hump(text, at))) --at;
    if (at == word_end || (at == from && from > 0 && is_word(text, from - 1))) break;  // none, or cut in two
    words.list[words.count++] = text.substr(at, word_end - at);
  }
  std::reverse(words.list.begin(), words.list.begin() + static_cast<std::ptrdiff_t>(words.count));
  for (std::size_t i = 0; i < words.count; ++i) note(words, i, words.count - 1 - i, out);

  words.count = 0;
  at = end;
  const std::size_t to = std::min(text.size(), end + kReach);
  while (at < to && words.count < kWordsAfter) {
    while (at < to && !is_word(text, at) && std::string_view("\n,;.").find(text[at]) == std::string_view::npos) ++at;
    const std::size_t word_begin = at;
    while (at < to && is_word(text, at)) ++at;
    if (at == word_begin) break;
    words.list[words.count++] = text.substr(word_begin, at - word_begin);
  }
  for (std::size_t i = 0; i < words.count; ++i) note(words, i, 1 + i, out);

  words.count = 0;
  const std::string_view label = input.label;
  for (at = 0; at < label.size() && words.count < kLabelWords;) {
    while (at < label.size() && !is_word(label, at)) ++at;
    const std::size_t word_begin = at;
    while (at < label.size() && is_word(label, at) && (at == word_begin || !is_capital(label[at]) || is_capital(label[at - 1]))) ++at;
    if (at > word_begin) words.list[words.count++] = label.substr(word_begin, at - word_begin);
  }
  for (std::size_t i = 0; i < words.count; ++i) note(words, i, kWordsBefore, out);
  return out;
}

}  // namespace demarc::privacy
