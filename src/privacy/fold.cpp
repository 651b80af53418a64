#include "privacy/fold.hpp"

#include <utf8proc.h>

#include <array>
#include <cstring>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "privacy/utf8.hpp"

namespace demarc::privacy {
namespace {

std::optional<char> decimal_digit(char32_t c) {
  // First digits of the Unicode blocks of decimal digits that people type numbers in (category Nd).
  constexpr char32_t kZeros[] = {0x0660, 0x06F0, 0x07C0, 0x0966, 0x09E6, 0x0A66, 0x0AE6, 0x0B66, 0x0BE6, 0x0C66,
                                 0x0CE6, 0x0D66, 0x0E50, 0x0ED0, 0x0F20, 0x1040, 0x17E0, 0x1810, 0xFF10};
  for (char32_t zero : kZeros) {
    if (c >= zero && c <= zero + 9) return static_cast<char>('0' + (c - zero));
  }
  return std::nullopt;
}

bool is_invisible(char32_t c) {
  return c == 0x00AD || c == 0x034F || c == 0x061C || c == 0x115F || c == 0x1160 || c == 0x180E || (c >= 0x200B && c <= 0x200F) ||
         (c >= 0x202A && c <= 0x202E) || (c >= 0x2060 && c <= 0x2064) || (c >= 0x2066 && c <= 0x206F) || c == 0x3164 || c == 0xFEFF || c == 0xFFA0 ||
         (c >= 0xFE00 && c <= 0xFE0F) || (c >= 0xE0000 && c <= 0xE01EF);
}

// Marks that stand over, under or through the character before them.
bool is_mark(char32_t c) {
  return (c >= 0x0300 && c <= 0x036F) || (c >= 0x1AB0 && c <= 0x1AFF) || (c >= 0x1DC0 && c <= 0x1DFF) || (c >= 0x20D0 && c <= 0x20F0);
}

bool is_space(char32_t c) {
  return c == 0x00A0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000;
}

bool is_dash(char32_t c) { return (c >= 0x2010 && c <= 0x2015) || c == 0x2043 || c == 0x2212 || c == 0xFE58 || c == 0xFE63; }

// What NFKC makes of a character, where that is ASCII. Asked of utf8proc once for every character that could be, at start.
class Compatible {
 public:
  static const Compatible& instance() {
    static const Compatible table;
    return table;
  }
  [[nodiscard]] std::optional<std::string_view> find(char32_t c) const {
    if (c < kPlane && entry_of_[c] == 0) return std::nullopt;  // nearly all that anybody writes
    const auto found = made_.find(c);
    return found == made_.end() ? std::nullopt : std::optional<std::string_view>(found->second);
  }

 private:
  static constexpr char32_t kPlane = 0x10000;
  Compatible() {
    for (char32_t c = 0x80; c < kPlane; ++c)
      if (c < 0x3400 || c > 0xD7A3) add(c);  // ideographs and Hangul become themselves or each other
    for (char32_t c = 0x1D400; c <= 0x1D7FF; ++c) add(c);
    for (char32_t c = 0x1F100; c <= 0x1F1FF; ++c) add(c);
    for (char32_t c = 0x1FBF0; c <= 0x1FBF9; ++c) add(c);
  }
  void add(char32_t c) {
    std::array<utf8proc_int32_t, 20> made;
    const auto count = utf8proc_decompose_char(static_cast<utf8proc_int32_t>(c), made.data(), made.size(),
                                               static_cast<utf8proc_option_t>(UTF8PROC_COMPAT | UTF8PROC_DECOMPOSE), nullptr);
    std::string ascii;
    for (std::ptrdiff_t i = 0; i < count && made[static_cast<std::size_t>(i)] < 0x80; ++i)
      ascii += static_cast<char>(made[static_cast<std::size_t>(i)]);
    if (count <= 0 || ascii.size() != static_cast<std::size_t>(count)) return;
    if (c < kPlane) entry_of_[c] = 1;
    made_.emplace(c, std::move(ascii));
  }
  std::vector<std::uint8_t> entry_of_ = std::vector<std::uint8_t>(kPlane);
  std::unordered_map<char32_t, std::string> made_;
};

// What `c` is read as: nullopt: as itself; "": not at all.
std::optional<std::string_view> folded(char32_t c, char& buffer) {
  const auto one = [&](char as) {
    buffer = as;
    return std::string_view(&buffer, 1);
  };
  if (is_invisible(c) || is_mark(c)) return std::string_view();
  if (is_space(c)) return one(' ');
  if (is_dash(c)) return one('-');
  if (c >= 0xFF01 && c <= 0xFF5E) return one(static_cast<char>(c - 0xFF01 + '!'));
  if (const auto digit = decimal_digit(c)) return one(*digit);
  return Compatible::instance().find(c);
}

}  // namespace

std::size_t first_non_ascii(std::string_view text, std::size_t at) {
  for (; at + 32 <= text.size(); at += 32) {
    std::array<std::uint64_t, 4> four;
    std::memcpy(four.data(), text.data() + at, 32);
    if (((four[0] | four[1] | four[2] | four[3]) & 0x8080808080808080ULL) != 0) break;
  }
  while (at < text.size() && static_cast<signed char>(text[at]) >= 0) ++at;
  return at;
}

std::optional<Mapped> fold(std::string_view text) {
  std::optional<Mapped> out;
  std::size_t kept = 0;  // bytes of the text that are in the copy already, or folded away
  char buffer = 0;
  for (std::size_t at = first_non_ascii(text, 0); at < text.size(); at = first_non_ascii(text, at)) {
    const Utf8Char c = next_utf8(text, at);
    if (const auto as = c.valid ? folded(c.code, buffer) : std::nullopt) {
      if (!out) out.emplace();
      out->copy(text, {kept, at});
      kept = at + c.size;
      out->put(*as, {at, kept});
    }
    at += c.size;
  }
  if (out) out->copy(text, {kept, text.size()});
  return out;
}

}  // namespace demarc::privacy
