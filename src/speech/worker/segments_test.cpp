#include "speech/worker/segments.hpp"

#include <gtest/gtest.h>

namespace demarc::speech::worker {
namespace {

constexpr std::size_t kTime = 100;  // 0.00 s; 150 is 1.00 s

Tokens tokens() {
  Tokens tokens;
  tokens.first_timestamp = kTime;
  return tokens;
}

Cut cut(const std::vector<std::size_t>& said, std::int64_t first_frame = 0, std::int64_t frames = 3'000) {
  return cut_window(said, tokens(), first_frame, frames);
}

TEST(Segments, EndWhereTwoTimestampsMeet) {
  const Cut parts = cut({kTime, 1, 2, kTime + 50, kTime + 60, 3, kTime + 100, kTime + 100});
  ASSERT_EQ(parts.pieces.size(), 2U);
  EXPECT_EQ(parts.pieces[0].end_ms, 1'000);
  EXPECT_EQ(parts.pieces[1].start_ms, 1'200);
  EXPECT_EQ(parts.pieces[1].end_ms, 2'000);
}

TEST(Segments, LeaveUnfinishedTextToTheNextWindow) {
  const Cut parts = cut({kTime, 1, kTime + 50, kTime + 50, 2, 3}, 1'000);
  ASSERT_EQ(parts.pieces.size(), 1U);
  EXPECT_EQ(parts.pieces[0].start_ms, 10'000);
  EXPECT_EQ(parts.next_frame, 1'100);
}

TEST(Segments, TakeTheWholeWindowWhenOneTimestampEndsIt) {
  const Cut parts = cut({kTime, 1, kTime + 50, kTime + 50, 2, kTime + 90}, 0, 500);
  ASSERT_EQ(parts.pieces.size(), 2U);
  EXPECT_EQ(parts.pieces[1].end_ms, 1'800);
  EXPECT_EQ(parts.next_frame, 500);
}

TEST(Segments, WithoutTimestampsSpanTheWindow) {
  const Cut parts = cut({1, 2, 3}, 0, 250);
  ASSERT_EQ(parts.pieces.size(), 1U);
  EXPECT_EQ(parts.pieces[0].end_ms, 2'500);
}

TEST(Segments, OfNothingAreOnePieceWithoutTokens) { EXPECT_TRUE(cut({}).pieces.at(0).tokens.empty()); }

TEST(Segments, AlwaysMoveOn) {
  for (const auto& said : {std::vector<std::size_t>{kTime, kTime}, {kTime, kTime, 1}, {1, kTime, kTime, 2}}) EXPECT_GT(cut(said, 70).next_frame, 70);
}

}  // namespace
}  // namespace demarc::speech::worker
