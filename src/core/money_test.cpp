#include "core/money.hpp"

#include <gtest/gtest.h>

namespace demarc {
namespace {

TEST(Money, PrintsTwelveDecimals) {
  EXPECT_EQ(Money::parse("0.00012345")->print(), "0.000123450000");
  EXPECT_EQ(Money::from_usd(-3).print(), "-3.000000000000");
  EXPECT_EQ(Money{}.print(), "0.000000000000");
  EXPECT_EQ(Money::from_pico(-1).print(), "-0.000000000001");
}

TEST(Money, RefusesWhatItCannotHoldExactly) {
  for (const char* bad : {"", "-", "1.", ".5", "1e3", "0.0000000000001", "1,5", "+1", " 1", "123456789012345678901"})
    EXPECT_FALSE(Money::parse(bad)) << bad;
}

TEST(Money, ReadsBackWhatItPrints) {
  for (Money::Pico pico = 1; pico < Money::Pico{1} << 90; pico = pico * 7 + 3) {
    EXPECT_EQ(Money::parse(Money::from_pico(pico).print()), Money::from_pico(pico));
    EXPECT_EQ(Money::parse(Money::from_pico(-pico).print()), Money::from_pico(-pico));
  }
}

TEST(Money, PricesTokensPerMillionExactly) {
  EXPECT_EQ(Money::parse("1.25")->per_million(15'000).print(), "0.018750000000");
  EXPECT_EQ(Money::parse("0.000001")->per_million(1).print(), "0.000000000001");
}

TEST(Money, RoundsHalfToEvenAwayFromNeitherSide) {
  EXPECT_EQ(Money::from_pico(1).times_ratio(1, 2), Money::from_pico(0));
  EXPECT_EQ(Money::from_pico(3).times_ratio(1, 2), Money::from_pico(2));
  EXPECT_EQ(Money::from_pico(5).times_ratio(1, 2), Money::from_pico(2));
  EXPECT_EQ(Money::from_pico(-1).times_ratio(1, 2), Money::from_pico(0));
  EXPECT_EQ(Money::from_pico(-3).times_ratio(1, 2), Money::from_pico(-2));
  EXPECT_EQ(Money::from_pico(2).times_ratio(2, 3), Money::from_pico(1));
  EXPECT_EQ(Money::from_pico(-2).times_ratio(2, 3), Money::from_pico(-1));
}

}  // namespace
}  // namespace demarc
