#include "privacy/fold.hpp"

#include <algorithm>
#include <cstring>
#include <optional>

#include "privacy/utf8.hpp"

namespace demarc::privacy {
namespace {

constexpr char kDrop = '\0';

std::optional<char> decimal_digit(char32_t c) {
  // First digits of the Unicode blocks of decimal digits that people type numbers in (category Nd).
  constexpr char32_t kZeros[] = {0x0660, 0x06F0, 0x07C0, 0x0966, 0x09E6, 0x0A66, 0x0AE6, 0x0B66,  0x0BE6,  0x0C66,  0x0CE6,  0x0D66,
                                 0x0E50, 0x0ED0, 0x0F20, 0x1040, 0x17E0, 0x1810, 0xFF10, 0x1D7CE, 0x1D7D8, 0x1D7E2, 0x1D7EC, 0x1D7F6};
  for (char32_t zero : kZeros) {
    if (c >= zero && c <= zero + 9) return static_cast<char>('0' + (c - zero));
  }
  return std::nullopt;
}

bool is_invisible(char32_t c) {
  return c == 0x00AD || c == 0x034F || c == 0x061C || c == 0x180E || (c >= 0x200B && c <= 0x200F) || (c >= 0x202A && c <= 0x202E) ||
         (c >= 0x2060 && c <= 0x2064) || (c >= 0x2066 && c <= 0x206F) || c == 0xFEFF || (c >= 0xFE00 && c <= 0xFE0F) ||
         (c >= 0xE0000 && c <= 0xE01EF);
}

bool is_space(char32_t c) { return c == 0x00A0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x202F || c == 0x205F || c == 0x3000; }

bool is_dash(char32_t c) { return (c >= 0x2010 && c <= 0x2015) || c == 0x2043 || c == 0x2212 || c == 0xFE58 || c == 0xFE63; }

// What `c` is read as; nullopt: as itself.
std::optional<char> folded(char32_t c) {
  if (is_invisible(c)) return kDrop;
  if (is_space(c)) return ' ';
  if (is_dash(c)) return '-';
  if (c >= 0xFF01 && c <= 0xFF5E) return static_cast<char>(c - 0xFF01 + '!');
  return decimal_digit(c);
}

std::size_t first_non_ascii(std::string_view text, std::size_t at) {
  for (; at + 8 <= text.size(); at += 8) {
    std::uint64_t eight = 0;
    std::memcpy(&eight, text.data() + at, 8);
    if ((eight & 0x8080808080808080ULL) != 0) break;
  }
  while (at < text.size() && static_cast<signed char>(text[at]) >= 0) ++at;
  return at;
}

}  // namespace

Folded::Folded(std::string_view text) : original_(text) {
  std::size_t kept = 0;  // bytes of the text that are in the copy already, or folded away
  for (std::size_t at = first_non_ascii(text, 0); at < text.size(); at = first_non_ascii(text, at)) {
    const Utf8Char c = next_utf8(text, at);
    const std::optional<char> as = c.valid ? folded(c.code) : std::nullopt;
    if (as) {
      if (!changed_) steps_.push_back({0, 0});
      changed_ = true;
      copy_.append(text, kept, at - kept);
      if (*as != kDrop) {
        steps_.push_back({copy_.size(), at});
        copy_ += *as;
      }
      kept = at + c.size;
      steps_.push_back({copy_.size(), kept});
    }
    at += c.size;
  }
  if (changed_) copy_.append(text, kept, std::string_view::npos);
}

std::size_t Folded::at(std::size_t folded) const {
  const auto after = std::upper_bound(steps_.begin(), steps_.end(), folded, [](std::size_t value, const Step& step) { return value < step.folded; });
  const Step& step = *(after - 1);
  return step.original + (folded - step.folded);
}

Span Folded::original(Span span) const {
  if (!changed_) return span;
  if (span.begin == span.end) return {at(span.begin), at(span.begin)};
  const std::size_t last = at(span.end - 1);  // of the last character, not of what invisible things follow it
  return {at(span.begin), last + next_utf8(original_, last).size};
}

}  // namespace demarc::privacy
