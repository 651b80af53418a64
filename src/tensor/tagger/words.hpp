// Words: a text as the tagger reads it: runs of letters, runs of digits, single other characters; spaces part them.
//
//   split_words("O'Brien, 12B")      // "O" "'" "Brien" "," "12" "B"
//
// Each word carries its small letters, its shape ("Xx", "X", "d", …) and the number of line breaks before it. Pure; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace demarc::tensor::tagger {

struct Word {
  std::uint32_t begin = 0, end = 0;  // bytes of the text
  std::uint8_t lines_before = 0;     // line breaks between it and the word before, 2 at most
  bool glued = false;                // nothing between it and the word before
  std::u32string small{};            // its small letters
  std::string shape{};               // a character a code point: X x d or the sign itself
  std::string short_shape{};         // runs made one: "Xx"
};

std::vector<Word> split_words(std::string_view utf8);

}  // namespace demarc::tensor::tagger
