// Hesitations: what goes out of a transcript without asking anybody, because nobody means it: sounds that are no word of the language ("uh"), words
// of grammar said twice ("the the", "the uh the"), false starts ("I I- I think", "th-th-the", "I think I think").
//
//   hesitations(words_at("I I- I um think"), text, language("en"), true)    // words 0, 1, 2
//
// Never what may be meant: numbers, negations, names, dates, units; "bye bye", "had had", "log on on Monday", "ER". Pure; any thread.
#pragma once

#include <span>
#include <vector>

#include "speech/languages.hpp"
#include "speech/said.hpp"

namespace demarc::speech {

struct Hesitation {
  std::size_t word = 0;
  bool is_filler = false;  // else a repeat
  std::string with{};      // "": the word goes; else what is left of it
};

// In the order of the words, one for a word at most.
// `begins_sentence`: so does the first word.
std::vector<Hesitation> hesitations(std::span<const WordAt> words, std::string_view text, const Language& language, bool begins_sentence);

// Of a word as it stands in its text. `starts_sentence`: then its capital says nothing.
Lock lock_of(const Language& language, std::string_view written, std::string_view said, bool starts_sentence);

}  // namespace demarc::speech
