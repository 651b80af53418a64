// Words: when each word of a window was said and how surely it was heard, from the model's attention.
//
//   std::vector<Word> words = words_of(tokens, said, alignment, "en");    // milliseconds within the window
//   give_words(std::move(words), tokens_of_each_segment, segments);       // and their times agree
//
// The rules are faster-whisper's 1.2.1 (transcribe.py, find_alignment and add_word_timestamps; tokenizer.py): words are cut where a space is written,
// in languages without spaces at every character; punctuation goes with its word; a word that seems to last through a pause is shortened. Pure.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "speech/worker/tokens.hpp"
#include "speech/worker/whisper.hpp"

namespace demarc::speech::worker {

struct Word {
  std::string text;  // as it stands in the transcript: with the space before it
  double start_s = 0, end_s = 0;
  double probability = 0;  // the mean of its tokens'
  std::size_t tokens = 0;
};

bool writes_spaces(std::string_view language);

// `text`: the tokens that were aligned, without timestamps and marks. Words of punctuation alone that were joined to another have no text.
std::vector<Word> words_of(const Tokens& tokens, std::span<const std::size_t> text, const Alignment& alignment, std::string_view language);

// What one segment says, and when: its own times and its words' are brought to agree. `before_s`: where the last speech before it ended.
struct Timed {
  double start_s = 0, end_s = 0;
  std::vector<Word> words;
};
// Gives each segment, of so many text tokens, its words.
void give_words(std::vector<Word>&& words, std::span<const std::size_t> tokens_of_segments, std::span<Timed> segments);

}  // namespace demarc::speech::worker
