#include "upstream/breaker.hpp"

#include <gtest/gtest.h>

#include <random>

namespace demarc::upstream {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::uint32_t kNoJitter = 200;  // 800 + 200 of 1000

struct Bench {
  BreakerLimits limits;
  Breaker breaker;
  Monotonic now{1'000'000'000};
  void fail() { breaker.failed(now, limits, kNoJitter); }
  void fail(int times) {
    for (int i = 0; i < times; ++i) fail();
  }
  bool passes() const { return breaker.lets_pass(now, limits); }
  void wait(std::chrono::nanoseconds d) { now = now + d; }
};

TEST(Breaker, OpensAtTheFifthFailureInARow) {
  Bench b;
  b.fail(4);
  EXPECT_TRUE(b.passes());
  b.fail();
  EXPECT_FALSE(b.passes());
}

TEST(Breaker, ForgetsFailuresAfterASuccess) {
  Bench b;
  b.fail(4);
  b.breaker.succeeded();
  b.fail(4);
  EXPECT_TRUE(b.passes());
}

TEST(Breaker, CountsOnlyFailuresWithinTheWindow) {
  Bench b;
  b.fail(4);
  b.wait(seconds(31));
  b.fail();
  EXPECT_TRUE(b.passes());
}

TEST(Breaker, LetsASingleProbePassWhenItsRestIsOver) {
  Bench b;
  b.fail(5);
  b.wait(milliseconds(999));
  EXPECT_FALSE(b.passes());
  b.wait(milliseconds(1));
  EXPECT_TRUE(b.breaker.begin(b.now, b.limits));
  EXPECT_FALSE(b.passes());
}

TEST(Breaker, RestsTwiceAsLongAfterEachFailedProbeUpToAMinute) {
  Bench b;
  b.fail(5);
  for (const int rest_s : {1, 2, 4, 8, 16, 32, 60, 60}) {
    b.wait(seconds(rest_s) - milliseconds(1));
    EXPECT_EQ(b.breaker.state(b.now), BreakerState::open) << rest_s;
    b.wait(milliseconds(1));
    ASSERT_TRUE(b.breaker.begin(b.now, b.limits)) << rest_s;
    b.fail();
  }
}

TEST(Breaker, GivesTheProbeToTheNextWhenItIsAbandonedOrLost) {
  Bench b;
  b.fail(5);
  b.wait(seconds(1));
  b.breaker.begin(b.now, b.limits);
  b.breaker.abandoned();
  EXPECT_TRUE(b.breaker.begin(b.now, b.limits));
  b.wait(seconds(61));
  EXPECT_TRUE(b.passes());
}

TEST(Breaker, IgnoresLateFailuresOfWhatWasSentBeforeItOpened) {
  Bench b;
  b.fail(12);
  b.wait(seconds(1));
  EXPECT_TRUE(b.passes());
}

TEST(Breaker, NeverRestsLongerThanSeventyTwoSecondsNorLetsTwoProbesPass) {
  for (unsigned seed = 0; seed < 200; ++seed) {
    std::mt19937 random(seed);
    Bench b;
    int probes = 0;
    for (int step = 0; step < 300; ++step) {
      b.wait(milliseconds(random() % 5000));
      switch (random() % 4) {
        case 0: probes += b.breaker.begin(b.now, b.limits) ? 1 : 0; break;
        case 1: b.breaker.failed(b.now, b.limits, random()), probes = b.breaker.state(b.now) == BreakerState::open ? 0 : probes; break;
        case 2: b.breaker.succeeded(), probes = 0; break;
        case 3: b.breaker.abandoned(), probes = 0; break;
      }
      ASSERT_LE(probes, 1) << "seed " << seed;
      if (b.breaker.state(b.now) == BreakerState::open) {
        ASSERT_LE(b.breaker.rests_until() - b.now, seconds(72)) << "seed " << seed;
      }
    }
  }
}

}  // namespace
}  // namespace demarc::upstream
