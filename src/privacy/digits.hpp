// DigitRun: digits that stand together, possibly in groups: "4111 1111 1111 1111", "+46 (0)8 928 571 38". What the parsers of numbers work on.
//
//   for (DigitRun run; next_run(text, at, run);) ...     // at moves along
//
// Between two groups stand one or two characters of " -./()"; a run has at most kGroups groups and kDigits digits. Text without digits is passed in
// blocks of 64 bytes. Pure; any thread.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

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

std::size_t next_digit(std::string_view text, std::size_t at);  // text.size(): none

// The next run that begins at or after `at`; `at` becomes its end. A word that has letters in it ("a1b2") is no run. False: no more.
bool next_run(std::string_view text, std::size_t& at, DigitRun& run);

}  // namespace demarc::privacy
