// A guess is nothing, "other", or a code from the list that nobody declared; capitals and what is not a letter at the end change nothing.
#include "privacy/language.hpp"

#include <algorithm>

#include "fuzz.hpp"

FUZZ(language) {
  static const std::vector<std::string> english = {"en"}, many = {"en", "de", "da", "other"};
  for (const auto& declared : {english, many}) {
    const std::string_view guess = privacy::foreign_language(bytes, declared);
    const auto known = privacy::known_languages();
    CHECK(guess.empty() || guess == privacy::kOtherLanguage || std::find(known.begin(), known.end(), guess) != known.end());
    if (guess != privacy::kOtherLanguage) CHECK(std::find(declared.begin(), declared.end(), guess) == declared.end());
    std::string loud(bytes);
    for (char& c : loud) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
    CHECK(privacy::foreign_language(loud, declared) == guess);
  }
}
