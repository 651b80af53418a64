#include "upstream/states.hpp"

#include <gtest/gtest.h>

#include <random>
#include <thread>

namespace demarc::upstream {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::size_t kEngine = 0, kRoom = 1, kCloud = 2;
constexpr Monotonic kStart{1'000'000'000'000};

Routing routing() {
  Routing r;
  r.upstreams.push_back({.name = "engine", .tier = Tier::local, .engine = EngineKind::llama, .models = {{.name = "small"}}});
  r.upstreams.push_back({.name = "room", .tier = Tier::local, .base_url = "http://127.0.0.1:9000/v1", .models = {{.name = "big"}}});
  r.upstreams.push_back({.name = "cloud", .tier = Tier::cloud, .base_url = "https://x/v1", .models = {{.name = "one"}, {.name = "two"}}});
  return r;
}

struct Bench {
  std::shared_ptr<UpstreamStates> states = std::make_shared<UpstreamStates>(routing());
  Monotonic now = kStart;
  std::optional<bool> healthy(std::size_t u, std::size_t m = 0) const { return states->view(now)[u][m].healthy; }
  std::int64_t retry_after_s(const std::vector<CandidateIndex>& candidates) const { return states->retry_after_s(candidates, now); }
  void fail(int times, std::size_t u = kCloud) {
    for (int i = 0; i < times; ++i) states->report(u, 0, Outcome::server_error, now);
  }
};

TEST(UpstreamStates, KnowsNothingOfAnEngineUntilItIsTold) {
  Bench b;
  EXPECT_EQ(b.healthy(kEngine), std::nullopt);
  b.states->set_engine(kEngine, EngineHealth::up);
  EXPECT_EQ(b.healthy(kEngine), true);
  b.states->set_engine(kEngine, EngineHealth::down);
  EXPECT_EQ(b.healthy(kEngine), false);
}

TEST(UpstreamStates, TrustsAnUpstreamOfSomebodyElseUntilItFails) {
  Bench b;
  EXPECT_EQ(b.healthy(kCloud), true);
  b.fail(5);
  EXPECT_EQ(b.healthy(kCloud), false);
  EXPECT_EQ(b.states->status(b.now)[kCloud].reason, "server_error");
}

TEST(UpstreamStates, CountsWhatTheClientCancelledForNothing) {
  Bench b;
  for (int i = 0; i < 20; ++i) b.states->report(kCloud, 0, Outcome::cancelled, b.now);
  EXPECT_EQ(b.healthy(kCloud), true);
}

TEST(UpstreamStates, CoolsDownOneModelAndNotItsNeighbour) {
  Bench b;
  b.states->cool_down(kCloud, 0, 7, b.now);
  EXPECT_EQ(b.healthy(kCloud, 0), false);
  EXPECT_EQ(b.healthy(kCloud, 1), true);
  EXPECT_EQ(b.retry_after_s({{kCloud, 0}}), 7);
  b.now = b.now + seconds(7);
  EXPECT_EQ(b.healthy(kCloud, 0), true);
}

TEST(UpstreamStates, CutsARetryAfterOfAWeekToAnHour) {
  Bench b;
  b.states->cool_down(kCloud, 0, 7 * 24 * 3600, b.now);
  EXPECT_EQ(b.retry_after_s({{kCloud, 0}}), 3600);
}

TEST(UpstreamStates, SaysTheShortestOfSeveralRestsRoundedUp) {
  Bench b;
  b.states->cool_down(kCloud, 0, 40, b.now);
  b.states->cool_down(kCloud, 1, 20, b.now);
  b.now = b.now + milliseconds(100);
  EXPECT_EQ(b.retry_after_s({{kCloud, 0}, {kCloud, 1}}), 20);
  EXPECT_EQ(b.retry_after_s({{kCloud, 0}}), 40);
}

TEST(UpstreamStates, SendsOneProbeAfterTheRestAndClosesWhenItSucceeds) {
  Bench b;
  b.fail(5);
  b.now = b.now + seconds(2);
  auto probe = b.states->begin(kCloud, 0, b.now);
  ASSERT_TRUE(probe);
  EXPECT_FALSE(b.states->begin(kCloud, 1, b.now));
  EXPECT_EQ(b.healthy(kCloud), false);
  b.states->report(kCloud, 0, Outcome::ok, b.now);
  EXPECT_EQ(b.healthy(kCloud), true);
}

TEST(UpstreamStates, PassesTheProbeOnWhenItsRequestDiesUnreported) {
  Bench b;
  b.fail(5);
  b.now = b.now + seconds(2);
  {
    const auto probe = b.states->begin(kCloud, 0, b.now);
  }
  EXPECT_TRUE(b.states->begin(kCloud, 0, b.now));
}

TEST(UpstreamStates, HoldsAProbedUpstreamForUnknownWhenNewsIsOld) {
  Bench b;
  b.states->report_probe(kRoom, EngineHealth::up, "", b.now);
  b.now = b.now + seconds(31);
  EXPECT_EQ(b.healthy(kRoom), std::nullopt);
  b.states->report(kRoom, 0, Outcome::ok, b.now);
  EXPECT_EQ(b.healthy(kRoom), true);
}

TEST(UpstreamStates, EstimatesTheQueueOfAServerDownTheHallFromHowLateItsAnswersBegin) {
  Bench b;
  b.states->begin(kRoom, 0, b.now)->answered(b.now + milliseconds(100));
  EXPECT_EQ(b.states->view(b.now)[kRoom][0].queue_ms, 0);
  for (int i = 0; i < 40; ++i) b.states->begin(kRoom, 0, b.now)->answered(b.now + milliseconds(3000));
  const auto flight = b.states->begin(kRoom, 0, b.now);
  EXPECT_GT(b.states->view(b.now)[kRoom][0].queue_ms, 2000);
}

TEST(UpstreamStates, CarriesWhatItKnowsOverAReload) {
  Bench b;
  b.states->set_engine(kEngine, EngineHealth::up);
  b.states->cool_down(kCloud, 1, 60, b.now);
  Routing next = routing();
  std::swap(next.upstreams[0], next.upstreams[2]);
  next.upstreams[1].base_url = "http://127.0.0.1:9999/v1";
  b.fail(5, kRoom);
  UpstreamStates fresh(next);
  fresh.take_over(*b.states, next, routing());
  const auto view = fresh.view(b.now);
  EXPECT_EQ(view[2][0].healthy, true);   // the engine
  EXPECT_EQ(view[0][1].healthy, false);  // cools down still
  EXPECT_EQ(view[1][0].healthy, true);   // another server now
}

TEST(UpstreamStates, CountsEveryFlightOnceWhateverTheOrderOfEnds) {
  for (unsigned seed = 0; seed < 100; ++seed) {
    std::mt19937 random(seed);
    Bench b;
    std::vector<Flight> flights;
    for (int step = 0; step < 200; ++step) {
      b.now = b.now + milliseconds(random() % 500);
      if (random() % 2 == 0) {
        if (auto flight = b.states->begin(kRoom, 0, b.now)) flights.push_back(std::move(*flight));
      } else if (!flights.empty()) {
        flights.erase(flights.begin() + static_cast<std::ptrdiff_t>(random() % flights.size()));
      }
      if (random() % 3 == 0) b.states->report(kRoom, 0, static_cast<Outcome>(random() % 5), b.now);
      ASSERT_EQ(b.states->status(b.now)[kRoom].in_flight, flights.size()) << "seed " << seed;
    }
  }
}

TEST(UpstreamStates, IsSharedByThreads) {
  Bench b;
  std::vector<std::thread> threads;
  for (unsigned t = 0; t < 4; ++t)
    threads.emplace_back([&, t] {
      for (int i = 0; i < 500; ++i) {
        const auto flight = b.states->begin(kCloud, t % 2, b.now);
        b.states->report(kCloud, t % 2, i % 7 == 0 ? Outcome::timeout : Outcome::ok, b.now);
        if (b.states->view(b.now).size() != 3) std::abort();
      }
    });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(b.states->status(b.now)[kCloud].in_flight, 0U);
}

}  // namespace
}  // namespace demarc::upstream
