#include "privacy/mail_words.hpp"

#include <algorithm>
#include <array>

#include "base/encode.hpp"
#include "base/strings.hpp"
#include "privacy/chars.hpp"
#include "privacy/charset.hpp"

namespace demarc::privacy {
namespace {

constexpr std::size_t kLine = 72;  // of an encoded line; RFC 2045 allows 76

struct Word {
  std::string_view charset, coding, text;
  std::size_t end = 0;
};

// "=?charset?Q?text?=" at `at`. `last_end`: where the last "?=" stands, so that none is looked for again and again behind it.
std::optional<Word> word_at(std::string_view text, std::size_t at, std::size_t last_end) {
  if (text.substr(at, 2) != "=?") return std::nullopt;
  const std::size_t first = text.find('?', at + 2);
  if (first == std::string_view::npos || first + 2 >= text.size() || text[first + 2] != '?' || first + 3 > last_end) return std::nullopt;
  const std::size_t end = text.find("?=", first + 3);
  std::string_view charset = text.substr(at + 2, first - at - 2);
  charset = charset.substr(0, charset.find('*'));  // "utf-8*en": a language, RFC 2231
  return Word{charset, text.substr(first + 1, 1), text.substr(first + 3, end - first - 3), end + 2};
}

std::optional<std::string> decode_word(const Word& word) {
  if (!is_known_charset(word.charset)) return std::nullopt;
  std::optional<std::string> bytes;
  if (equals_ignoring_case(word.coding, "b")) bytes = from_base64(word.text);
  if (equals_ignoring_case(word.coding, "q")) {
    std::string spaced(word.text);
    std::replace(spaced.begin(), spaced.end(), '_', ' ');
    bytes = decode_quoted_printable(spaced);
  }
  if (!bytes) return std::nullopt;
  auto decoded = decode_text(*bytes);
  if (!decoded) return std::nullopt;
  return std::move(decoded->utf8);
}

}  // namespace

std::string decode_quoted_printable(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '=') {
      out += text[at];
      continue;
    }
    const std::string_view rest = text.substr(at + 1);
    const std::size_t line_end = rest.find_first_not_of(" \t\r");
    if (line_end == std::string_view::npos) break;
    if (rest[line_end] == '\n') {  // a soft line break, with what a transport may have put behind it
      at += 1 + line_end;
      continue;
    }
    if (const auto byte = rest.size() >= 2 ? from_hex(to_lower(rest.substr(0, 2))) : std::nullopt) {
      out += *byte, at += 2;
      continue;
    }
    out += '=';
  }
  return out;
}

std::string encode_quoted_printable(std::string_view bytes) {
  const std::string_view line_end = bytes.find("\r\n") == std::string_view::npos ? "\n" : "\r\n";
  std::string out;
  std::size_t column = 0;
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    if (bytes.substr(at).starts_with(line_end)) {
      out += line_end, at += line_end.size() - 1, column = 0;
      continue;
    }
    const char c = bytes[at];
    const bool before_end = at + 1 == bytes.size() || bytes.substr(at + 1).starts_with(line_end);
    const bool plain = (c > ' ' && c < 0x7F && c != '=') || ((c == ' ' || c == '\t') && !before_end);
    std::string hex = to_hex(bytes.substr(at, 1));
    std::transform(hex.begin(), hex.end(), hex.begin(), [](char h) { return is_letter(h) ? static_cast<char>(h - 32) : h; });
    const std::string written = plain ? std::string(1, c) : "=" + hex;
    if (column + written.size() > kLine) (out += '=') += line_end, column = 0;
    out += written, column += written.size();
  }
  return out;
}

std::optional<std::string> decode_wrapped_base64(std::string_view text) {
  std::string joined;
  std::copy_if(text.begin(), text.end(), std::back_inserter(joined), [](char c) { return !is_blank(c); });
  return from_base64(joined);
}

std::string encode_wrapped_base64(std::string_view bytes, std::string_view line_end) {
  const std::string all = to_base64(bytes);
  std::string out;
  for (std::size_t at = 0; at < all.size(); at += kLine) (out.append(all, at, kLine)) += line_end;
  return out;
}

bool is_known_charset(std::string_view name) {
  constexpr std::array<std::string_view, 8> kKnown = {"utf-8", "utf8", "us-ascii", "ascii", "iso-8859-1", "latin1", "windows-1252", "cp1252"};
  return std::ranges::any_of(kKnown, [&](std::string_view known) { return equals_ignoring_case(name, known); });
}

std::optional<std::string> decode_header(std::string_view text) {
  std::string out;
  std::size_t behind_word = std::string::npos;  // out.size() when a word ended, with nothing but white space since
  const std::size_t last = text.rfind("?="), last_end = last == std::string_view::npos ? 0 : last;
  for (std::size_t at = 0; at < text.size();) {
    if (const auto word = word_at(text, at, last_end)) {
      const auto decoded = decode_word(*word);
      if (!decoded) return std::nullopt;
      if (behind_word != std::string::npos) out.resize(behind_word);  // white space between two words is none of the text
      out += *decoded;
      behind_word = out.size();
      at = word->end;
      continue;
    }
    if (!is_blank(text[at])) behind_word = std::string::npos;
    out += text[at++];
  }
  return out;
}

}  // namespace demarc::privacy
