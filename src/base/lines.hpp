// LineCounter: in which line of a text a code point stands, asked for in ascending order; the text is walked once.
//
//   LineCounter lines("é\nb");  lines.at(0) == 1;  lines.at(2) == 2
//
// One thread; the text must outlive it.
#pragma once

#include <cstddef>
#include <string_view>

namespace demarc {

class LineCounter {
 public:
  explicit LineCounter(std::string_view utf8) : text_(utf8) {}

  std::size_t at(std::size_t code_point) {  // not before the last one asked for
    for (; at_ < text_.size() && points_ < code_point; ++at_) {
      if (text_[at_] == '\n') ++line_;
      const bool last_of_character = at_ + 1 == text_.size() || (static_cast<unsigned char>(text_[at_ + 1]) & 0xC0U) != 0x80U;
      points_ += last_of_character ? 1 : 0;
    }
    return line_;
  }
  std::size_t lines() { return at(text_.size()); }  // of the whole text; ends it

 private:
  std::string_view text_;
  std::size_t at_ = 0, points_ = 0, line_ = 1;
};

}  // namespace demarc
