#include "admin/standing.hpp"

#include <gtest/gtest.h>

namespace demarc::admin {
namespace {

using engine::EngineState;
using engine::EngineStatus;
using upstream::BreakerState;
using upstream::UpstreamStatus;

constexpr Monotonic kNow{1'000'000'000'000};

std::string said(const UpstreamStatus& status, const EngineStatus* engine = nullptr) {
  const Standing standing = standing_of({.status = status, .model = "m", .rest_s = 7, .engine = engine, .now = kNow});
  return std::string(standing.state) + ": " + standing.why;
}

TEST(Standing, OfAnEngineThatLoadsSaysForHowLong) {
  const EngineStatus engine{.state = EngineState::starting, .since = Monotonic{kNow.ns - 12'300'000'000}};
  EXPECT_EQ(said({.name = "u", .healthy = {}}, &engine), "loading: for 12 s");
}

TEST(Standing, OfAnEngineThatLoadsAgainSaysWhyItHadTo) {
  const EngineStatus engine{.state = EngineState::starting, .since = kNow, .restarts = 2, .last_error = "killed by signal 9"};
  EXPECT_EQ(said({.name = "u", .healthy = {}}, &engine), "loading: for 0 s; before that: killed by signal 9; restarts: 2");
}

TEST(Standing, OfAnEngineThatEndedSaysHow) {
  const EngineStatus engine{.state = EngineState::backing_off, .since = kNow, .restarts = 1, .last_error = "exit status 3"};
  EXPECT_EQ(said({.name = "u", .healthy = false}, &engine), "down: exit status 3; restarts: 1");
}

TEST(Standing, OfAModelThatCoolsDownSaysForHowLongStill) {
  EXPECT_EQ(said({.name = "u", .healthy = true, .cooling = {"m"}}), "resting: it asked for a pause (429, Retry-After); again in 7 s");
}

TEST(Standing, OfAnOpenBreakerSaysAfterWhat) {
  EXPECT_EQ(said({.name = "u", .healthy = false, .breaker = BreakerState::open, .reason = "timeout"}), "resting: after timeout; again in 7 s");
}

TEST(Standing, IsNeverWithoutAWhyWhenNothingIsKnown) {
  EXPECT_EQ(said({.name = "u", .healthy = {}}), "unknown: no news from it");
  EXPECT_EQ(said({.name = "u", .healthy = false}), "down: failures");
}

}  // namespace
}  // namespace demarc::admin
