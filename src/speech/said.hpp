// Words of a transcript: where they stand, and what of them was said, apart from how it is written.
//
//   for (const WordAt& word : words_at("So, we don't.")) word.said;    // "so", "we", "don't"
//
// A word is a run without white space. Pure; any thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace demarc::speech {

struct WordAt {
  std::size_t begin = 0, end = 0;  // bytes of the text, end exclusive
  std::string said;                // case-folded letters, digits and signs that are spoken ("%", "$", "+"); "" for "–"
};
std::vector<WordAt> words_at(std::string_view text);

// ’ is written '; quotation marks around a word are no part of it. What is not UTF-8 counts as itself.
std::string said(std::string_view word);

// A word's core: from its first to its last byte that is said. "(12.5%)," → "12.5%", "“don’t”" → "don’t"; a sign before a digit belongs to it.
struct Core {
  std::size_t begin = 0, end = 0;  // equal: none
};
Core core_of(std::string_view word);

bool has_digit(std::string_view word);           // any script's
bool starts_upper(std::string_view word);        // its first letter
bool ends_sentence(std::string_view word);       // "Mr." and "J." do not
std::string capitalised(std::string_view word);  // its first letter

// Equal but for case and the kind of apostrophe.
bool same_letters(std::string_view a, std::string_view b);

}  // namespace demarc::speech
