// Digits as words, in English, German, French and Spanish: "four one one one", "double seven", "oh", "D E eight nine", "one : d b eight".
#include <algorithm>
#include <array>

#include "base/strings.hpp"
#include "privacy/chars.hpp"
#include "privacy/stretch.hpp"

namespace demarc::privacy {
namespace {

struct DigitWord {
  std::string_view word, digit;
};
// English, German, French, Spanish; "double" and "triple" say the next one again.
constexpr std::array kDigitWords = {
    DigitWord{"zero", "0"},    DigitWord{"oh", "0"},      DigitWord{"nought", "0"}, DigitWord{"one", "1"},    DigitWord{"two", "2"},
    DigitWord{"three", "3"},   DigitWord{"four", "4"},    DigitWord{"five", "5"},   DigitWord{"six", "6"},    DigitWord{"seven", "7"},
    DigitWord{"eight", "8"},   DigitWord{"nine", "9"},    DigitWord{"niner", "9"},  DigitWord{"null", "0"},   DigitWord{"eins", "1"},
    DigitWord{"zwei", "2"},    DigitWord{"zwo", "2"},     DigitWord{"drei", "3"},   DigitWord{"vier", "4"},   DigitWord{"fünf", "5"},
    DigitWord{"sechs", "6"},   DigitWord{"sieben", "7"},  DigitWord{"acht", "8"},   DigitWord{"neun", "9"},   DigitWord{"zéro", "0"},
    DigitWord{"un", "1"},      DigitWord{"deux", "2"},    DigitWord{"trois", "3"},  DigitWord{"quatre", "4"}, DigitWord{"cinq", "5"},
    DigitWord{"sept", "7"},    DigitWord{"huit", "8"},    DigitWord{"neuf", "9"},   DigitWord{"cero", "0"},   DigitWord{"uno", "1"},
    DigitWord{"dos", "2"},     DigitWord{"tres", "3"},    DigitWord{"cuatro", "4"}, DigitWord{"cinco", "5"},  DigitWord{"seis", "6"},
    DigitWord{"siete", "7"},   DigitWord{"ocho", "8"},    DigitWord{"nueve", "9"},  DigitWord{"plus", "+"},   DigitWord{"dash", "-"},
    DigitWord{"hyphen", "-"},  DigitWord{"dot", "."},     DigitWord{"point", "."},  DigitWord{"punkt", "."},  DigitWord{"punto", "."},
    DigitWord{"double", "*2"}, DigitWord{"triple", "*3"},
};

bool in_word(char c) { return is_letter(c) || c < 0; }
bool is_word_byte(char c) { return in_word(c) || is_digit(c); }
Span word_at(std::string_view text, std::size_t at) {
  constexpr std::size_t kLongest = 8;
  std::size_t begin = at, end = at;
  while (begin > 0 && at - begin <= kLongest && in_word(text[begin - 1])) --begin;
  while (end < text.size() && end - at <= kLongest && in_word(text[end])) ++end;
  return {begin, end};
}

// By first byte: which lengths digit words have that begin so. Most words are none by that alone.
constexpr std::array<std::uint16_t, 256> kLengths = [] {
  std::array<std::uint16_t, 256> out{};
  for (const DigitWord& known : kDigitWords)
    for (const char first : {known.word[0], static_cast<char>(known.word[0] - 32)})
      out[static_cast<unsigned char>(first)] = static_cast<std::uint16_t>(out[static_cast<unsigned char>(first)] | 1U << known.word.size());
  return out;
}();

std::string_view digit_of(std::string_view text, Span word) {  // "": none
  if (word.size() < 2 || word.size() > 8 || (kLengths[static_cast<unsigned char>(text[word.begin])] >> word.size() & 1U) == 0) return {};
  std::array<char, 8> small;
  for (std::size_t i = 0; i < word.size(); ++i) small[i] = ascii_lower(text[word.begin + i]);
  const std::string_view lower(small.data(), word.size());
  for (const DigitWord& known : kDigitWords)
    if (known.word[0] == lower[0] && known.word == lower) return known.digit;
  return {};
}

// A word or a digit of the chain at `at`, and what it reads as.
struct Unit {
  Span from{};
  std::string_view as{};
};
Unit unit_at(std::string_view text, std::size_t at) {
  if (at >= text.size()) return {};
  if (is_digit(text[at])) {
    std::size_t end = at + 1;
    while (end < text.size() && is_digit(text[end])) ++end;
    return {{at, end}, text.substr(at, end - at)};
  }
  const Span word = word_at(text, at);
  return {word, word.begin == at ? digit_of(text, word) : std::string_view{}};
}

std::size_t behind_gap(std::string_view text, std::size_t at) {
  std::size_t end = at;
  while (end < text.size() && end - at <= kLongestGap && is_gap(text[end])) ++end;
  return end;
}

Stretch words_from(std::string_view text, std::size_t first) {
  Stretch out{{first, first}, {}};
  std::size_t words = 0;
  unsigned again = 1;
  std::size_t end = first;
  for (Unit unit = unit_at(text, first); !unit.as.empty() && out.pieces.size() < kMostJoined; unit = unit_at(text, behind_gap(text, end))) {
    if (end != first && unit.from.begin == end) break;  // glued to the one before
    ++words;
    if (unit.as[0] == '*') {
      again = static_cast<unsigned>(unit.as[1] - '0');
      out.pieces.push_back({{end == first ? unit.from.begin : end, unit.from.end}, {}});
    } else {
      if (end != first) out.pieces.push_back({{end, unit.from.begin}, {}});
      for (; again > 0; --again) out.pieces.push_back({unit.from, unit.as});
      again = 1;
    }
    end = unit.from.end;
  }
  out.whole.end = end;
  if (words < kFewest) out.pieces.clear();
  return out;
}

// Back from a digit word to the first of its chain.
Span first_word(std::string_view text, Span word, std::size_t floor) {
  for (;;) {
    std::size_t gap = word.begin;
    while (gap > floor && word.begin - gap < kLongestGap && is_gap(text[gap - 1])) --gap;
    if (gap == word.begin || gap == floor || !in_word(text[gap - 1])) return word;
    const Span former = word_at(text, gap - 1);
    if (former.begin < floor || digit_of(text, former).empty()) return word;
    word = former;
  }
}

// Letters and marks one by one between digit words, one blank apart; they stay what they are.
constexpr std::string_view kMarks = ".:@-_/+%=#()";
bool is_alone(std::string_view text, std::size_t at) {
  return at < text.size() && (is_alnum(text[at]) || kMarks.find(text[at]) != std::string_view::npos) && !is_word_byte(before(text, at)) &&
         !is_word_byte(after(text, at + 1));
}

// The begin of the first of a row of digit words and single characters.
std::size_t first_of_row(std::string_view text, std::size_t begin, std::size_t floor) {
  for (std::size_t units = 0; units < kMostJoined && begin >= floor + 2 && text[begin - 1] == ' '; ++units) {
    const std::size_t last = begin - 2;
    const Span word = word_at(text, last);
    if (is_alone(text, last))
      begin = last;
    else if (word.begin >= floor && word.end == last + 1 && !digit_of(text, word).empty())
      begin = word.begin;
    else
      break;
  }
  return begin;
}

Stretch row_from(std::string_view text, std::size_t first) {
  Stretch out{{first, first}, {}, Stretch::Beside::own};
  std::size_t words = 0, alone = 0;
  unsigned again = 1;
  for (std::size_t at = first; words + alone < kMostJoined;) {
    const Span word = is_alone(text, at) ? Span{at, at + 1} : word_at(text, std::min(at, text.size() - 1));
    const std::string_view as = word.begin != at ? std::string_view{} : word.size() == 1 ? text.substr(at, 1) : digit_of(text, word);
    if (as.empty()) break;
    if (at > first) out.pieces.push_back({{at - 1, at}, {}});
    ++(word.size() == 1 ? alone : words);
    if (as[0] == '*') {
      again = static_cast<unsigned>(as[1] - '0');
      out.pieces.push_back({word, {}});
    } else {
      for (; again > 0; --again) out.pieces.push_back({word, as});
      again = 1;
    }
    out.whole.end = word.end;
    if (after(text, word.end) != ' ' || word.end + 1 >= text.size()) break;
    at = word.end + 1;
  }
  if (words + alone < kFewest || words == 0 || alone == 0) out.pieces.clear();
  return out;
}

void find_rows(std::string_view text, const Signs& signs, std::vector<Stretch>& out) {
  std::size_t floor = 0;
  for (std::size_t at = signs.next(Sign::digit_word, 0); at < text.size(); at = signs.next(Sign::digit_word, std::max(floor, at + 1))) {
    const Span word = word_at(text, at);
    if (word.begin < floor || digit_of(text, word).empty()) continue;
    Stretch row = row_from(text, first_of_row(text, word.begin, floor));
    floor = std::max(row.whole.end, at + 1);
    if (!row.pieces.empty()) out.push_back(std::move(row));
  }
}

}  // namespace

void find_digit_words(std::string_view text, const Signs& signs, std::vector<Stretch>& out) {
  find_rows(text, signs, out);
  std::size_t floor = 0;
  for (std::size_t at = signs.next(Sign::digit_word, 0); at < text.size(); at = signs.next(Sign::digit_word, std::max(floor, at + 1))) {
    const Span word = word_at(text, at);
    if (word.begin < floor || digit_of(text, word).empty()) continue;
    Stretch chain = words_from(text, first_word(text, word, floor).begin);
    floor = chain.whole.end;
    if (!chain.pieces.empty()) out.push_back(std::move(chain));
  }
}

}  // namespace demarc::privacy
