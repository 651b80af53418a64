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

TEST(Standing, OfAnEngineThatRestsSaysWhenItIsTriedAgain) {
  const EngineStatus engine{
      .state = EngineState::resting, .since = kNow, .rests_until = Monotonic{kNow.ns + 30'000'000'000}, .restarts = 5, .last_error = "exit status 3"};
  EXPECT_EQ(said({.name = "u", .healthy = false}, &engine), "down: exit status 3; it ended too often, tried again in 30 s; restarts: 5");
}

TEST(Standing, OfAModelThatIsNotInMemorySaysWhatBringsItThereOrWhyNot) {
  const EngineStatus engine{.state = EngineState::unloaded, .since = kNow};
  const UpstreamStatus status{.name = "u", .healthy = true};
  const auto standing = [&](bool usable, const std::string& why_not) {
    const Standing made = standing_of({.usable = usable, .status = status, .model = "m", .engine = &engine, .why_not = why_not, .now = kNow});
    return std::string(made.state) + ": " + made.why;
  };
  EXPECT_EQ(standing(true, ""), "unloaded: loaded with the next request");
  EXPECT_EQ(standing(false, ""), "loading: in a moment");
  EXPECT_EQ(standing(false, "it needs 9.0 GiB"), "unloaded: it needs 9.0 GiB");
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
