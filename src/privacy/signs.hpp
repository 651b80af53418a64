// Signs: where in a text a disguise of each sort may begin, found in one pass for all of them. Whoever undoes one looks further at those places only.
//
//   const Signs signs(text);
//   for (std::size_t at = signs.next(Sign::escape, 0); at < text.size(); at = signs.next(Sign::escape, at + 1)) …      // "%41", "&#65;"
//
// A sign is no proof: of what stands there nothing is read but what 64 bytes at a time tell (byte_classes.hpp). Pure; any thread.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string_view>

#include "privacy/byte_classes.hpp"

namespace demarc::privacy {

enum class Sign : std::uint8_t {
  non_ascii,   // a byte beyond ASCII
  escape,      // % & \ = before what may follow it in an escape
  run,         // the first of twelve characters of base64
  pairs,       // eight pairs of hexadecimal digits, each with one character between
  chain,       // seven characters that stand alone, each two to four places behind the one before
  digit_gap,   // a digit that stands alone, one gap, and another such digit
  digit_word,  // a word that begins like a digit word, among others or digits, four of all in 64 bytes
  dot,         // a word that begins with "dot"
  bracket,     // ( [ { <
  line_break,  // a line's end with a digit or an @ at most 64 bytes away, or somewhat more
  plus,
};

class Signs {
 public:
  explicit Signs(std::string_view text, SimdBy by = best_simd());
  [[nodiscard]] bool has(Sign sign) const { return (any_ >> static_cast<unsigned>(sign) & 1U) != 0; }
  [[nodiscard]] std::size_t next(Sign sign, std::size_t at) const;  // the first at or behind; the text's size: none

 private:
  static constexpr std::size_t kSigns = static_cast<std::size_t>(Sign::plus) + 1;
  std::size_t size_, blocks_, stride_;
  std::unique_ptr<std::uint64_t[]> bits_;  // of one sign after the other
  unsigned any_ = 0;                       // a bit for each sign
};

}  // namespace demarc::privacy
