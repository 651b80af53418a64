// What kind of character an ASCII byte is, without the locale; and a few things detectors ask of the text around a number. Pure; any thread.
#pragma once

#include <string_view>

namespace demarc::privacy {

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
constexpr bool is_alnum(char c) { return is_digit(c) || is_letter(c); }
constexpr bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
constexpr int hex_value(char c) { return is_digit(c) ? c - '0' : (c | 0x20) - 'a' + 10; }  // of one that is_hex()
constexpr bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
// No white space and no page break, which stands in what was made of PDFs: bytes with such a character are no text.
constexpr bool is_control(char c) { return (c >= 0 && c < 0x20 && !is_blank(c) && c != '\f') || c == 0x7F; }

// The character before or after a place; a space beyond the ends.
constexpr char before(std::string_view text, std::size_t at) { return at == 0 ? ' ' : text[at - 1]; }
constexpr char after(std::string_view text, std::size_t end) { return end < text.size() ? text[end] : ' '; }

constexpr bool has_digit_and_letter(std::string_view text) {
  bool digit = false, letter = false;
  for (char c : text) digit = digit || is_digit(c), letter = letter || is_letter(c);
  return digit && letter;
}

}  // namespace demarc::privacy
