// The second stage of a transcript: a language model proposes a cleaned text, and an alignment accepts of it only what changes nothing that was said.
//
//   std::vector<Piece> pieces = cut_into_pieces(transcript);          // sentence-sized
//   for (Piece& piece : pieces) {
//     Chat ask = cleaning_prompt(piece.raw);                          // the transcript is delimited as data, not as instructions
//     CleanResult clean = accept(piece.raw, answer_of_the_model, "en");   // never trusts the answer
//   }
//
// Sounds that are no word of the language ("uh") and stutters ("the the") go without asking a model. Of what it proposes is accepted: punctuation,
// case, further fillers and immediate repeats. Everything else it wrote is refused and the raw words stay. Numbers, negations and names stay as
// spoken, letter for letter. So the worst a model can do is nothing. Pure; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/chat.hpp"

namespace demarc::speech {

enum class EditKind : std::uint8_t { punctuation, letter_case, filler, repeat };
std::string_view to_string(EditKind kind);

struct TextEdit {
  EditKind kind;
  std::string raw, clean;  // the word as it was and as it is; clean is "" for what was dropped
  std::size_t word = 0;    // index of the raw word within its piece
};

struct CleanResult {
  std::string text;
  std::vector<TextEdit> edits;
  std::uint32_t refused = 0;  // words of the proposal that were not taken
};

// `proposal` against `raw`; an empty proposal leaves what needs no model. Words are runs without white space; at most kMostWords are aligned, more
// keep the raw text. `language`: ISO 639-1 of what is spoken, "" if nobody knows.
inline constexpr std::size_t kMostWords = 2'000;
CleanResult accept(std::string_view raw, std::string_view proposal, std::string_view language);

// Whether a word must stay as it was spoken: it holds a digit, is a number word or a negation, or is written with a capital inside a sentence (a
// name).
bool is_protected(std::string_view word, bool starts_sentence);

// Cuts a text into pieces of whole sentences of at most `most_words` words each (a longer sentence is cut between words).
std::vector<std::string> cut_into_pieces(std::string_view text, std::size_t most_words = 60);

// What to ask the model for one piece. The answer is bounded by the piece's own length.
Chat cleaning_prompt(std::string_view raw);

}  // namespace demarc::speech
