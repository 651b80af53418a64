// What a word sounds like, roughly: for telling "there" for "their", "Cooper Netties" for "Kubernetes".
//
//   sound_of("kubernetes", "en").code                                                          // "KBRNTS"
//   alike(sound_of("coopernetties", "en"), sound_of("kubernetes", "en"), Likeness::near);      // true
//
// English: Metaphone (L. Philips, "Hanging on the Metaphone", Computer Language 7(12), 1990). Other languages: Kölner Phonetik (H. J. Postel, IBM-
// Nachrichten 19, 1969), made for German, of letters without their diacritics. Codes are compared and, so that short codes do not match everything,
// letters by edit distance (Levenshtein). Words as spoken() gives them. Pure; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace demarc::speech {

// `same`: the codes are equal, and of the letters two fifths may differ. `near`: one sound may differ where the code has four or more, and half of
// the letters.
enum class Likeness : std::uint8_t { same, near };

struct Sound {
  std::string letters, code;
};
Sound sound_of(std::string_view word, std::string_view language);
bool alike(const Sound& a, const Sound& b, Likeness likeness);

std::size_t edit_distance(std::string_view a, std::string_view b);  // of bytes

// Latin letters without diacritics, lower case: "Müller" → "muller"; what is no Latin letter is left out. "ß" is "ss", "æ" "ae", "ø" "o".
std::string plain_letters(std::string_view word);

}  // namespace demarc::speech
