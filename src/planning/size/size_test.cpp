#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <random>

#include "planning/size/replay.hpp"

namespace demarc::planning {
namespace {

// vllm-cost-meter (MIT), data/master_results.csv, with arXiv 2606.11690: requests a second, tokens a second, dollars per million output tokens.
struct Measured {
  double per_s, tokens_per_s, usd;
};
constexpr std::array<Measured, 7> kC4 = {{{1, 255.12, 7.6},
                                          {5, 1252.60, 1.5479},
                                          {10, 2440.41, 0.7945},
                                          {25, 5279.86, 0.3672},
                                          {50, 7362.66, 0.2633},
                                          {100, 8902.45, 0.2178},
                                          {200, 9271.04, 0.2091}}};
constexpr std::array<Measured, 7> kC5 = {{{1, 254.23, 15.2531},
                                          {5, 1225.96, 3.1631},
                                          {10, 2327.57, 1.6660},
                                          {25, 4061.09, 0.9549},
                                          {50, 4425.03, 0.8763},
                                          {100, 4454.32, 0.8706},
                                          {200, 4452.81, 0.8709}}};

TEST(CostPerToken, IsThatOfThePublishedTable) {
  for (const Measured& row : kC4) EXPECT_NEAR(usd_per_million(6.98, row.tokens_per_s), row.usd, 1e-3) << row.per_s;
  for (const Measured& row : kC5) EXPECT_NEAR(usd_per_million(13.96, row.tokens_per_s), row.usd, 1e-3) << row.per_s;
}

TEST(CostPerToken, PunishesAnIdleMachineAsPublished) {
  EXPECT_NEAR(usd_per_million(6.98, 255.12) / usd_per_million(6.98, 9271.04), 36.34, 0.005);
  EXPECT_NEAR(usd_per_million(13.96, 254.23) / usd_per_million(13.96, 4454.32), 17.52, 0.005);
}

TEST(Crossover, IsAnArrivalRateOrNever) {
  EXPECT_NEAR(*crossover_per_s(13.96, 8, 256, 4454.32), 1.893, 0.001);
  EXPECT_FALSE(crossover_per_s(6.98, 0.20, 256, 6237.59));  // it would take 9,694 tokens a second
}

TEST(Machines, AreCountedForThePeak) {
  EXPECT_EQ(machines_for(8, 4.10, 34.775, 1), 2);
  EXPECT_NEAR(8 / (2 * 34.775), 0.115, 0.0005);
  EXPECT_NEAR(13.96 / (8 * 256 * 0.0036), 1.8934, 1e-4);
}

EngineProfile single(double tokens_per_s) { return {.name = "one", .slots = 1, .prefill_tokens_per_s = 1e12, .decode = {{1, tokens_per_s}}}; }

TEST(Replay, WaitsAsLongAsQueueingTheoryHasIt) {
  // M/D/1: service of one second, seven tenths used: the mean wait is 0.7 / (2 × 0.3) seconds.
  std::mt19937_64 random(11);
  std::exponential_distribution<double> gap(0.7);
  std::vector<Arrival> trace;
  double now = 0;
  for (int i = 0; i < 200'000; ++i) trace.push_back({now += gap(random), 0, 1001});
  const Replay found = replay(trace, single(1000), 1);
  EXPECT_NEAR(found.busy, 0.7, 0.01);
  EXPECT_NEAR(found.total_s.mean, 1 + 0.7 / 0.6, 0.05);
}

TEST(Replay, SharesAMachineAmongThoseItWritesFor) {
  // Two requests of 101 tokens at once, 100 tokens a second for one and 150 for two: both end after 200 / 150 seconds.
  const EngineProfile profile{.name = "two", .slots = 2, .prefill_tokens_per_s = 1e12, .decode = {{1, 100}, {2, 150}}};
  const Replay found = replay({{0, 0, 101}, {0, 0, 101}}, profile, 1);
  EXPECT_NEAR(found.total_s.most, 200.0 / 150, 1e-9);
}

TEST(Replay, ReadsPromptsOneAfterAnother) {
  const EngineProfile profile{.name = "slow reader", .slots = 8, .prefill_tokens_per_s = 1000, .decode = {{1, 1e12}}};
  const Replay found = replay({{0, 1000, 1}, {0, 1000, 1}, {0, 1000, 1}}, profile, 1);
  EXPECT_NEAR(found.first_token_s.most, 3, 1e-9);
  EXPECT_NEAR(found.first_token_s.p50, 2, 1e-9);
  EXPECT_EQ(found.most_waiting, 2);
}

TEST(Replay, EndsEveryRequestWhateverTheOrder) {
  const EngineProfile profile{.name = "p", .slots = 4, .prefill_tokens_per_s = 5000, .decode = {{1, 50}, {4, 120}}};
  std::mt19937_64 random(5);
  std::vector<Arrival> trace;
  for (int i = 0; i < 5000; ++i)
    trace.push_back({static_cast<double>(random() % 3600), static_cast<std::int64_t>(random() % 4000), static_cast<std::int64_t>(random() % 300)});
  for (const int machines : {1, 3, 20}) {
    const Replay found = replay(trace, profile, machines);
    EXPECT_EQ(found.requests, 5000);
    EXPECT_GE(found.first_token_s.p50, 0);
    EXPECT_GE(found.total_s.most, found.first_token_s.p50);
    EXPECT_LE(found.utilisation, 1.0001);
  }
}

TEST(Sizing, FindsTheFewestMachinesThatMeetTheTarget) {
  std::mt19937_64 random(3);
  std::exponential_distribution<double> gap(2);
  std::vector<Arrival> trace;
  double now = 0;
  for (int i = 0; i < 20'000; ++i) trace.push_back({now += gap(random), 0, 1001});
  const Target target{.first_token_s = 2.0};
  const auto found = size_for(trace, single(1000), target);
  ASSERT_TRUE(found);
  EXPECT_TRUE(meets(replay(trace, single(1000), found->machines), target));
  EXPECT_FALSE(meets(replay(trace, single(1000), found->machines - 1), target));
  EXPECT_GT(found->capacity_per_s, 0.3);
  EXPECT_LT(found->capacity_per_s, 1);
}

TEST(Sizing, SaysSoWhereNoNumberOfMachinesHelps) { EXPECT_FALSE(size_for({{0, 0, 1001}}, single(10), {.total_s = 1.0})); }

TEST(TraceShape, CountsTheBusiestMinute) {
  std::vector<Arrival> trace;
  for (int minute = 0; minute < 10; ++minute)
    for (int i = 0; i < (minute == 4 ? 40 : 10); ++i) trace.push_back({minute * 60.0 + i, 1, 1});
  trace.push_back({600, 1, 1});
  EXPECT_NEAR(shape_of(trace).peak_to_mean, 40.0 / 13, 1e-9);
}

TEST(Profiles, AreReadStrictly) {
  EXPECT_TRUE(
      read_profiles("profiles: [{name: a, slots: 4, prefill_tokens_per_s: 100, decode: [{concurrent: 1, tokens_per_s: 10}]}]", "p.yaml").ok());
  for (const char* wrong :
       {"profiles: []", "profiles: [{name: a}]",
        "profiles: [{name: a, slots: 4, prefill_tokens_per_s: 100, decode: [{concurrent: 2, tokens_per_s: 10}, {concurrent: 1, tokens_per_s: 10}]}]"})
    EXPECT_FALSE(read_profiles(wrong, "p.yaml").ok()) << wrong;
}

}  // namespace
}  // namespace demarc::planning
