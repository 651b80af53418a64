#include "privacy/charset.hpp"

#include <algorithm>
#include <array>

#include "base/strings.hpp"
#include "privacy/chars.hpp"
#include "privacy/utf8.hpp"

namespace demarc::privacy {
namespace {

using Form = Charset::Form;

constexpr std::size_t kSample_bytes = 4096;   // in which the rhythm of zero bytes is looked for
constexpr std::size_t kForeignShare_inv = 3;  // one letter in so many may be beyond ASCII in Windows-1252

// 0x80 to 0x9F of Windows-1252; 0: not assigned. The rest is Latin-1.
constexpr std::array<char16_t, 32> kWindows1252 = {0x20AC, 0,      0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
                                                   0x2039, 0x0152, 0,      0x017D, 0,      0,      0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
                                                   0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0,      0x017E, 0x0178};

struct Mark {
  std::string_view bytes;
  Form form;
};
constexpr std::array<Mark, 5> kMarks = {{{{"\xFF\xFE\0\0", 4}, Form::utf32_le},  // before UTF-16's, which it begins with
                                         {{"\0\0\xFE\xFF", 4}, Form::utf32_be},
                                         {"\xFF\xFE", Form::utf16_le},
                                         {"\xFE\xFF", Form::utf16_be},
                                         {"\xEF\xBB\xBF", Form::utf8}}};

std::size_t unit_of(Form form) {
  switch (form) {
    case Form::utf8:
    case Form::windows_1252: return 1;
    case Form::utf16_le:
    case Form::utf16_be: return 2;
    case Form::utf32_le:
    case Form::utf32_be: return 4;
  }
  return 1;
}

bool is_little(Form form) { return form == Form::utf16_le || form == Form::utf32_le; }

char32_t unit_at(std::string_view bytes, std::size_t at, std::size_t size, bool little) {
  char32_t value = 0;
  for (std::size_t i = 0; i < size; ++i) value = value << 8U | static_cast<unsigned char>(bytes[at + (little ? size - 1 - i : i)]);
  return value;
}

std::optional<std::string> from_wide(std::string_view bytes, Form form) {
  const std::size_t size = unit_of(form);
  if (bytes.size() % size != 0) return std::nullopt;
  std::string out;
  for (std::size_t at = 0; at < bytes.size(); at += size) {
    char32_t code = unit_at(bytes, at, size, is_little(form));
    if (size == 2 && code >= 0xD800 && code < 0xDC00) {
      if (at + 4 > bytes.size()) return std::nullopt;
      const char32_t low = unit_at(bytes, at += 2, 2, is_little(form));
      if (low < 0xDC00 || low > 0xDFFF) return std::nullopt;
      code = 0x10000 + ((code - 0xD800) << 10U) + (low - 0xDC00);
    } else if ((code >= 0xD800 && code < 0xE000) || code > 0x10FFFF) {
      return std::nullopt;
    }
    append_utf8(out, code);
  }
  return out;
}

std::optional<std::string> from_windows_1252(std::string_view bytes) {
  std::string out;
  std::size_t letters = 0, foreign = 0;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    letters += byte >= 0xC0 || is_letter(c) ? 1 : 0, foreign += byte >= 0xC0 ? 1 : 0;
    const char32_t code = windows_1252(byte);
    if (code == 0 && byte != 0) return std::nullopt;
    append_utf8(out, code);
  }
  if (foreign * kForeignShare_inv > letters) return std::nullopt;
  return out;
}

// Western text in UTF-16 or UTF-32 is zero in all bytes of a character but one.
std::optional<Form> rhythm_of(std::string_view bytes) {
  const std::string_view sample = bytes.substr(0, kSample_bytes & ~std::size_t{3});
  std::array<std::size_t, 4> zeros{};
  for (std::size_t i = 0; i < sample.size(); ++i) zeros.at(i % 4) += sample[i] == '\0' ? 1 : 0;
  const auto most = [&](std::size_t place) { return zeros.at(place) * 10 > sample.size() / 4 * 7; };
  const auto none = [&](std::size_t place) { return zeros.at(place) == 0; };
  if (bytes.size() % 4 == 0 && none(0) && most(1) && most(2) && most(3)) return Form::utf32_le;
  if (bytes.size() % 4 == 0 && most(0) && most(1) && most(2) && none(3)) return Form::utf32_be;
  if (none(0) && most(1) && none(2) && most(3)) return Form::utf16_le;
  if (most(0) && none(1) && most(2) && none(3)) return Form::utf16_be;
  return std::nullopt;
}

bool is_free_of_controls(std::string_view utf8) {
  for (std::size_t at = 0; at < utf8.size();) {
    const Utf8Char c = next_utf8(utf8, at);
    const bool control = c.code < 0x80 ? is_control(utf8[at]) : c.code < 0xA0;
    if (!c.valid || control) return false;
    at += c.size;
  }
  return true;
}

std::optional<DecodedText> decode_as(std::string_view bytes, Charset charset) {
  std::optional<std::string> text;
  switch (charset.form) {
    case Form::utf8:
      if (is_utf8(bytes)) text = bytes;
      break;
    case Form::windows_1252: text = from_windows_1252(bytes); break;
    case Form::utf16_le:
    case Form::utf16_be:
    case Form::utf32_le:
    case Form::utf32_be: text = from_wide(bytes, charset.form); break;
  }
  if (!text || !is_free_of_controls(*text)) return std::nullopt;
  return DecodedText{charset, *std::move(text)};
}

void append_unit(std::string& out, char32_t value, std::size_t size, bool little) {
  for (std::size_t i = 0; i < size; ++i) out += static_cast<char>(value >> 8U * (little ? i : size - 1 - i) & 0xFFU);
}

void append_wide(std::string& out, char32_t code, Form form) {
  if (unit_of(form) == 4 || code < 0x10000) return append_unit(out, code, unit_of(form), is_little(form));
  append_unit(out, 0xD800 + ((code - 0x10000) >> 10U), 2, is_little(form));
  append_unit(out, 0xDC00 + ((code - 0x10000) & 0x3FFU), 2, is_little(form));
}

char to_windows_1252(char32_t code) {
  if (code < 0x80 || (code >= 0xA0 && code < 0x100)) return static_cast<char>(code);
  const auto* const found = std::find(kWindows1252.begin(), kWindows1252.end(), code);
  return found == kWindows1252.end() ? '?' : static_cast<char>(0x80 + (found - kWindows1252.begin()));
}

}  // namespace

