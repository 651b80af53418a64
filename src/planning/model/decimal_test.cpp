#include "planning/model/decimal.hpp"

#include <gtest/gtest.h>

#include <random>

namespace demarc::planning {
namespace {

Decimal d(std::string_view text) { return *Decimal::parse(text); }

TEST(Decimal, ReadsAndPrintsTheSameNumber) {
  for (const char* text : {"0", "1", "-1", "0.000000000000000001", "-0.7", "999999999999999.999999999999999999", "1234.5"})
    EXPECT_EQ(d(text).print(), text);
}

TEST(Decimal, RefusesWhatItWouldHaveToRound) {
  for (const char* text : {"", "-", ".5", "1.", "1e3", "1.0000000000000000001", "1234567890123456", "1,5", "0x1"})
    EXPECT_FALSE(Decimal::parse(text)) << text;
}

TEST(Decimal, RoundsHalfToEven) {
  EXPECT_EQ(d("0.125").print(2), "0.12");
  EXPECT_EQ(d("0.135").print(2), "0.14");
  EXPECT_EQ(d("-0.004").print(2), "0.00");
  EXPECT_EQ(d("1234567.891").with_commas(2), "1,234,567.89");
  EXPECT_EQ(d("-123").with_commas(0), "-123");
}

TEST(Decimal, MultipliesExactlyWhereTheProductFits) {
  EXPECT_EQ(multiply(d("0.000000001"), d("0.000000001"))->print(), "0.000000000000000001");
  EXPECT_EQ(multiply(d("123456789.5"), d("-1000"))->print(), "-123456789500");
}

TEST(Decimal, DividesBackToWhatWasMultiplied) {
  std::mt19937_64 random(7);
  for (int i = 0; i < 2000; ++i) {
    const Decimal a = Decimal::from_units(static_cast<std::int64_t>(random())),
                  b = Decimal::from_units(Decimal::Units{static_cast<std::int64_t>(random() | 1)} * 1000);
    const auto back = divide(*multiply(a, b), b);
    ASSERT_TRUE(back);
    const auto off = back->units() - a.units();
    EXPECT_LE(off < 0 ? -off : off, Decimal::Units{1} + Decimal::of(1).units() / (b.units() < 0 ? -b.units() : b.units()));
  }
}

TEST(Decimal, SaysSoWhereItsRangeEnds) {
  EXPECT_FALSE(multiply(d("999999999999999"), d("999999999999999")));
  EXPECT_FALSE(divide(d("1"), d("0")));
  EXPECT_FALSE(divide(d("999999999999999"), d("0.000000000000000001")));
}

TEST(Decimal, TakesRootsThatGiveTheNumberBack) {
  for (const char* text : {"0.7", "0.5", "1", "1.15", "2", "40", "0.01"}) {
    const Decimal step = *root(d(text), 12);
    Decimal year = Decimal::of(1);
    for (int i = 0; i < 12; ++i) year = *multiply(year, step);
    EXPECT_LT(std::abs(year.to_double() - d(text).to_double()), 1e-15) << text;
  }
  EXPECT_EQ(root(d("0"), 12)->print(), "0");
  EXPECT_FALSE(root(d("-1"), 12));
}

TEST(Decimal, BecomesMoneyAtThePicoDollar) { EXPECT_EQ(d("1.0000000000005").money().print(), "1.000000000000"); }

}  // namespace
}  // namespace demarc::planning
