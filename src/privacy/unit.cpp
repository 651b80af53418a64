#include "privacy/unit.hpp"

#include <utf8proc.h>

#include "privacy/chars.hpp"
#include "privacy/utf8.hpp"

namespace demarc::privacy {
namespace {

constexpr char32_t kNotACharacter = 0xFFFD;

bool is_invisible(char32_t c) { return c == 0xAD || (c >= 0x200B && c <= 0x200F) || (c >= 0x2060 && c <= 0x2064) || c == 0xFEFF; }

bool is_spacing(char32_t c) {
  return c == ' ' || c == '-' || c == '_' || c == 0xA0 || (c >= 0x2000 && c <= 0x200A) || (c >= 0x2010 && c <= 0x2015) || c == 0x202F ||
         c == 0x2212 || c == 0x3000;
}

Unit classified(char32_t code, std::size_t size) {
  if (code >= 0xFF01 && code <= 0xFF5E) code -= 0xFEE0;  // full-width
  if (code < 0x80 && is_alnum(static_cast<char>(code))) return {UnitKind::alnum, code, size};
  if (is_spacing(code)) return {UnitKind::spacing, code, size};
  if (code == '\\') return {UnitKind::backslash, code, size};
  if (is_invisible(code)) return {UnitKind::invisible, code, size};
  return {UnitKind::other, code, size};
}

std::size_t utf8_size(unsigned char first) { return first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2; }

Unit plain_unit(std::string_view rest) {
  const Utf8Char c = next_utf8(rest, 0);
  if (c.valid) return classified(c.code, c.size);
  const auto first = static_cast<unsigned char>(rest[0]);
  if (first < 0xC2 || first >= 0xF5 || rest.size() >= utf8_size(first)) return {UnitKind::other, kNotACharacter, 1};
  for (std::size_t i = 1; i < rest.size(); ++i)
    if (!is_utf8_tail(rest[i])) return {UnitKind::other, kNotACharacter, 1};
  return {UnitKind::cut, 0, 0};
}

// \uXXXX. Halves of a pair stand for characters that no placeholder has, so each may count as one.
Unit unicode_escape(std::string_view rest) {
  char32_t code = 0;
  for (std::size_t i = 2; i < 6; ++i) {
    if (i == rest.size()) return {UnitKind::cut, 0, 0};
    if (!is_hex(rest[i])) return {UnitKind::other, kNotACharacter, 1};
    code = code * 16 + static_cast<char32_t>(is_digit(rest[i]) ? rest[i] - '0' : (rest[i] | 0x20) - 'a' + 10);
  }
  return classified(code, 6);
}

Unit json_escape(std::string_view rest) {
  if (rest.size() == 1) return {UnitKind::cut, 0, 0};
  switch (rest[1]) {
    case 'u': return unicode_escape(rest);
    case '\\': return {UnitKind::backslash, '\\', 2};
    case 'n':
    case 'r':
    case 't':
    case 'b':
    case 'f': return {UnitKind::other, '\n', 2};
    case '"':
    case '/': return {UnitKind::other, static_cast<char32_t>(rest[1]), 2};
    default: return {UnitKind::backslash, '\\', 1};  // not JSON; a model wrote Markdown's escape
  }
}

}  // namespace

Unit next_unit(std::string_view rest, TextForm form) { return form == TextForm::json && rest[0] == '\\' ? json_escape(rest) : plain_unit(rest); }

bool is_capital(char32_t code) { return utf8proc_isupper(static_cast<utf8proc_int32_t>(code)) != 0; }
bool is_cased(char32_t code) { return is_capital(code) || utf8proc_islower(static_cast<utf8proc_int32_t>(code)) != 0; }

}  // namespace demarc::privacy
