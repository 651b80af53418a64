#include "speech/sounds.hpp"

#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <numeric>
#include <utility>
#include <vector>

namespace demarc::speech {
namespace {

constexpr bool is_vowel(char c) { return c == 'a' || c == 'e' || c == 'i' || c == 'o' || c == 'u'; }
constexpr bool is_front(char c) { return c == 'e' || c == 'i' || c == 'y'; }

class Metaphone {
 public:
  explicit Metaphone(std::string_view letters) {
    for (const char c : letters)
      if (word_.empty() || word_.back() != c || c == 'c') word_ += c;
  }

  std::string run() {
    if (starts_with("ae") || starts_with("gn") || starts_with("kn") || starts_with("pn") || starts_with("wr")) word_.erase(0, 1);
    if (starts_with("x")) word_[0] = 's';
    if (starts_with("wh")) word_.erase(1, 1);
    for (at_ = 0; at_ < word_.size(); ++at_) one();
    return std::move(code_);
  }

 private:
  [[nodiscard]] char letter(std::ptrdiff_t offset) const {
    const auto i = static_cast<std::ptrdiff_t>(at_) + offset;
    return i < 0 || i >= static_cast<std::ptrdiff_t>(word_.size()) ? '\0' : word_[static_cast<std::size_t>(i)];
  }
  [[nodiscard]] bool starts_with(std::string_view text) const { return std::string_view(word_).starts_with(text); }
  [[nodiscard]] bool next_are(std::string_view text) const { return std::string_view(word_).substr(at_ + 1).starts_with(text); }
  [[nodiscard]] bool is_last() const { return at_ + 1 == word_.size(); }

  void one() {
    const char c = letter(0), next = letter(1), before = letter(-1);
    switch (c) {
      case 'a':
      case 'e':
      case 'i':
      case 'o':
      case 'u':
        if (at_ == 0) code_ += static_cast<char>(c - 32);
        return;
      case 'b':
        if (!(before == 'm' && is_last())) code_ += 'B';
        return;
      case 'c': return hard_or_soft_c(next, before);
      case 'd': code_ += next == 'g' && is_front(letter(2)) ? (++at_, 'J') : 'T'; return;
      case 'g': return hard_or_soft_g(next, before);
      case 'h':
        if (is_vowel(next) && before != 'c' && before != 's' && before != 'p' && before != 't' && before != 'g') code_ += 'H';
        return;
      case 'k':
        if (before != 'c') code_ += 'K';
        return;
      case 'p': code_ += next == 'h' ? 'F' : 'P'; return;
      case 'q': code_ += 'K'; return;
      case 's': code_ += next == 'h' || next_are("io") || next_are("ia") ? 'X' : 'S'; return;
      case 't':
        if (next_are("ia") || next_are("io"))
          code_ += 'X';
        else if (next == 'h')
          code_ += '0';
        else if (!next_are("ch"))
          code_ += 'T';
        return;
      case 'v': code_ += 'F'; return;
      case 'w':
      case 'y':
        if (is_vowel(next)) code_ += static_cast<char>(c - 32);
        return;
      case 'x': code_ += "KS"; return;
      case 'z': code_ += 'S'; return;
      default: code_ += static_cast<char>(c - 32);  // f j l m n r
    }
  }

  void hard_or_soft_c(char next, char before) {
    if (before == 's' && is_front(next)) return;
    if (next_are("ia") || (next == 'h' && before != 's'))
      code_ += 'X';
    else
      code_ += is_front(next) ? 'S' : 'K';
  }

  void hard_or_soft_g(char next, char before) {
    if (next == 'h' && !is_vowel(letter(2))) return;
    if (next == 'n' && (at_ + 2 == word_.size() || next_are("ned"))) return;
    code_ += is_front(next) && before != 'g' ? 'J' : 'K';
  }

