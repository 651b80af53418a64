// Shape: the form of an identifier as people print it, in a small notation of its own, because identifiers need less than a regular expression and
// are tried at every word with a digit.
//
//   9 a digit   A a letter   X either   ? any one character   ~ a space, '-', '.' or '/', or nothing, the same one wherever ~ stands
//   W a letter or digit, or a hyphen between two of them   {m,n} after 9, A, X or W: m to n of them, as many as there are
//   everything else stands for itself
//
//   const Shape nhs("999~999~9999");
//   Shape::Match match;
//   if (nhs.match(text, begin, match)) use(match.compact);      // "9434765919" for "943 476 5919"
//
// A match is a whole word: no letter, digit or '_' touches it. Built once; any thread may match.
#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace demarc::privacy {

class Shape {
 public:
  static constexpr std::size_t kLongest = 64;

  struct Match {
    std::size_t end = 0;
    std::array<char, kLongest> buffer;
    std::string_view compact{};  // letters and digits only, in capitals; points into buffer
    char separator = 0;          // what ~ stood for; 0: nothing
  };

  explicit Shape(std::string_view notation);  // CHECKs that it is one
  bool match(std::string_view text, std::size_t begin, Match& match) const;

  [[nodiscard]] bool has_joint(char c) const;  // whether it may stand between two words of it

  // What stands behind the first word: nothing that could belong to it, or one joint (such as '-') and then a digit or a letter.
  enum class Follow : std::uint8_t { nothing, digit, letter };
  // Whether it may begin with a word of that many letters and digits; false rules most shapes out at once.
  [[nodiscard]] bool may_begin(std::size_t word_size, bool digit_first, Follow follow) const {
    return word_size < kLongest && (starts_of(Follow::nothing, digit_first)[word_size] || starts_of(follow, digit_first)[word_size]);
  }

 private:
  enum class Kind : std::uint8_t { digit, letter, either, hyphenated, any, separator, literal };
  struct Item {
    Kind kind;
    char literal = 0;
    std::uint8_t least = 1, most = 1;
  };
  enum class Separators : std::uint8_t { absent, present };
  void note_starts(Separators separators);

  std::vector<Item> items_;
  [[nodiscard]] const std::bitset<kLongest>& starts_of(Follow follow, bool digit_first) const {
    return starts_[static_cast<std::size_t>(follow)][digit_first ? 1 : 0];
  }
  std::array<std::array<std::bitset<kLongest>, 2>, 3> starts_;  // by: what follows, begins with a digit
};

}  // namespace demarc::privacy
