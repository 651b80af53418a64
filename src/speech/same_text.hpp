// SameText: two tellings of the same words, one as a text, one in pieces (segments, words), and which bytes of the pieces tell which bytes of the
// text. White space may differ, or punctuation too, as engines give words without it.
//
//   auto same = SameText::match("Hi, it is 4111.", pieces, Ignore::punctuation);   // {"Hi", "it", "is", "4111"}; nullopt: they differ
//   std::vector<SameText::Stretch> told = same->in_pieces(10, 14);                  // piece 3, bytes 0 to 4
//
// Eight bytes for each byte of text while it lives. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace demarc::speech {

enum class Ignore : std::uint8_t { white_space, punctuation };  // the latter: and case of ASCII letters

class SameText {
 public:
  struct Stretch {
    std::size_t piece = 0;
    std::size_t begin = 0, end = 0;  // bytes of the piece
  };

  static std::optional<SameText> match(std::string_view text, const std::vector<std::string_view>& pieces, Ignore ignore);

  // Where the pieces tell the bytes [begin, end) of the text: in order, one stretch a piece. Empty: nothing there but what is ignored.
  [[nodiscard]] std::vector<Stretch> in_pieces(std::size_t begin, std::size_t end) const;
  // Where the text tells the bytes [begin, end) of a piece. Empty (begin == end) likewise.
  [[nodiscard]] Stretch in_text(std::size_t piece, std::size_t begin, std::size_t end) const;

 private:
  struct Letter {
    std::uint32_t in_text = 0, in_piece = 0;
  };
  std::string_view text_;
  std::vector<std::string_view> pieces_;
  std::vector<Letter> letters_;             // those that count, in order
  std::vector<std::size_t> piece_letters_;  // by piece: the first of its letters; one more at the end
};

}  // namespace demarc::speech
