// Runs of base64 and hexadecimal: text if what comes out is text.
#include <algorithm>
#include <array>

#include "base/strings.hpp"
#include "privacy/chars.hpp"
#include "privacy/decode.hpp"
#include "privacy/utf8.hpp"

namespace demarc::privacy {
namespace {

constexpr std::size_t kShortestBase64 = 12, kShortestHexBytes = 9;
constexpr std::size_t kLine = 8;  // of a run that is broken into lines; RFC 2045 has 76 characters, but anybody can break it elsewhere

int sextet(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (is_digit(c)) return c - '0' + 52;
  if (c == '+' || c == '-') return 62;
  if (c == '/' || c == '_') return 63;
  return -1;
}

int nibble(char c) { return is_digit(c) ? c - '0' : ascii_lower(c) - 'a' + 10; }

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\r' && c != '\t'; }

// Text has no control characters and is UTF-8 (or UTF-16 of Latin letters: every second byte zero), mostly ASCII: values are.
bool is_text(std::string_view bytes) {
  std::size_t beyond = 0;
  for (std::size_t at = 0; at < bytes.size();) {
    const Utf8Char c = next_utf8(bytes, at);
    const bool cut = !c.valid && bytes.size() - at < 4;  // the last character may be cut off
    if ((!c.valid && !cut) || (c.valid && (c.code == 0x7F || is_control(bytes[at])))) return false;
    beyond += bytes[at] < 0 ? c.size : 0U;
    at += c.size;
  }
  return beyond * 3 <= bytes.size();
}

std::string without_zeros(std::string_view bytes) {
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if ((i % 2 == 1) != (bytes[i] == 0)) return {};
    if (i % 2 == 0) out += bytes[i];
  }
  return out;
}

// The text that these bytes are; "": none.
std::string text_of(std::string bytes) {
  if (is_text(bytes)) return bytes;
  std::string narrow = bytes.size() > 3 && bytes[1] == 0 ? without_zeros(bytes) : std::string();
  return is_text(narrow) ? narrow : std::string();
}

// Random bytes are seen after the first few.
constexpr std::size_t kGlance = 24;
bool could_be_text(std::string_view first) { return is_text(first) || (first.size() > 3 && first[1] == 0 && first[3] == 0); }

// Most long words are none by their first eight letters.
bool begins_like_text(std::string_view text, std::size_t at) {
  if (at + 8 > text.size()) return true;
  std::array<char, 6> bytes;
  for (std::size_t half = 0; half < 2; ++half) {
    std::uint32_t bits = 0;
    for (std::size_t i = 0; i < 4; ++i) {
      const int six = sextet(text[at + half * 4 + i]);
      if (six < 0) return true;
      bits = bits << 6U | static_cast<std::uint32_t>(six);
    }
    for (std::size_t i = 0; i < 3; ++i) bytes[half * 3 + i] = static_cast<char>(bits >> (16 - 8 * i) & 0xFFU);
  }
  return could_be_text({bytes.data(), bytes.size()});
}

}  // namespace

Decoded decode_base64_run(std::string_view text, std::size_t at, Lines lines) {
  if (!begins_like_text(text, at)) return {};
  std::string bytes;
  std::uint32_t bits = 0;
  unsigned have = 0;
  std::size_t end = at, count = 0, line = 0;
  for (; end < text.size(); ++end) {
    const char c = text[end];
    const int six = sextet(c);
    if (six < 0) {
      if (lines == Lines::wrapped && (c == '\n' || c == '\r') && (line >= kLine || line == 0) && count > 0) {
        line = 0;
        continue;
      }
      break;
    }
    bits = bits << 6U | static_cast<std::uint32_t>(six), have += 6, ++count, ++line;
    if (have >= 8) have -= 8, bytes += static_cast<char>(bits >> have & 0xFFU);
    if (bytes.size() == kGlance && !could_be_text(bytes)) return {};
  }
  while (end > at && (text[end - 1] == '\n' || text[end - 1] == '\r')) --end;
  if (count < kShortestBase64 || count % 4 == 1) return {};
  while (end < text.size() && text[end] == '=' && count % 4 != 0) ++end, ++count;
  std::string made = text_of(std::move(bytes));
  if (made.empty()) return {};
  return {end - at, std::move(made)};
}

Decoded decode_hex_run(std::string_view text, std::size_t at) {
  if (at >= 2 && text[at - 1] == 'x' && text[at - 2] != '0') return {};
  std::string bytes;
  std::size_t end = at;
  if (text.substr(at, 2) == "0x" || text.substr(at, 2) == "0X") end += 2;
  while (end + 2 <= text.size() && is_hex(text[end]) && is_hex(text[end + 1])) {
    bytes += static_cast<char>(nibble(text[end]) << 4 | nibble(text[end + 1]));
    end += 2;
    if (bytes.size() == kGlance && !could_be_text(bytes)) return {};
    const char c = after(text, end);
    const bool parted = c == ' ' || c == ':' || c == '-' || c == ',' || c == '\n';
    if (parted && end + 3 <= text.size() && is_hex(text[end + 1]) && is_hex(text[end + 2]) &&
        (!is_alnum(after(text, end + 3)) || is_hex(after(text, end + 3))))
      ++end;
  }
  if (bytes.size() < kShortestHexBytes || is_alnum(after(text, end))) return {};
  std::string made = text_of(std::move(bytes));
  if (made.empty()) return {};
  return {end - at, std::move(made)};
}

}  // namespace demarc::privacy
