// Runs of base64 and hexadecimal: text if what comes out is text, as far as it is. Random bytes are seen after a few, and what was read for longer
// than that is used up: no run is read again from each of its lines, so a text costs what it is long, whatever is in it.
#include <array>

#include "base/strings.hpp"
#include "privacy/chars.hpp"
#include "privacy/decode.hpp"
#include "privacy/text_so_far.hpp"

namespace demarc::privacy {
namespace {

constexpr std::size_t kShortestBase64 = 12, kShortestHexBytes = 9;
constexpr std::size_t kLine = 8;  // of a run that is broken into lines; RFC 2045 has 76 characters, but anybody can break it elsewhere

constexpr auto kSextets = [] {
  constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  std::array<std::int8_t, 256> out{};
  out.fill(-1);
  for (std::size_t i = 0; i < kAlphabet.size(); ++i) out[static_cast<unsigned char>(kAlphabet[i])] = static_cast<std::int8_t>(i);
  out['+'] = out['-'] = 62, out['/'] = out['_'] = 63;
  return out;
}();
int sextet(char c) { return kSextets[static_cast<unsigned char>(c)]; }

bool is_break(char c) { return c == '\n' || c == '\r'; }

// Where a run could end.
struct Mark {
  std::size_t end = 0;         // in the text
  TextSoFar::Length length{};  // decoded
};

Decoded up_to(const Mark& mark, std::size_t at, const TextSoFar& bytes) {
  std::string made = bytes.text(mark.length);
  return made.empty() ? Decoded{} : Decoded{mark.end - at, std::move(made)};
}

}  // namespace

bool may_be_base64(std::string_view text, std::size_t at, Encodings as) {
  TextCheck bytes(as);
  std::uint32_t bits = 0;
  for (std::size_t i = 0; i < 8 && at + i < text.size(); ++i) {
    const int six = sextet(text[at + i]);
    if (six < 0) return true;
    bits = bits << 6U | static_cast<std::uint32_t>(six);
    if (i % 4 > 0 && !bytes.take(static_cast<char>(bits >> (6 - 2 * (i % 4)) & 0xFFU))) return false;
  }
  return true;
}

Decoded decode_base64_run(std::string_view text, std::size_t at, Lines lines, Encodings as) {
  if (!may_be_base64(text, at, as)) return {};
  TextSoFar bytes(as);
  Mark read, broken;  // what is text so far; before the last line break
  std::uint32_t bits = 0;
  unsigned have = 0;
  std::size_t end = at, count = 0, line = 0;
  bool is_text = true;
  for (; end < text.size() && is_text; ++end) {
    const int six = sextet(text[end]);
    if (six < 0) {
      if (lines == Lines::one || !is_break(text[end]) || count == 0 || (line > 0 && line < kLine)) break;
      if (line > 0) broken = {end, bytes.length()};
      line = 0;
      continue;
    }
    bits = bits << 6U | static_cast<std::uint32_t>(six), have += 6, ++count, ++line;
    if (have < 8) continue;
    have -= 8;
    is_text = bytes.take(static_cast<char>(bits >> have & 0xFFU));
    if (is_text) read = {end + 1, bytes.length()};
  }
  if (!is_text && broken.length.is_sure()) return up_to(broken, at, bytes);  // the next line may be a word of prose
  if (!is_text || count % 4 == 1) {
    if (!read.length.is_sure()) return {};
    Decoded begin = up_to(read, at, bytes);
    begin.text += '\n';  // the bytes behind are none of its last word
    return begin;
  }
  while (end > at && is_break(text[end - 1])) --end;
  if (count < kShortestBase64) return {};
  while (end < text.size() && text[end] == '=' && count % 4 != 0) ++end, ++count;
  return up_to({end, bytes.length()}, at, bytes);
}

Decoded decode_hex_run(std::string_view text, std::size_t at, Encodings as) {
  if (!is_hex(text[at]) || (at >= 2 && text[at - 1] == 'x' && text[at - 2] != '0')) return {};
  TextSoFar bytes(as);
  std::size_t next = at;
  if (text.substr(at, 2) == "0x" || text.substr(at, 2) == "0X") next += 2;
  Mark read{next};
  while (next + 2 <= text.size() && is_hex(text[next]) && is_hex(text[next + 1]) &&
         bytes.take(static_cast<char>(hex_value(text[next]) << 4 | hex_value(text[next + 1])))) {
    next += 2;
    read = {next, bytes.length()};
    const char c = after(text, next);
    const bool parted = c == ' ' || c == ':' || c == '-' || c == ',' || c == '\n';
    if (parted && next + 3 <= text.size() && is_hex(text[next + 1]) && is_hex(text[next + 2]) &&
        (!is_alnum(after(text, next + 3)) || is_hex(after(text, next + 3))))
      ++next;
  }
  const bool whole = next == read.end && !is_alnum(after(text, next));
  return read.length.is_sure() || (whole && read.length.bytes >= kShortestHexBytes) ? up_to(read, at, bytes) : Decoded{};
}

}  // namespace demarc::privacy
