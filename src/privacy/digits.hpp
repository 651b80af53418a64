// DigitRun: digits that stand together, possibly in groups: "4111 1111 1111 1111", "+46 (0)8 928 571 38". What the parsers of numbers work on.
//
//   const Digits digits(text);                                   // where the digits are, found once for all parsers
//   for (DigitRun run; next_run(text, digits, at, run);) ...     // at moves along
//
// Between two groups stand one or two characters of " -./()"; a run has at most kGroups groups and kDigits digits. Pure; any thread.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

namespace demarc::privacy {

struct DigitRun {
  static constexpr std::size_t kGroups = 24, kDigits = 48;
  struct Group {
    std::size_t begin, end;    // bytes of the text
    std::uint8_t first_digit;  // index into `digits`
    [[nodiscard]] std::size_t size() const { return end - begin; }
  };
  std::array<Group, kGroups> groups;
  std::size_t group_count = 0;
  std::array<char, kDigits> digits;  // '0' to '9'
  std::size_t digit_count = 0;

  [[nodiscard]] std::string_view digits_of(std::size_t first_group, std::size_t last_group) const {  // both inclusive
    const std::size_t from = groups[first_group].first_digit;
    return {digits.data() + from, groups[last_group].first_digit + groups[last_group].size() - from};
  }
};

// A bit for each byte of a text: whether it is a digit.
class Digits {
 public:
  explicit Digits(std::string_view text);
  [[nodiscard]] std::size_t next(std::size_t at) const;        // the first at or after; the text's size: none
  [[nodiscard]] std::size_t next_joint(std::size_t at) const;  // the same of bytes between two digits that are none

 private:
  std::size_t size_;
  std::vector<std::uint64_t> bits_;
};

// The next run that begins at or after `at`; `at` becomes its end. A word that has letters in it ("a1b2") is no run. False: no more.
bool next_run(std::string_view text, const Digits& digits, std::size_t& at, DigitRun& run);

}  // namespace demarc::privacy
