#include "privacy/placeholder.hpp"

#include <gtest/gtest.h>

#include <random>

namespace demarc::privacy {
namespace {

std::string some_digits(std::mt19937& random) {
  std::array<std::uint8_t, 32> digest{};
  for (auto& byte : digest) byte = static_cast<std::uint8_t>(random());
  return placeholder_digits(digest);
}

TEST(Placeholder, HasACheckThatHolds) {
  std::mt19937 random(1);
  for (int i = 0; i < 1000; ++i) EXPECT_TRUE(check_holds(some_digits(random)));
}

TEST(Placeholder, BecomesNoOtherByOneWrongCharacterOrTwoExchanged) {
  constexpr std::string_view kAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  std::mt19937 random(2);
  for (int i = 0; i < 200; ++i) {
    const std::string right = some_digits(random);
    for (std::size_t at = 0; at < right.size(); ++at) {
      for (char c : kAlphabet) {
        std::string wrong = right;
        wrong[at] = c;
        EXPECT_EQ(check_holds(wrong), wrong == right) << right << ' ' << wrong;
      }
      for (std::size_t other = at + 1; other < right.size(); ++other) {
        std::string wrong = right;
        std::swap(wrong[at], wrong[other]);
        EXPECT_EQ(check_holds(wrong), wrong == right) << right << ' ' << wrong;
      }
    }
  }
}

TEST(Placeholder, HasAWordThatSaysWhatItIs) {
  EXPECT_EQ(placeholder_word("EMAIL_ADDRESS"), "EMAIL");
  EXPECT_EQ(placeholder_word("PERSON"), "PERSON");
  EXPECT_EQ(placeholder_word("MEDICAL_RECORD_NUMBER"), "MEDICALRECORDNUMBER");
}

}  // namespace
}  // namespace demarc::privacy
