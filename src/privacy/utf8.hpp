// UTF-8, read and written by code points. Texts that are read may not be UTF-8 at all: what is not valid counts as one byte. Pure; any thread.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "privacy/chars.hpp"

namespace demarc::privacy {

struct Utf8Char {
  char32_t code = 0;
  std::uint8_t size = 1;  // bytes, at least 1
  bool valid = false;
};

inline Utf8Char next_utf8(std::string_view text, std::size_t at) {  // at < text.size()
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[at + i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) return {first, 1, true};
  const std::uint8_t size = first >= 0xF0 && first < 0xF5 ? 4 : first >= 0xE0 && first < 0xF0 ? 3 : first >= 0xC2 && first < 0xE0 ? 2 : 1;
  if (size == 1 || at + size > text.size()) return {};
  char32_t code = first & (0x7FU >> size);
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xC0U) != 0x80U) return {};
    code = code << 6U | (byte(i) & 0x3FU);
  }
  return {code, size, true};
}

inline void append_utf8(std::string& out, char32_t code) {  // at most U+10FFFF
  const auto tail = [&](unsigned shift) { out += static_cast<char>(0x80U | (code >> shift & 0x3FU)); };
  if (code < 0x80)
    out += static_cast<char>(code);
  else if (code < 0x800)
    out += static_cast<char>(0xC0U | code >> 6U), tail(0);
  else if (code < 0x10000)
    out += static_cast<char>(0xE0U | code >> 12U), tail(6), tail(0);
  else
    out += static_cast<char>(0xF0U | code >> 18U), tail(12), tail(6), tail(0);
}

inline bool is_utf8_tail(char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }

// The begin of the character that the byte at `at` is of, if that is near.
inline std::size_t character_begin(std::string_view text, std::size_t at) {
  for (int back = 0; back < 3 && at > 0 && at < text.size() && is_utf8_tail(text[at]); ++back) --at;
  return at;
}

// Where context around a place may be cut off, at or behind `at` and at or before it: not within a word, since what is glued to one must not stand
// free beside the cut. No further than `limit`.
inline std::size_t cut_behind(std::string_view text, std::size_t at, std::size_t limit) {
  at = character_begin(text, at);
  while (at < limit && at > 0 && is_alnum(text[at - 1]) && is_alnum(text[at])) ++at;
  return at;
}
inline std::size_t cut_before(std::string_view text, std::size_t at, std::size_t limit) {
  at = character_begin(text, std::min(text.size(), at));
  while (at > limit && at < text.size() && is_alnum(text[at - 1]) && is_alnum(text[at])) --at;
  return at;
}

}  // namespace demarc::privacy
