// What a language model is asked about a piece, and between what it may choose: a JSON schema whose one string follows a pattern that lists, word for
// word, the ways in which that word may be written. llama-server makes a grammar of it, so that the model can say nothing else; other servers know
// such schemas under response_format.
//
//   Chat chat = edits_prompt({.kept = kept, .terms = terms, .language = language("en")});
//   std::string answer = text_of_answer(R"({"text": "So, we meet."})");    // "So, we meet."
//
// Why so and not a list of edits by word number: docs/adr/0015. Pure; any thread.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/chat.hpp"
#include "speech/piece.hpp"

namespace demarc::speech {

struct EditQuestion {
  const std::vector<KeptWord>& kept;
  std::span<const Glossary::Heard> terms{};
  const Language& language;
  std::string_view before{}, after{};
};

Chat edits_prompt(const EditQuestion& question);
std::string edits_pattern(const EditQuestion& question);  // a regular expression, of what JSON schemas and llama.cpp both know

// Whether a pattern can hold this word: no control characters, no bytes that are not UTF-8, not endless.
bool fits_pattern(std::string_view word);

// The text of an answer that follows the schema; "" of any other.
std::string text_of_answer(std::string_view answer);

}  // namespace demarc::speech
