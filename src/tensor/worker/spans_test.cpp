#include "tensor/worker/spans.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <map>

namespace demarc::tensor::worker {
namespace {

const std::vector<std::string> kLabels = {"O", "B-GIVEN_NAME", "I-GIVEN_NAME", "B-SURNAME", "B-CITY"};

Wanted people() {
  auto wanted = Wanted::make(kLabels, {{"GIVEN_NAME", "PERSON", 0.3F}, {"SURNAME", "PERSON", 0.3F}, {"CITY", "LOCATION", 0.5F}});
  return std::move(*wanted);
}

// Logits under which each label has about this probability.
std::vector<float> row(const std::map<std::size_t, float>& shares) {
  std::vector<float> logits(kLabels.size(), -20);
  float rest = 1;
  for (const auto& [label, share] : shares) logits[label] = std::log(share), rest -= share;
  logits[0] = std::log(std::max(rest, 1e-6F));
  return logits;
}

std::vector<Token> words_at(const std::vector<std::pair<std::uint32_t, std::uint32_t>>& places) {
  std::vector<Token> tokens;
  for (const auto& [begin, end] : places) tokens.push_back({0, begin, end, static_cast<std::uint32_t>(tokens.size())});
  return tokens;
}

TEST(Spans, ProbabilitiesOfLabelsOfOneTypeAddUp) {
  const Wanted wanted = people();
  const auto tokens = words_at({{0, 3}});
  WordScores scores(tokens, wanted);
  scores.add(0, row({{1, 0.2F}, {3, 0.2F}}));
  const auto spans = spans_of("Ada", scores);
  ASSERT_EQ(spans.size(), 1U);
  EXPECT_EQ(spans[0].type, "PERSON");
  EXPECT_NEAR(spans[0].score, 0.4, 0.001);
}

TEST(Spans, NeighbouringWordsOfOneTypeAreOneSpan) {
  const Wanted wanted = people();
  const auto tokens = words_at({{0, 3}, {4, 12}});
  WordScores scores(tokens, wanted);
  scores.add(0, row({{1, 0.9F}}));
  scores.add(1, row({{3, 0.7F}}));
  const auto spans = spans_of("Ada Lovelace", scores);
  ASSERT_EQ(spans.size(), 1U);
  EXPECT_EQ(spans[0].end, 12U);
  EXPECT_NEAR(spans[0].score, 0.8, 0.001);
}

TEST(Spans, AnEmptyLineEndsASpan) {
  const Wanted wanted = people();
  const auto tokens = words_at({{0, 3}, {5, 13}});
  WordScores scores(tokens, wanted);
  scores.add(0, row({{1, 0.9F}}));
  scores.add(1, row({{3, 0.9F}}));
  EXPECT_EQ(spans_of("Ada\n\nLovelace", scores).size(), 2U);
}

TEST(Spans, PiecesOfAWordAreAveraged) {
  const Wanted wanted = people();
  const std::vector<Token> tokens = {{0, 0, 2, 0}, {0, 2, 5, 0}, {0, 5, 10, 0}};  // he ##lic ##opter
  WordScores scores(tokens, wanted);
  scores.add(0, row({}));
  scores.add(1, row({{1, 0.6F}}));
  scores.add(2, row({}));
  EXPECT_TRUE(spans_of("helicopter", scores).empty());
}

TEST(Spans, PunctuationAloneIsNoName) {
  const Wanted wanted = people();
  const auto tokens = words_at({{0, 1}});
  WordScores scores(tokens, wanted);
  scores.add(0, row({{4, 0.9F}}));
  EXPECT_TRUE(spans_of(",", scores).empty());
}

TEST(Wanted, AKindTheModelLacksIsRefused) { EXPECT_FALSE(Wanted::make(kLabels, {{"MEDICAL", "MEDICAL", 0.5F}})); }

TEST(Wanted, OutsideIsNoKind) { EXPECT_FALSE(Wanted::make(kLabels, {{"", "PERSON", 0.5F}})); }

}  // namespace
}  // namespace demarc::tensor::worker
