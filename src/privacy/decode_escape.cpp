// Escapes: one character written as several.
#include <algorithm>
#include <array>
#include <charconv>

#include "base/strings.hpp"
#include "privacy/chars.hpp"
#include "privacy/decode.hpp"
#include "privacy/json_leaves.hpp"
#include "privacy/utf8.hpp"

namespace demarc::privacy {
namespace {

constexpr std::string_view kMarks = "_@.-+/:()";  // that stand in values

int hex_at(std::string_view text, std::size_t at) {  // of two digits; -1: none
  int value = 0;
  if (at + 2 > text.size() || !is_hex(text[at]) || !is_hex(text[at + 1])) return -1;
  std::from_chars(text.data() + at, text.data() + at + 2, value, 16);
  return value;
}

std::string utf8_of(char32_t c) {
  if (c == 0 || c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF)) return {};
  std::string out;
  append_utf8(out, c);
  return out;
}

// %41, or =41 in quoted-printable: neighbours of the same kind together, since one character may need several.
Decoded bytes_after(std::string_view text, std::size_t at, char sign) {
  Decoded out;
  for (std::size_t next = at; next < text.size() && text[next] == sign; next += 3) {
    const int value = hex_at(text, next + 1);
    if (value <= 0) break;
    out.text += static_cast<char>(value);
    out.size = next + 3 - at;
  }
  return out;
}

// "u0041" behind the sign at `at`, a pair of surrogates together: in JSON and JavaScript behind a backslash, in older JavaScript behind a percent
// sign.
Decoded utf16_after(std::string_view text, std::size_t at) {
  constexpr std::size_t kUnit = 6;
  const auto is_unit = [&](std::size_t from) {
    return after(text, from) == text[at] && ascii_lower(after(text, from + 1)) == 'u' && hex_at(text, from + 2) >= 0 && hex_at(text, from + 4) >= 0;
  };
  if (!is_unit(at)) return {};
  const bool high = (hex_at(text, at + 2) & 0xFC) == 0xD8;
  std::string json(text.substr(at, high && is_unit(at + kUnit) ? 2 * kUnit : kUnit));
  for (std::size_t i = 0; i < json.size(); i += kUnit) json.replace(i, 2, "\\u");
  return {json.size(), unescape_json(json)};
}

// In forms a plus is a blank, and a plus itself would be escaped: "number%3A+206618305" has none. Base64 has pluses of its own.
Decoded percent(std::string_view text, std::size_t at) {
  if (ascii_lower(after(text, at + 1)) == 'u') return utf16_after(text, at);
  Decoded out = bytes_after(text, at, '%');
  if (out.size == 0 || after(text, at + out.size) != '+') return out;
  const char last = out.text.back();
  if (std::string_view(":,;.!?)\"'").find(last) != std::string_view::npos) out.text += ' ', ++out.size;
  return out;
}

Decoded quoted_printable(std::string_view text, std::size_t at) {
  if (text.substr(at, 2) == "=\n") return {2, {}};
  if (text.substr(at, 3) == "=\r\n") return {3, {}};
  if (at + 3 > text.size() || (text[at + 1] >= 'a' && text[at + 1] <= 'f') || (text[at + 2] >= 'a' && text[at + 2] <= 'f'))
    return {};  // capitals: RFC 2045, 6.7
  return bytes_after(text, at, '=');
}

struct Entity {
  std::string_view name, text;
};
constexpr std::array kEntities = {
    Entity{"amp", "&"},           Entity{"lt", "<"},     Entity{"gt", ">"},     Entity{"quot", "\""},  Entity{"apos", "'"},   Entity{"nbsp", " "},
    Entity{"commat", "@"},        Entity{"period", "."}, Entity{"lowbar", "_"}, Entity{"hyphen", "-"}, Entity{"dash", "-"},   Entity{"shy", ""},
    Entity{"plus", "+"},          Entity{"colon", ":"},  Entity{"sol", "/"},    Entity{"num", "#"},    Entity{"equals", "="}, Entity{"Tab", "\t"},
    Entity{"NewLine", "\n"},      Entity{"lpar", "("},   Entity{"rpar", ")"},   Entity{"ndash", "-"},  Entity{"mdash", "-"},  Entity{"comma", ","},
    Entity{"ZeroWidthSpace", ""}, Entity{"zwnj", ""},    Entity{"zwj", ""},     Entity{"thinsp", " "}, Entity{"ensp", " "},   Entity{"emsp", " "}};

Decoded entity(std::string_view text, std::size_t at) {
  constexpr std::size_t kLongest = 16;
  const std::string_view body = text.substr(at + 1, kLongest);
  if (body.starts_with('#')) {
    const bool hex = body.size() > 1 && (body[1] == 'x' || body[1] == 'X');
    const std::size_t from = hex ? 2 : 1;
    std::uint32_t code = 0;
    const auto [end, error] = std::from_chars(body.data() + std::min(from, body.size()), body.data() + body.size(), code, hex ? 16 : 10);
    const std::size_t size = static_cast<std::size_t>(end - body.data());
    std::string made = error == std::errc() ? utf8_of(code) : std::string();
    if (size <= from || made.empty()) return {};
    if (size < body.size() && body[size] == ';') return {size + 2, std::move(made)};
    // Browsers forgive a missing semicolon; here only where nothing follows that could still belong to it.
    const std::string_view next = body.substr(size);
    const bool another =
        next.starts_with("&#") && !next.starts_with("&#5") && !next.starts_with("&#x3b") && !next.starts_with("&#x3B");  // &#59; is the semicolon
    if (code < 0x20 || (!next.empty() && !is_blank(next[0]) && !another)) return {};
    return {size + 1, std::move(made)};
  }
  const std::size_t close = body.find(';');
  if (close == std::string_view::npos) return {};
  for (const Entity& known : kEntities)
    if (body.substr(0, close) == known.name) return {close + 2, std::string(known.text)};
  return {};
}

// \101, as in C and in shells: neighbours together.
Decoded octal_bytes(std::string_view text, std::size_t at) {
  const auto is_octal = [](char c) { return c >= '0' && c <= '7'; };
  Decoded out;
  for (std::size_t next = at;
       next + 4 <= text.size() && text[next] == '\\' && text[next + 1] <= '3' && std::ranges::all_of(text.substr(next + 1, 3), is_octal); next += 4) {
    const int value = (text[next + 1] - '0') * 64 + (text[next + 2] - '0') * 8 + (text[next + 3] - '0');
    if (value == 0) break;
    out.text += static_cast<char>(value);
    out.size = next + 4 - at;
  }
  return out;
}

// \u0041, \u{41}, \U00000041, \x41, \101, as in JSON, JavaScript, C and Python; marks as Markdown, TeX and regular expressions escape them.
Decoded backslash(std::string_view text, std::size_t at) {
  const std::string_view rest = text.substr(at, 12);
  if (rest.starts_with("\\x")) {
    Decoded out;
    for (std::size_t next = at; text.substr(next, 2) == "\\x"; next += 4) {
      const int value = hex_at(text, next + 2);
      if (value <= 0) break;
      out.text += static_cast<char>(value);
      out.size = next + 4 - at;
    }
    return out;
  }
  if (rest.starts_with("\\U") && rest.size() >= 10 && std::ranges::all_of(rest.substr(2, 8), is_hex)) {
    std::uint32_t code = 0;
    std::from_chars(rest.data() + 2, rest.data() + 10, code, 16);
    std::string made = utf8_of(code);
    return made.empty() ? Decoded{} : Decoded{10, std::move(made)};
  }
  if (rest.starts_with("\\u{")) {
    std::uint32_t code = 0;
    const auto [end, error] = std::from_chars(rest.data() + 3, rest.data() + rest.size(), code, 16);
    std::string made = error == std::errc() && end != rest.data() + rest.size() && *end == '}' ? utf8_of(code) : std::string();
    if (made.empty()) return {};
    return {static_cast<std::size_t>(end - rest.data()) + 1, std::move(made)};
  }
  if (rest.starts_with("\\u")) return utf16_after(text, at);
  if (rest.size() > 1 && kMarks.find(rest[1]) != std::string_view::npos) return {2, std::string(1, rest[1])};
  return octal_bytes(text, at);
}

}  // namespace

Decoded decode_escape(std::string_view text, std::size_t at) {
  switch (text[at]) {
    case '%': return percent(text, at);
    case '&': return entity(text, at);
    case '=': return quoted_printable(text, at);
    default: return backslash(text, at);
  }
}

}  // namespace demarc::privacy
