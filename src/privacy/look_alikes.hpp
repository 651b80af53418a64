// look_alikes: a text with letters of other alphabets that look like ASCII read as those (Unicode Technical Standard 39): "аdа@ехаmple.org" with
// Cyrillic letters. The table is data/confusables.yaml.
//
//   if (const std::optional<Mapped> plain = look_alikes(text)) …          // nullopt: nothing looks like what it is not
//
// Only words that hold an ASCII letter, digit or @ as well are changed: whole words of another alphabet are just that. Pure; any thread.
#pragma once

#include <optional>
#include <string_view>

#include "privacy/mapped.hpp"

namespace demarc::privacy {

std::optional<Mapped> look_alikes(std::string_view text);

}  // namespace demarc::privacy
