// Charset: bytes that may be a text in one of the encodings that files have, as UTF-8, and back.
//
//   const std::optional<DecodedText> text = decode_text(bytes);        // nullopt: no text, or in an encoding that nobody here can tell
//   std::string again = encode_text(text->charset, text->utf8);    // == bytes
//
// A byte order mark decides; without one, zero bytes in the rhythm of UTF-16 or UTF-32, then whether it is UTF-8, then Windows-1252 (of which Latin-1
// is a part in practice). Text holds no control characters but white space. Bytes of which a third of the letters are not ASCII are some other
// alphabet's (KOI8-R, Shift_JIS, …) and not guessed at. Pure; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace demarc::privacy {

struct Charset {
  enum class Form : std::uint8_t { utf8, utf16_le, utf16_be, utf32_le, utf32_be, windows_1252 };
  Form form = Form::utf8;
  bool has_mark = false;  // a byte order mark, which is no part of the text
};

struct DecodedText {
  Charset charset;
  std::string utf8;
};

std::optional<DecodedText> decode_text(std::string_view bytes);

char32_t windows_1252(unsigned char byte);  // the character; 0: not assigned (but for 0)

// A character that the encoding lacks becomes "?".
std::string encode_text(const Charset& charset, std::string_view utf8);

}  // namespace demarc::privacy
