#include "tensor/worker/windows.hpp"

#include <gtest/gtest.h>

namespace demarc::tensor::worker {
namespace {

TEST(Windows, AShortTextIsOneWindow) {
  const auto windows = windows_over(5, 10, 4);
  ASSERT_EQ(windows.size(), 1U);
  EXPECT_EQ(windows[0].to, 5U);
}

TEST(Windows, AnEmptyTextHasNone) { EXPECT_TRUE(windows_over(0, 10, 4).empty()); }

class OfAnyLength : public testing::TestWithParam<std::size_t> {};

TEST_P(OfAnyLength, EveryTokenIsAnsweredForOnce) {
  std::size_t next = 0;
  for (const Window& window : windows_over(GetParam(), 10, 4)) {
    EXPECT_EQ(window.from, next);
    next = window.to;
  }
  EXPECT_EQ(next, GetParam());
}

TEST_P(OfAnyLength, NoWindowIsLongerThanAllowed) {
  for (const Window& window : windows_over(GetParam(), 10, 4)) EXPECT_LE(window.size(), 10U);
}

TEST_P(OfAnyLength, AnswersComeFromWithinTheWindow) {
  for (const Window& window : windows_over(GetParam(), 10, 4))
    EXPECT_TRUE(window.begin <= window.from && window.from < window.to && window.to <= window.end);
}

INSTANTIATE_TEST_SUITE_P(Lengths, OfAnyLength, testing::Range<std::size_t>(1, 60));

}  // namespace
}  // namespace demarc::tensor::worker
