#include "ledger/local_speed.hpp"

#include <gtest/gtest.h>

namespace demarc::ledger {
namespace {

using std::chrono::seconds;

TEST(LocalSpeeds, KnowFromABenchWhatNobodyHasSeenYet) {
  LocalSpeeds speeds;
  EXPECT_EQ(speeds.expect("chat", {.output_tokens = 100}), std::nullopt);
  speeds.foresee("chat", {.tokens_per_second = 20, .prompt_tokens_per_second = 200});
  EXPECT_EQ(speeds.expect("chat", {.output_tokens = 100}), seconds(5));
  EXPECT_EQ(speeds.expect("chat", {.input_tokens = 1'000}), seconds(5));
  EXPECT_EQ(speeds.expect("chat", {.audio_ms = 60'000}), std::nullopt) << "was not measured";
  speeds.foresee("speech", {.real_time_factor = 0.25});
  EXPECT_EQ(speeds.expect("speech", {.audio_ms = 60'000}), seconds(15));
}

TEST(LocalSpeeds, BelieveWhatHappenedMoreThanABench) {
  LocalSpeeds speeds;
  speeds.learn("chat", {.output_tokens = 100}, seconds(10));
  speeds.foresee("chat", {.tokens_per_second = 1'000});
  EXPECT_EQ(speeds.expect("chat", {.output_tokens = 10}), seconds(1)) << "it has answered already";
}

}  // namespace
}  // namespace demarc::ledger
