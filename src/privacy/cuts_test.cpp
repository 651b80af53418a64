#include "privacy/cuts.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace demarc::privacy {
namespace {

constexpr CutSizes kSmall{.most = 64, .overlap = 16};

std::string prose(std::size_t sentences) {
  std::string out;
  for (std::size_t i = 0; i < sentences; ++i) out += "Sentence " + std::to_string(i) + " is here. ";
  return out;
}

TEST(Cut, LeavesAShortTextWhole) {
  const auto pieces = cut("Short.", kSmall);
  ASSERT_EQ(pieces.size(), 1U);
  EXPECT_EQ(pieces[0].end, 6U);
}

TEST(Cut, EndsAtSentencesAndSkipsNothing) {
  const std::string text = prose(40);
  const auto pieces = cut(text, kSmall);
  ASSERT_GT(pieces.size(), 10U);
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    EXPECT_LE(pieces[i].end - pieces[i].begin, kSmall.most);
    if (i + 1 == pieces.size()) continue;
    EXPECT_EQ(text[pieces[i].end - 1], '.');
    EXPECT_LE(pieces[i + 1].begin, pieces[i].end);
    EXPECT_GT(pieces[i + 1].begin, pieces[i].begin);
  }
  EXPECT_EQ(pieces.front().begin, 0U);
  EXPECT_EQ(pieces.back().end, text.size());
}

TEST(Cut, WhatComesLaterDoesNotMoveTheFirstPieces) {
  const auto before = cut(prose(40), kSmall), after = cut(prose(80), kSmall);
  for (std::size_t i = 0; i + 1 < before.size(); ++i) EXPECT_EQ(before[i].end, after[i].end);
}

TEST(Cut, ATextWithoutSpacesIsCutBetweenCharacters) {
  std::string text;
  for (int i = 0; i < 500; ++i) text += "ж";
  std::size_t reached = 0;
  for (const Cut& piece : cut(text, {.most = 65, .overlap = 15})) {
    EXPECT_EQ(piece.begin % 2, 0U);
    EXPECT_EQ(piece.end % 2, 0U);
    EXPECT_LE(piece.begin, reached);
    reached = piece.end;
  }
  EXPECT_EQ(reached, text.size());
}

std::vector<std::string> sentences(std::string_view text, std::size_t step) {
  Sentences reader;
  std::vector<std::string> out;
  const auto take = [&](bool last) {
    while (const auto unit = reader.next(last)) out.push_back(unit->text.substr(0, unit->from) + "|" + unit->text.substr(unit->from));
  };
  for (std::size_t at = 0; at < text.size(); at += step) {
    reader.add(text.substr(at, step));
    take(false);
  }
  take(true);
  return out;
}

TEST(Sentences, ComeOneByOneWithWhatStandsBefore) {
  EXPECT_EQ(sentences("First. Two!\nThree", 3), (std::vector<std::string>{"|First.", "First.| Two!", "First. Two!|\n", "First. Two!\n|Three"}));
}

TEST(Sentences, DoNotEndBehindATitleOrAnInitial) {
  EXPECT_EQ(sentences("Ask Dr. Ada B. Lovelace. Or Prof. Hopper?", 5),
            (std::vector<std::string>{"|Ask Dr. Ada B. Lovelace.", "Ask Dr. Ada B. Lovelace.| Or Prof. Hopper?"}));
}

TEST(Sentences, AreTheSameHoweverTheTextComes) {
  std::string text = prose(60) + "St. Ives\n" + std::string(3000, 'x') + " " + std::string(700, 'y') + ". ";
  for (int i = 0; i < 900; ++i) text += "ж";
  const auto whole = sentences(text, text.size());
  std::string joined;
  for (const std::string& unit : whole) joined += unit.substr(unit.find('|') + 1);
  EXPECT_EQ(joined, text);
  for (const std::size_t step : {1U, 2U, 7U, 100U, 1500U}) EXPECT_EQ(sentences(text, step), whole) << step;
  for (const std::string& unit : whole) EXPECT_LE(unit.size(), Sentences::kMost + Sentences::kBefore + 1);
}

}  // namespace
}  // namespace demarc::privacy
