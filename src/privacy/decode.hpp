// decode: the stretches of a text that hold encodings, with one layer of them undone. Escapes are %40, &#64; and &commat;, \u0040 and \x40, =40
// (quoted-printable); runs are base64 and hexadecimal that hold text. Each stands for the whole of its source, so that what is found inside is hidden
// as a whole. Escapes inside a run cut it in pieces that decode to something else: they are undone first.
//
//   if (const std::optional<Mapped> decoded = decode_escapes(text, Signs(text))) …   // nullopt: nothing to undo
//
// Base64 from 12 characters (either alphabet, lines broken or not), hexadecimal from 9 bytes (in one run, or pairs with a space, colon, hyphen or
// comma between). What does not come out as text stays: pictures and keys cost a look at their first bytes. What stands far from anything undone is
// left out; a text in which there are runs yet keeps all of it. Linear; the result is hardly longer than the text. Pure; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "privacy/mapped.hpp"
#include "privacy/signs.hpp"

namespace demarc::privacy {

std::optional<Mapped> decode_escapes(std::string_view text, const Signs& signs);
std::optional<Mapped> decode_runs(std::string_view text, const Signs& signs);

// What begins at `at`, if it is an encoded thing: how many bytes of the text, and what they stand for.
struct Decoded {
  std::size_t size = 0;  // 0: nothing
  std::string text{};
};
enum class Encodings : std::uint8_t { likely, possible };                 // which encodings of texts the bytes of a run may be in (text_so_far.hpp)
Decoded decode_escape(std::string_view text, std::size_t at);             // text[at] is one of % & \ =
enum class Lines : std::uint8_t { one, wrapped };                         // whether the run may go on behind a line break
bool may_be_base64(std::string_view text, std::size_t at, Encodings as);  // false: most long words, by their first eight letters
Decoded decode_base64_run(std::string_view text, std::size_t at, Lines lines, Encodings as);
Decoded decode_hex_run(std::string_view text, std::size_t at, Encodings as);

}  // namespace demarc::privacy
