#include "upstream/states.hpp"

#include <gtest/gtest.h>

namespace demarc::upstream {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

Routing routing() {
  Routing r;
  r.upstreams.resize(2);
  r.upstreams[0].name = "own", r.upstreams[0].engine = EngineKind::llama, r.upstreams[0].models.resize(1);
  r.upstreams[1].name = "far", r.upstreams[1].base_url = "https://far", r.upstreams[1].models.resize(2);
  r.upstreams[1].models[0].name = "a", r.upstreams[1].models[1].name = "b";
  return r;
}

const Monotonic kStart{1'000'000'000'000};

bool usable(const UpstreamStates& states, std::size_t u, std::size_t m, Monotonic at) { return *states.view(at)[u][m].healthy; }

TEST(UpstreamStates, AnEngineCountsOnceItIsUp) {
  UpstreamStates states(routing());
  EXPECT_FALSE(usable(states, 0, 0, kStart));
  states.set_engine(0, EngineHealth::up);
  EXPECT_TRUE(usable(states, 0, 0, kStart));
  states.set_engine(0, EngineHealth::down);
  EXPECT_FALSE(usable(states, 0, 0, kStart));
}

TEST(UpstreamStates, TheBreakerOpensAfterFailuresInARowAndForLongerEachTime) {
  UpstreamStates states(routing());
  Monotonic now = kStart;
  for (int i = 0; i < kFailuresToOpen; ++i) {
    EXPECT_TRUE(usable(states, 1, 0, now));
    states.report(1, 0, Outcome::transport_failure, now);
  }
  EXPECT_FALSE(usable(states, 1, 0, now + milliseconds(999)));
  EXPECT_TRUE(usable(states, 1, 1, now)) << "another model of the same upstream is its own candidate";
  now = now + milliseconds(1'000);
  EXPECT_TRUE(usable(states, 1, 0, now));
  states.report(1, 0, Outcome::timeout, now);
  EXPECT_FALSE(usable(states, 1, 0, now + milliseconds(1'999)));
  EXPECT_TRUE(usable(states, 1, 0, now + milliseconds(2'000)));
  states.report(1, 0, Outcome::ok, now + milliseconds(2'000));
  states.report(1, 0, Outcome::server_error, now + milliseconds(2'001));
  EXPECT_TRUE(usable(states, 1, 0, now + milliseconds(2'001)));
}

TEST(UpstreamStates, ACallerWhoLeftSaysNothingOfTheUpstream) {
  UpstreamStates states(routing());
  for (int i = 0; i < 10; ++i) states.report(1, 0, Outcome::cancelled, kStart);
  EXPECT_TRUE(usable(states, 1, 0, kStart));
}

TEST(UpstreamStates, CoolsDownForAsLongAsItWasAskedTo) {
  UpstreamStates states(routing());
  states.cool_down(1, 0, 7, kStart);
  states.cool_down(1, 0, 2, kStart);
  EXPECT_FALSE(usable(states, 1, 0, kStart + seconds(6)));
  EXPECT_TRUE(usable(states, 1, 0, kStart + seconds(7)));
  EXPECT_EQ(states.reports(kStart + seconds(3))[1].why, "cooling down for 5 s");
}

TEST(UpstreamStates, AReloadForgetsNothing) {
  const Routing before = routing();
  Routing after = routing();
  std::swap(after.upstreams[0], after.upstreams[1]);
  UpstreamStates former(before);
  former.cool_down(1, 1, 60, kStart);
  UpstreamStates states(after);
  states.take_over(former, after, before);
  EXPECT_FALSE(usable(states, 0, 1, kStart));
  EXPECT_TRUE(usable(states, 0, 0, kStart));
}

}  // namespace
}  // namespace demarc::upstream
