#include "privacy/spelled.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "base/strings.hpp"
#include "privacy/blocks.hpp"
#include "privacy/chars.hpp"
#include "privacy/utf8.hpp"

namespace demarc::privacy {
namespace {

constexpr std::size_t kFewest = 7;                // single characters or digit words in a row
constexpr std::size_t kBefore = 64, kAfter = 24;  // bytes of context that are said again around a stretch
constexpr std::size_t kLongestGap = 3;            // characters between two of a chain
constexpr std::size_t kMostJoined = 512;          // characters of one chain

// One thing that the reading says otherwise: bytes [from] of the text read as `as`.
struct Piece {
  Span from;
  std::string_view as;
};
// A stretch of the text with its pieces in order; what lies between two pieces is copied.
struct Stretch {
  Span whole;
  std::vector<Piece> pieces;
};

// -- characters one by one: "4 1 1 1", "a-d-a-@-…", "5 2 1 - 4 4 - 9 3 8 2"

constexpr auto kGap = [] {
  std::array<bool, 256> out{};
  for (const char c : std::string_view(" \t\r\n-._/,*|;:~+")) out[static_cast<unsigned char>(c)] = true;
  return out;
}();
bool is_gap(char c) { return kGap[static_cast<unsigned char>(c)]; }
bool is_single(std::string_view text, std::size_t at) {
  return at < text.size() && is_gap(after(text, at + 1)) && is_gap(before(text, at)) && (is_alnum(text[at]) || text[at] == '@');
}

// The next character of the chain behind the one at `at`; npos: it ends here.
std::size_t next_single(std::string_view text, std::size_t at) {
  for (std::size_t next = at + 2; next <= at + 1 + kLongestGap && next < text.size(); ++next) {
    if (is_single(text, next)) return next;
    if (!is_gap(text[next])) break;
  }
  return std::string_view::npos;
}

// What a gap says that the others do not: the hyphens of "5 2 1 - 4 4 - 9 3 8 2". The commonest character of gaps says nothing.
std::string_view mark_of(std::string_view gap, char common) {
  for (std::size_t i = 0; i < gap.size(); ++i)
    if (!is_blank(gap[i]) && gap[i] != common) return gap.substr(i, 1);
  return {};
}

// A blank if most gaps are blanks.
char commonest(std::string_view text, const std::vector<std::size_t>& at) {
  std::array<std::size_t, 128> seen{};
  for (std::size_t i = 0; i + 1 < at.size(); ++i) {
    const std::string_view mark = mark_of(text.substr(at[i] + 1, at[i + 1] - at[i] - 1), ' ');
    ++seen[static_cast<std::size_t>(mark.empty() ? ' ' : mark[0])];
  }
  return static_cast<char>(std::ranges::max_element(seen) - seen.begin());
}

Stretch chain_of(std::string_view text, std::size_t first) {
  std::vector<std::size_t> at{first};
  for (std::size_t next = next_single(text, first); next != std::string_view::npos && at.size() < kMostJoined; next = next_single(text, next))
    at.push_back(next);
  Stretch out{{first, at.back() + 1}, {}};
  if (at.size() < kFewest) return out;
  if (std::ranges::all_of(at, [&](std::size_t i) { return text[i] == '0' || text[i] == '1'; })) return out;  // bits
  const char common = commonest(text, at);
  if (first >= 2 && text[first - 1] == ' ' && text[first - 2] == '+') out.whole.begin = first - 2, out.pieces.push_back({{first - 1, first}, {}});
  for (std::size_t i = 0; i + 1 < at.size(); ++i) {
    const Span gap{at[i] + 1, at[i + 1]};
    out.pieces.push_back({gap, mark_of(text.substr(gap.begin, gap.size()), common)});
  }
  return out;
}

ByteMask gaps_of(Bytes c) {
  ByteMask out = (c == ' ') | (c == '\t') | (c == '\r') | (c == '\n');
  for (const unsigned char gap : {'-', '.', '_', '/', ',', '*', '|', ';', ':', '~', '+'}) out |= c == gap;
  return out;
}

// Four characters that stand alone, each two to four places behind the one before: where a chain could begin.
std::size_t next_chain(std::string_view text, std::size_t at) {
  return walk_blocks(text, at, gaps_of, [&](std::size_t first, Bits gaps) {
    const Bits left = gaps << 1U | static_cast<Bits>(first == 0 || is_gap(text[first - 1]) ? 1 : 0);
    Bits singles = left & ~gaps & gaps >> 1U;
    const Bits all = singles;
    for (int i = 0; i < 3; ++i) singles = all & (singles >> 2U | singles >> 3U | singles >> 4U);
    return first_bit(singles, first, at);
  });
}

void find_chains(std::string_view text, std::vector<Stretch>& out) {
  for (std::size_t at = next_chain(text, 0); at < text.size();) {
    std::size_t behind = at + 1;
    if (is_single(text, at)) {
      Stretch chain = chain_of(text, at);
      behind = std::max(behind, chain.whole.end);
      if (!chain.pieces.empty()) out.push_back(std::move(chain));
    }
    at = next_chain(text, behind);
  }
}

// -- digits as words

struct DigitWord {
  std::string_view word, digit;
};
// English, German, French, Spanish; "double" and "triple" say the next one again.
constexpr std::array kDigitWords = {
    DigitWord{"zero", "0"},   DigitWord{"oh", "0"},      DigitWord{"nought", "0"},  DigitWord{"one", "1"},    DigitWord{"two", "2"},
    DigitWord{"three", "3"},  DigitWord{"four", "4"},    DigitWord{"five", "5"},    DigitWord{"six", "6"},    DigitWord{"seven", "7"},
    DigitWord{"eight", "8"},  DigitWord{"nine", "9"},    DigitWord{"niner", "9"},   DigitWord{"null", "0"},   DigitWord{"eins", "1"},
    DigitWord{"zwei", "2"},   DigitWord{"zwo", "2"},     DigitWord{"drei", "3"},    DigitWord{"vier", "4"},   DigitWord{"fünf", "5"},
    DigitWord{"sechs", "6"},  DigitWord{"sieben", "7"},  DigitWord{"acht", "8"},    DigitWord{"neun", "9"},   DigitWord{"zéro", "0"},
    DigitWord{"un", "1"},     DigitWord{"deux", "2"},    DigitWord{"trois", "3"},   DigitWord{"quatre", "4"}, DigitWord{"cinq", "5"},
    DigitWord{"sept", "7"},   DigitWord{"huit", "8"},    DigitWord{"neuf", "9"},    DigitWord{"cero", "0"},   DigitWord{"uno", "1"},
    DigitWord{"dos", "2"},    DigitWord{"tres", "3"},    DigitWord{"cuatro", "4"},  DigitWord{"cinco", "5"},  DigitWord{"seis", "6"},
    DigitWord{"siete", "7"},  DigitWord{"ocho", "8"},    DigitWord{"nueve", "9"},   DigitWord{"plus", "+"},   DigitWord{"dash", "-"},
    DigitWord{"hyphen", "-"}, DigitWord{"double", "*2"}, DigitWord{"triple", "*3"},
};

bool in_word(char c) { return is_letter(c) || c < 0; }
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

// Whether a digit word may stand at that bit, by its length and first byte; `words` are the letters' bits. Most words are none by that alone.
bool may_be_digit(std::string_view text, std::size_t first, Bits words, unsigned bit) {
  const auto below = static_cast<std::uint64_t>(~words) & ((std::uint64_t{1} << bit) - 1);
  const unsigned begin = below == 0 ? 0 : static_cast<unsigned>(std::bit_width(below));
  if (begin == 0 && first > 0) return true;  // it may begin in the block before
  const auto above = static_cast<std::uint64_t>(~(words >> bit));
  const unsigned length = bit - begin + (above == 0 ? 64U : static_cast<unsigned>(std::countr_zero(above)));
  return length < 16 && (kLengths[static_cast<unsigned char>(text[first + begin])] >> length & 1U) != 0;
}

// Seven words have at least 26 bytes: of each block the words at a few places are looked at.
void find_words(std::string_view text, std::vector<Stretch>& out) {
  constexpr unsigned kStride = 21;
  const auto word_bytes = [](Bytes c) { return letters_of(c) | (c >= 0x80); };
  std::size_t floor = 0;
  const auto look = [&](std::size_t at) {
    if (at < floor || at >= text.size()) return;
    const Span word = word_at(text, at);
    if (digit_of(text, word).empty()) return;
    Stretch chain = words_from(text, first_word(text, word, floor).begin);
    floor = std::max(chain.whole.end, at + 1);
    if (!chain.pieces.empty()) out.push_back(std::move(chain));
  };
  walk_blocks(text, 0, word_bytes, [&](std::size_t first, Bits words) {
    for (unsigned probe = 0; probe < 64; probe += kStride) {
      const auto from = static_cast<std::uint64_t>(words >> probe);
      const unsigned bit = probe + static_cast<unsigned>(from == 0 ? 64 : std::countr_zero(from));  // the next word, if none is here
      if (bit - probe <= kLongestGap && bit < 64 && may_be_digit(text, first, words, bit)) look(first + bit);
    }
    return std::string_view::npos;
  });
}

// -- addresses: "ada (at) example (dot) org", "ada at example dot org"

struct Said {
  Span from{};
  std::string_view as{};
};
// "(at)", "[dot]", "{AT}", "<at>" at a bracket; with the blanks around it.
Said in_brackets(std::string_view text, std::size_t open) {
  constexpr std::string_view kOpen = "([{<", kClose = ")]}>";
  const std::size_t kind = kOpen.find(text[open]);
  if (kind == std::string_view::npos) return {};
  std::size_t first = open + 1;
  while (first < text.size() && text[first] == ' ') ++first;
  if (std::string_view("aAdDpP@.\xC3").find(after(text, first)) == std::string_view::npos) return {};
  const std::size_t close = text.substr(0, std::min(text.size(), open + 10)).find(kClose[kind], open);
  if (close == std::string_view::npos) return {};
  const std::string word = to_lower(trim(text.substr(open + 1, close - open - 1)));
  const std::string_view as = word == "at" || word == "ät" || word == "arroba" || word == "@"                         ? "@"
                              : word == "dot" || word == "punkt" || word == "point" || word == "punto" || word == "." ? "."
                                                                                                                      : "";
  if (as.empty()) return {};
  Span from{open, close + 1};
  while (from.begin > 0 && open - from.begin < 2 && text[from.begin - 1] == ' ') --from.begin;
  while (from.end < text.size() && from.end - close < 3 && text[from.end] == ' ') ++from.end;
  return {from, as};
}

Stretch address_at(std::string_view text, const Said& said) {
  Stretch stretch{said.from, {{said.from, said.as}}};
  for (std::size_t next = said.from.end; next < text.size() && next < said.from.end + 64 && stretch.pieces.size() < 8; ++next) {
    Said more = in_brackets(text, next);
    if (more.as.empty() && text.substr(next, 5) == " dot ") more = {{next, next + 5}, "."};
    if (more.as == "." && more.from.begin >= stretch.whole.end)
      stretch.pieces.push_back({more.from, more.as}), stretch.whole.end = more.from.end, next = more.from.end - 1;
  }
  return stretch;
}

void find_brackets(std::string_view text, std::vector<Stretch>& out) {
  const auto brackets = [](Bytes c) { return (c == '(') | (c == '[') | (c == '{') | (c == '<'); };
  const auto next = [&](std::size_t at) {
    return walk_blocks(text, at, brackets, [&](std::size_t first, Bits bits) { return first_bit(bits, first, at); });
  };
  for (std::size_t at = next(0); at < text.size(); at = next(at + 1)) {
    const Said said = in_brackets(text, at);
    if (said.as == "@") out.push_back(address_at(text, said));
  }
}

constexpr std::string_view kDot = " dot ";
bool is_dot(std::string_view text, std::size_t at) {  // " dot ", in any case
  if (at + kDot.size() > text.size()) return false;
  for (std::size_t i = 0; i < kDot.size(); ++i)
    if (ascii_lower(text[at + i]) != kDot[i]) return false;
  return true;
}

std::size_t next_dot(std::string_view text, std::size_t at) {
  const auto dee = [](Bytes c) { return (c | 0x20) == 'd'; };
  const auto tee = [](Bytes c) { return (c | 0x20) == 't'; };
  const auto blank = [](Bytes c) { return c == ' '; };
  const Blocks blocks(text);
  for (std::size_t block = at / Blocks::kSize; block < blocks.size(); ++block) {
    const std::uint64_t d = blocks.bits(block, dee),
                        candidates = d & (blocks.bits(block, tee) >> 2U | 3ULL << 62U) & (blocks.bits(block, blank) << 1U | 1U);
    for (std::uint64_t left = candidates; left != 0; left &= left - 1) {
      const std::size_t found = block * Blocks::kSize + static_cast<std::size_t>(std::countr_zero(left));
      if (found > at && is_dot(text, found - 1)) return found - 1;
    }
  }
  return std::string_view::npos;
}

bool in_label(char c) { return is_alnum(c) || c == '-' || c == '_'; }

// "NAME at DOMAIN dot TLD": nothing else than one word stands between two of them.
Stretch said_address(std::string_view text, std::size_t at) {
  Stretch stretch{{at, at + kDot.size()}, {{{at, at + kDot.size()}, "."}}};
  const auto label_begin = [&](std::size_t end) {
    while (end > 0 && in_label(text[end - 1])) --end;
    return end;
  };
  const auto take_before = [&](std::size_t begin) {  // "mail dot example dot org"
    while (begin >= kDot.size() && is_dot(text, begin - kDot.size())) {
      stretch.pieces.insert(stretch.pieces.begin(), {{begin - kDot.size(), begin}, "."});
      stretch.whole.begin = begin - kDot.size();
      begin = label_begin(stretch.whole.begin);
    }
    return begin;
  };
  const std::size_t begin = take_before(label_begin(at));
  if (begin < 4 || to_lower(text.substr(begin - 4, 4)) != " at ") return {};
  stretch.pieces.insert(stretch.pieces.begin(), {{begin - 4, begin}, "@"});
  stretch.whole.begin = begin - 4;
  take_before(label_begin(stretch.whole.begin));
  for (std::size_t more = stretch.whole.end;;) {
    while (more < text.size() && in_label(text[more])) ++more;
    if (!is_dot(text, more) || stretch.pieces.size() > 8) return stretch;
    stretch.pieces.push_back({{more, more + kDot.size()}, "."});
    more = stretch.whole.end = more + kDot.size();
  }
}

void find_said(std::string_view text, std::vector<Stretch>& out) {
  for (std::size_t at = next_dot(text, 0); at != std::string_view::npos;) {
    Stretch stretch = said_address(text, at);
    at = next_dot(text, std::max(at + 1, stretch.whole.end));
    if (!stretch.pieces.empty()) out.push_back(std::move(stretch));
  }
}

// -- values that a line break cut in two

constexpr std::array<bool, 256> set_of(std::string_view extra, bool letters) {
  std::array<bool, 256> out{};
  for (int c = 0; c < 128; ++c) out[static_cast<std::size_t>(c)] = is_digit(static_cast<char>(c)) || (letters && is_letter(static_cast<char>(c)));
  for (const char c : extra) out[static_cast<unsigned char>(c)] = true;
  return out;
}
constexpr auto kNumber = set_of(" -.", false), kValue = set_of("@._-+/=%:", true);
bool in_number(char c) { return kNumber[static_cast<unsigned char>(c)]; }

// Digits on either side of a break: the whole of it, over further breaks, must be as long as a number can be; a column of numbers is longer.
void break_in_number(std::string_view text, Span gap, std::vector<Stretch>& out) {
  constexpr std::size_t kMost = 34, kLeast = 7, kReach = 80;
  std::size_t begin = gap.begin, end = gap.end, digits = 0;
  while (begin > 0 && gap.begin - begin < kReach && in_number(text[begin - 1])) digits += is_digit(text[--begin]) ? 1U : 0U;
  Stretch bare{{begin, end}, {}}, spaced = bare;
  const auto add = [&](Span one) {
    const bool hyphen = text[one.begin] == '-';
    bare.pieces.push_back({one, {}});
    spaced.pieces.push_back({one, hyphen ? "-" : " "});
  };
  add(gap);
  while (end < text.size() && end - gap.end < kReach) {
    const char c = text[end];
    if (in_number(c)) {
      digits += is_digit(c) ? 1U : 0U;
      ++end;
    } else if ((c == '\n' || c == '\r') && end + 1 < text.size() && (is_digit(text[end + 1]) || text[end + 1] == '\n')) {
      std::size_t behind = end + 1;
      while (behind < text.size() && is_blank(text[behind])) ++behind;
      add({end, behind});
      end = behind;
    } else {
      break;
    }
  }
  if (digits < kLeast || digits > kMost) return;
  bare.whole.end = spaced.whole.end = end;
  out.push_back(std::move(bare));
  out.push_back(std::move(spaced));
}

bool in_value(char c) { return kValue[static_cast<unsigned char>(c)]; }

// Half an address, a long word with digits (keys and IBANs), or pairs (MAC addresses).
bool is_half(std::string_view text, Span token) {
  const std::string_view word = text.substr(token.begin, token.size());
  if (word.find('@') != std::string_view::npos) return true;
  return (word.size() >= 10 || std::ranges::count(word, ':') >= 2) && std::ranges::any_of(word, is_digit);
}

// "RSSMRA85\nT10A562S": two shorter words with digits.
bool are_halves(std::string_view text, Span left, Span right) {
  constexpr std::size_t kShortest = 4;
  const auto has_digit = [&](Span token) { return std::ranges::any_of(text.substr(token.begin, token.size()), is_digit); };
  return left.size() >= kShortest && right.size() >= kShortest && has_digit(left) && has_digit(right);
}

// "521-44\n-9382", "00:1b:f2\n:ba:cf:fe": a mark at the break, digits near it on both sides.
bool breaks_at_mark(std::string_view text, Span gap) {
  constexpr std::string_view kMarks = "-.:/";
  if (kMarks.find(text[gap.begin - 1]) == std::string_view::npos && kMarks.find(text[gap.end]) == std::string_view::npos) return false;
  const std::string_view left = text.substr(gap.begin < 4 ? 0 : gap.begin - 4, gap.begin < 4 ? gap.begin : 4), right = text.substr(gap.end, 4);
  return std::ranges::any_of(left, is_digit) && std::ranges::any_of(right, is_hex);
}

void look_at_break(std::string_view text, std::size_t at, std::vector<Stretch>& out) {
  constexpr std::size_t kReach = 128;
  Span gap{at, at + 1};
  while (gap.begin > 0 && at - gap.begin < 3 && (text[gap.begin - 1] == '\r' || text[gap.begin - 1] == ' ' || text[gap.begin - 1] == '\\'))
    --gap.begin;
  while (gap.end < text.size() && gap.end - at < 9 && (text[gap.end] == ' ' || text[gap.end] == '\t' || text[gap.end] == '>')) ++gap.end;
  if (gap.begin == 0 || gap.end >= text.size()) return;
  const char left = text[gap.begin - 1], right = text[gap.end];
  if (!in_value(left) || !in_value(right)) return;
  if ((is_digit(left) || (left == '-' && is_digit(before(text, gap.begin - 1)))) && is_digit(right))
    break_in_number(text, left == '-' ? Span{gap.begin - 1, gap.end} : gap, out);
  Span left_token{gap.begin, gap.begin}, right_token{gap.end, gap.end};
  while (left_token.begin > 0 && gap.begin - left_token.begin < kReach && in_value(text[left_token.begin - 1])) --left_token.begin;
  while (right_token.end < text.size() && right_token.end - gap.end < kReach && in_value(text[right_token.end])) ++right_token.end;
  if (!is_half(text, left_token) && !is_half(text, right_token) && !are_halves(text, left_token, right_token) && !breaks_at_mark(text, gap)) return;
  out.push_back({{left_token.begin, right_token.end}, {{gap, {}}}});
  if (left == '-') out.push_back({{left_token.begin, right_token.end}, {{{gap.begin - 1, gap.end}, {}}}});
}

// Line breaks near a digit or an @: what is cut in two has one on either side, at most kReach away.
void find_breaks(std::string_view text, std::vector<Stretch>& out) {
  const Blocks blocks(text);
  const auto telling = [](Bytes c) { return digits_of(c) | (c == '@'); };
  const auto line_ends = [](Bytes c) { return c == '\n'; };
  std::uint64_t before_here = 0, here = blocks.size() == 0 ? 0 : blocks.bits(0, telling);
  for (std::size_t block = 0; block < blocks.size(); ++block) {
    const std::uint64_t behind = blocks.bits(block + 1, telling);
    if ((before_here | here | behind) != 0)
      for (std::uint64_t ends = blocks.bits(block, line_ends); ends != 0; ends &= ends - 1) {
        const std::size_t at = block * Blocks::kSize + static_cast<std::size_t>(std::countr_zero(ends));
        if (at < text.size()) look_at_break(text, at, out);
      }
    before_here = here, here = behind;
  }
}

// -- forms: "4111+1111+1111+1111", where URL coding writes a space as a plus

void find_pluses(std::string_view text, std::vector<Stretch>& out) {
  const auto pluses = [](Bytes c) { return c == '+'; };
  const auto next = [&](std::size_t at) {
    return walk_blocks(text, at, pluses, [&](std::size_t first, Bits bits) { return first_bit(bits, first, at); });
  };
  for (std::size_t at = next(0); at < text.size(); at = next(at)) {
    Stretch stretch{{at, at + 1}, {}};
    std::size_t end = at;
    while (end < text.size() && text[end] == '+' && stretch.pieces.size() < kMostJoined) {
      stretch.pieces.push_back({{end, end + 1}, " "});
      for (++end; end < text.size() && (in_label(text[end]) || text[end] == '.');) ++end;
    }
    stretch.whole.end = end;
    const std::size_t before_it = at > kBefore ? at - kBefore : 0;
    if (std::ranges::any_of(text.substr(before_it, end - before_it), is_digit)) out.push_back(std::move(stretch));
    at = end;
  }
}

void say(std::string_view text, const Stretch& stretch, Mapped& out) {
  const std::size_t from = character_begin(text, stretch.whole.begin > kBefore ? stretch.whole.begin - kBefore : 0);
  const std::size_t to = character_begin(text, std::min(text.size(), stretch.whole.end + kAfter));
  std::size_t kept = from;
  for (const Piece& piece : stretch.pieces) {
    if (piece.from.begin > kept) out.copy(text, {kept, piece.from.begin});
    out.put(piece.as, piece.from);
    kept = std::max(kept, piece.from.end);
  }
  out.copy(text, {kept, to});
  out.put("\n\n", {to, to});
}

}  // namespace

std::optional<Mapped> spelled(std::string_view text) {
  std::vector<Stretch> stretches;
  find_chains(text, stretches);
  find_words(text, stretches);
  find_brackets(text, stretches);
  find_said(text, stretches);
  find_breaks(text, stretches);
  find_pluses(text, stretches);
  if (stretches.empty()) return std::nullopt;
  Mapped out;
  for (const Stretch& stretch : stretches) say(text, stretch, out);
  return out;
}

}  // namespace demarc::privacy
