// next_unit: one character of an answer as its reader sees it, however it is written down: full-width, behind a JSON escape, invisible.
//
//   Unit unit = next_unit("ＥMAIL", TextForm::plain);    // alnum, code 'E', size 3
//   Unit unit = next_unit("\\u200bX", TextForm::json);   // invisible, size 6
//
// Pure; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "privacy/url_state.hpp"

namespace demarc::privacy {

enum class UnitKind : std::uint8_t {
  alnum,      // an ASCII letter or digit, or its full-width form
  spacing,    // a space, hyphen or underscore of any kind
  backslash,  // Markdown's escape
  invisible,  // zero width
  other,
  cut,  // the text ends within the character
};

struct Unit {
  UnitKind kind = UnitKind::other;
  char32_t code = 0;     // full-width ones as ASCII; U+FFFD for a byte that is no UTF-8
  std::size_t size = 1;  // bytes of the text; 0 if cut
};

Unit next_unit(std::string_view rest, TextForm form);  // `rest` is not empty
bool is_capital(char32_t code);                        // of any script that has them
bool is_cased(char32_t code);

}  // namespace demarc::privacy
