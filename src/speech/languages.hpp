// What the clean-up knows of a language: its fillers, its stutters, and the words that are locked because they carry meaning. From data/words.txt.
//
//   const Language& english = language("en");
//   english.lock_of("twenty-five")          // Lock::number
//
// Of a language that is not in the table, or not known, the locked words of all languages are locked, and no language model is asked (`is_known`).
// Immutable; any thread.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/strings.hpp"

namespace demarc::speech {

enum class Lock : std::uint8_t { none, digits, number, negation, date, unit, name };
std::string_view to_string(Lock lock);

struct Language {
  using Words = std::set<std::string, std::less<>>;
  std::string code;  // ISO 639-1; "": any other
  bool is_known = true;
  Words fillers, perhaps, stutters, joined, twice, restarts;
  std::map<std::string, std::vector<std::string>, std::less<>> alike;  // by word: the others that sound like it
  Words number_parts, links;
  Words negations, dates, units;
  std::vector<std::string> negation_beginnings, negation_endings;  // "n'", "n't"

  // Of a word as said() gives it. Names show only in how a word is written: see lock_of() in locks.hpp.
  [[nodiscard]] Lock lock_of(std::string_view said) const;
  [[nodiscard]] bool is_filler(std::string_view said) const;  // "uhhh" too: three or more of a letter count as one
  [[nodiscard]] bool is_perhaps_filler(std::string_view said) const;
};

const Language& language(std::string_view code);  // "de", "de-AT", "DE"; whatever else: any other
std::vector<std::string> known_languages();

}  // namespace demarc::speech