  std::string word_, code_;
  std::size_t at_ = 0;
};

std::string cologne(std::string_view letters) {
  std::string digits;
  const auto in = [](char c, std::string_view set) { return c != '\0' && set.find(c) != std::string_view::npos; };
  for (std::size_t i = 0; i < letters.size(); ++i) {
    const char c = letters[i], next = i + 1 < letters.size() ? letters[i + 1] : '\0', before = i > 0 ? letters[i - 1] : '\0';
    if (in(c, "aeijouy")) digits += '0';
    if (c == 'b' || (c == 'p' && next != 'h')) digits += '1';
    if (in(c, "dt")) digits += in(next, "csz") ? '8' : '2';
    if (in(c, "fvw") || (c == 'p' && next == 'h')) digits += '3';
    if (in(c, "gkq")) digits += '4';
    if (c == 'c') {
      const bool hard = i == 0 ? in(next, "ahkloqrux") : !in(before, "sz") && in(next, "ahkoqux");
      digits += hard ? '4' : '8';
    }
    if (c == 'x') digits += in(before, "ckq") ? "8" : "48";
    if (c == 'l') digits += '5';
    if (in(c, "mn")) digits += '6';
    if (c == 'r') digits += '7';
    if (in(c, "sz")) digits += '8';
  }
  std::string code;
  char last = '\0';
  for (const char digit : digits) {
    if (digit != last && (digit != '0' || code.empty())) code += digit;
    last = digit;
  }
  return code;
}

}  // namespace

std::string plain_letters(std::string_view word) {
  std::string out;
  const auto* at = reinterpret_cast<const utf8proc_uint8_t*>(word.data());
  auto left = static_cast<utf8proc_ssize_t>(word.size());
  while (left > 0) {
    utf8proc_int32_t code = 0;
    const utf8proc_ssize_t used = utf8proc_iterate(at, left, &code);
    if (used <= 0) {
      ++at, --left;
      continue;
    }
    at += used, left -= used;
    switch (code) {
      case 0xdf: out += "ss"; continue;
      case 0xe6:
      case 0xc6: out += "ae"; continue;
      case 0xf8:
      case 0xd8: out += 'o'; continue;
      case 0x153:
      case 0x152: out += "oe"; continue;
      default: break;
    }
    std::array<utf8proc_int32_t, 8> parts{};  // the letter first, then its marks
    int boundary = 0;
    const auto count =
        utf8proc_decompose_char(code, parts.data(), parts.size(), static_cast<utf8proc_option_t>(UTF8PROC_DECOMPOSE | UTF8PROC_CASEFOLD), &boundary);
    if (count > 0 && parts[0] >= 'a' && parts[0] <= 'z') out += static_cast<char>(parts[0]);
  }
  return out;
}

Sound sound_of(std::string_view word, std::string_view language) {
  std::string letters = plain_letters(word);
  std::string code = language == "en" ? Metaphone(letters).run() : cologne(letters);
  return {std::move(letters), std::move(code)};
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= b.size(); ++j)
      diagonal = std::exchange(row[j], std::min({row[j] + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0U : 1U)}));
  }
  return row.back();
}

bool alike(const Sound& a, const Sound& b, Likeness likeness) {
  constexpr std::size_t kLongest = 64;  // letters; what is below grows with the square
  const std::size_t longest = std::max(a.letters.size(), b.letters.size()), sounds = std::min(a.code.size(), b.code.size());
  if (longest > kLongest || sounds == 0) return false;
  switch (likeness) {
    case Likeness::same: return a.code == b.code && edit_distance(a.letters, b.letters) * 5 <= longest * 2;
    case Likeness::near:
      if (a.code != b.code) {  // one apart: then the first or the last of both is the same, which most are not
        if (sounds < 4 || std::max(a.code.size(), b.code.size()) > sounds + 1) return false;
        if ((a.code.front() != b.code.front() && a.code.back() != b.code.back()) || edit_distance(a.code, b.code) > 1) return false;
      }
      return edit_distance(a.letters, b.letters) * 2 <= longest;
  }
  return false;
}

}  // namespace demarc::speech
