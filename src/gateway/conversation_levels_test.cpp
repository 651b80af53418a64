#include "gateway/conversation_levels.hpp"

#include <gtest/gtest.h>

namespace demarc::gateway {
namespace {

using std::chrono::hours;
constexpr Monotonic kNow{1'000'000'000'000};

TEST(ConversationLevels, RememberTheHighestLevelOfEachConversationAlone) {
  ConversationLevels levels;
  levels.raise("a", Sensitivity::restricted, kNow);
  levels.raise("a", Sensitivity::confidential, kNow);
  EXPECT_EQ(levels.reached("a", kNow), Sensitivity::restricted);
  EXPECT_EQ(levels.reached("b", kNow), std::nullopt);
}

TEST(ConversationLevels, ForgetWhatNobodyUsedForALifetimeAndCountUseAsLife) {
  ConversationLevels levels({.life = hours(12)});
  levels.raise("a", Sensitivity::confidential, kNow);
  EXPECT_TRUE(levels.reached("a", kNow + hours(11)));
  EXPECT_TRUE(levels.reached("a", kNow + hours(22)));
  EXPECT_FALSE(levels.reached("a", kNow + hours(35)));
}

TEST(ConversationLevels, KeepNoMoreThanTheyMay) {
  ConversationLevels levels({.conversations = 160});
  for (int i = 0; i < 1000; ++i) levels.raise("conversation " + std::to_string(i), Sensitivity::confidential, kNow);
  EXPECT_LE(levels.size(), 160U);
  EXPECT_TRUE(levels.reached("conversation 999", kNow));
}

TEST(ConversationLevels, HaveNothingToSayOfARequestWithoutAConversation) {
  ConversationLevels levels;
  levels.raise("", Sensitivity::restricted, kNow);
  EXPECT_EQ(levels.size(), 0U);
  EXPECT_FALSE(levels.reached("", kNow));
}

}  // namespace
}  // namespace demarc::gateway
