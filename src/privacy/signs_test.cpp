#include "privacy/signs.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "privacy/chars.hpp"
#include "privacy/stretch.hpp"

namespace demarc::privacy {
namespace {

std::vector<std::size_t> places(const Signs& signs, Sign sign, std::size_t size) {
  std::vector<std::size_t> out;
  for (std::size_t at = signs.next(sign, 0); at < size; at = signs.next(sign, at + 1)) out.push_back(at);
  return out;
}

// Of all bytes, and of some that make signs.
std::vector<std::string> texts() {
  constexpr std::string_view kMakers = "a1 4-fFoO \n\r\t+/_%&\\=#@([{<.,:;dottwo\xC3\xBC";
  std::mt19937 random(7);
  std::vector<std::string> out = {"", "a", "ab"};
  for (std::size_t size = 1; size < 400; size += 3) {
    std::string any, some;
    for (std::size_t i = 0; i < size; ++i) any += static_cast<char>(random() % 256), some += kMakers[random() % kMakers.size()];
    out.push_back(std::move(any));
    out.push_back(std::move(some));
  }
  return out;
}

TEST(SignsTest, EveryProcessorSeesTheSame) {
  for (const std::string& text : texts()) {
    const Signs best(text), portable(text, SimdBy::portable);
    for (unsigned sign = 0; sign <= static_cast<unsigned>(Sign::plus); ++sign)
      EXPECT_EQ(places(best, Sign{static_cast<std::uint8_t>(sign)}, text.size()),
                places(portable, Sign{static_cast<std::uint8_t>(sign)}, text.size()))
          << sign << " in " << testing::PrintToString(text);
  }
}

TEST(SignsTest, ClassesAreThoseOfTheBytes) {
  std::string all;
  for (int i = 0; i < 256 + 64; ++i) all += static_cast<char>(i);
  for (const SimdBy by : {best_simd(), SimdBy::portable}) {
    ByteClasses classes;
    classify(by, all.data(), 4, classes, 0);
    for (std::size_t i = 0; i < 256; ++i) {
      const auto is = [&](const ByteClasses::Blocks& blocks) { return (blocks[i / 64] >> (i % 64) & 1U) != 0; };
      const auto in = [&](std::string_view set) { return set.find(static_cast<char>(i)) != std::string_view::npos; };
      const char c = static_cast<char>(i);
      EXPECT_EQ(is(classes.words), is_letter(c) || i >= 128) << i;
      EXPECT_EQ(is(classes.non_ascii), i >= 128) << i;
      EXPECT_EQ(is(classes.digits), is_digit(c)) << i;
      EXPECT_EQ(is(classes.hex), is_hex(c)) << i;
      EXPECT_EQ(is(classes.runs), is_alnum(c) || in("+/-_")) << i;
      EXPECT_EQ(is(classes.gaps), is_gap(c)) << i;
      EXPECT_EQ(is(classes.escapes), in("%&\\=")) << i;
      EXPECT_EQ(is(classes.may_follow), is_alnum(c) || in("#\r\n_@.-+/:()")) << i;
      EXPECT_EQ(is(classes.pluses), in("+")) << i;
      EXPECT_EQ(is(classes.brackets), in("([{<")) << i;
      EXPECT_EQ(is(classes.ats), in("@")) << i;
      EXPECT_EQ(is(classes.line_ends), in("\n")) << i;
    }
  }
}

// At every place of a block, and over its end.
void expect_found_anywhere(Sign sign, std::string_view what, std::string_view filler) {
  for (std::size_t before = 0; before < 140; ++before) {
    std::string text;
    while (text.size() < before) text += filler;
    text.resize(before);
    const std::string all = text + " " + std::string(what) + " and so on";
    EXPECT_EQ(Signs(all).next(sign, before), before + 1) << before << ": " << what;
  }
}

TEST(SignsTest, WhatCouldBeginIsSeenAnywhere) {
  expect_found_anywhere(Sign::escape, "%41", "word ");
  expect_found_anywhere(Sign::escape, "=\r\n", "word ");
  expect_found_anywhere(Sign::escape, "&#64;", "word ");
  expect_found_anywhere(Sign::run, "QWRhQGV4YW1w", "word ");
  expect_found_anywhere(Sign::pairs, "41 64 61 40 65 78 2e 6f", "word ");
  expect_found_anywhere(Sign::chain, "4   1 1   1 1 1   1", "word ");
  expect_found_anywhere(Sign::digit_gap, "4.1", "word ");
  expect_found_anywhere(Sign::digit_word, "four one two one six five two", "word ");
  expect_found_anywhere(Sign::dot, "Dot", "word ");
  expect_found_anywhere(Sign::bracket, "(at)", "word ");
  expect_found_anywhere(Sign::plus, "+", "word ");
  expect_found_anywhere(Sign::line_break, "\nada@", "word ");
}

TEST(SignsTest, EveryDigitWordIsOne) {
  for (const std::string_view word :
       {"zero",  "oh",     "nought", "one",   "two",    "three", "four",  "five", "six",   "seven",  "eight",  "nine",
        "niner", "null",   "eins",   "zwei",  "zwo",    "drei",  "vier",  "fünf", "sechs", "sieben", "acht",   "neun",
        "zéro",  "un",     "deux",   "trois", "quatre", "cinq",  "sept",  "huit", "neuf",  "cero",   "uno",    "dos",
        "tres",  "cuatro", "cinco",  "seis",  "siete",  "ocho",  "nueve", "plus", "dash",  "hyphen", "double", "triple"}) {
    const std::string one(word), four = one + " " + one + "-" + one + "  " + one + ".";
    EXPECT_EQ(Signs(four).next(Sign::digit_word, 0), 0U) << word;
  }
}

TEST(SignsTest, ProseHasNone) {
  const std::string prose = "On the way home she thought of nothing else, then wrote a letter to the council about it, and they answered at once.\n";
  const Signs signs(prose);
  for (const Sign sign :
       {Sign::non_ascii, Sign::escape, Sign::run, Sign::pairs, Sign::chain, Sign::digit_word, Sign::dot, Sign::bracket, Sign::line_break, Sign::plus})
    EXPECT_FALSE(signs.has(sign)) << static_cast<int>(sign);
}

}  // namespace
}  // namespace demarc::privacy
