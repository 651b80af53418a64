// Which language a text is in, as far as that shows cheaply: enough to notice that a model which reads English is handed Polish.
//
//   foreign_language("Wie geht es Ihnen heute, und wo ist der Bericht?", {"en"})   // "de"
//   foreign_language("Привет, как дела?", {"en"})                                  // "other": not in Latin letters
//   foreign_language("x = f(y)", {"en"})                                           // "": nothing speaks against the declared ones
//
// By the commonest words of each language, in texts with enough of them; letters of another script count as another language. Code, lists and very
// short texts show nothing, and where a declared language fits nearly as well as the best one (Danish and Norwegian share most words), it is taken.
// Pure; any thread.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace demarc::privacy {

inline constexpr std::string_view kOtherLanguage = "other";

// "" if the text may well be in one of `declared`.
std::string_view foreign_language(std::string_view utf8, std::span<const std::string> declared);

// The codes that it tells apart.
std::span<const std::string_view> known_languages();

}  // namespace demarc::privacy