char32_t windows_1252(unsigned char byte) { return byte >= 0x80 && byte < 0xA0 ? kWindows1252[byte - 0x80] : byte; }

std::optional<DecodedText> decode_text(std::string_view bytes) {
  for (const Mark& mark : kMarks)
    if (bytes.starts_with(mark.bytes)) return decode_as(bytes.substr(mark.bytes.size()), {mark.form, true});
  if (const auto form = rhythm_of(bytes)) return decode_as(bytes, {*form, false});
  if (is_utf8(bytes)) return decode_as(bytes, {Form::utf8, false});
  return decode_as(bytes, {Form::windows_1252, false});
}

std::string encode_text(const Charset& charset, std::string_view utf8) {
  std::string out;
  if (charset.has_mark) {
    const auto* const mark = std::find_if(kMarks.begin(), kMarks.end(), [&](const Mark& m) { return m.form == charset.form; });
    if (mark != kMarks.end()) out = mark->bytes;
  }
  if (charset.form == Form::utf8) return out.append(utf8);
  for (std::size_t at = 0; at < utf8.size();) {
    const Utf8Char c = next_utf8(utf8, at);
    at += c.size;
    const char32_t code = c.valid ? c.code : U'?';
    charset.form == Form::windows_1252 ? out += to_windows_1252(code) : (append_wide(out, code, charset.form), out);
  }
  return out;
}

}  // namespace demarc::privacy
