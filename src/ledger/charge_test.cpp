#include "ledger/charge.hpp"

#include <gtest/gtest.h>

namespace demarc::ledger {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

CostsSpec costs() {  // 8.219178082192 + 2.054794520548 $ an hour without power
  return {.hardware_usd = Money::from_usd(6000),
          .hardware_months = 36,
          .watts_idle = 80,
          .watts_busy = 450,
          .usd_per_kwh = *Money::parse("0.22"),
          .engineer_usd_per_year = Money::from_usd(180'000),
          .engineer_share = *Money::parse("0.1")};
}

TEST(LocalCost, AddsHardwarePowerAndStaff) {
  const LocalCost cost(costs());
  // 6000/(36·730) = 0.228310502283; 18000/8760 = 2.054794520548; 0.08·0.22 = 0.0176; 0.37·0.22 = 0.0814
  EXPECT_EQ(cost.idle_hourly().print(), "2.300705022831");
  EXPECT_EQ(cost.busy_hourly().print(), "2.382105022831");
}

TEST(LocalCost, ChargesAnHourOfTheWholeEngineItsBusyCost) {
  const LocalCost cost(costs());
  EXPECT_EQ(cost.charge({.held = hours(1)})->print(), "2.382105022831");
}

TEST(LocalCost, SharesTheEngineBySlots) {
  const LocalCost cost(costs());
  EXPECT_EQ(cost.charge({.held = hours(1), .slots_held = 1, .slots = 4, .slots_busy = 4})->print(), "0.595526255708");
  EXPECT_EQ(cost.charge({.held = hours(1), .slots_held = 1, .slots = 4, .slots_busy = 2})->print(), "0.585351255708");
}

TEST(LocalCost, RefusesTimesAndSharesThatCannotBe) {
  const LocalCost cost(costs());
  EXPECT_FALSE(cost.charge({.held = seconds(-1)}));
  EXPECT_FALSE(cost.charge({.held = seconds(1), .slots_held = 3, .slots = 2, .slots_busy = 3}));
  EXPECT_FALSE(cost.charge({.held = seconds(1), .slots = 0}));
  EXPECT_FALSE(cost.charge({.held = hours(24 * 31)}));
  EXPECT_TRUE(cost.charge({.held = hours(24 * 30), .slots_held = 1024, .slots = 1024, .slots_busy = 1024}));
}

class ChargeTest : public testing::Test {
 protected:
  ChargeTest() {
    auto book = PriceBook::load({{"test", R"(
version: 1
prices:
  - {provider: openai, models: [big], usd_per_million: {input: "10", output: "30"}, source: s, date: 2026-08-21}
  - {provider: openai, models: [small], usd_per_million: {input: "1", output: "3"}, source: s, date: 2026-08-21}
  - {provider: openai, models: [small-2026], usd_per_million: {input: "2", output: "3"}, source: s, date: 2026-08-21}
)"}});
    pricing.book = std::move(book).value();
    routing.upstreams = {
        {.name = "here", .tier = Tier::local, .engine = EngineKind::llama, .models = {{.name = "llm", .serves = {Operation::chat}}}, .slots = 2},
        {.name = "there",
         .tier = Tier::cloud,
         .models = {{.name = "big", .serves = {Operation::chat}},
                    {.name = "small", .serves = {Operation::chat}, .context_tokens = 1000},
                    {.name = "secret-price", .serves = {Operation::chat}}}}};
  }
  Charge charge(AttemptFacts facts) { return charge_attempt(pricing, facts, routing, speeds); }
  AttemptFacts cloud() { return {.upstream = routing.upstreams[1], .model = routing.upstreams[1].models[1], .usage = kUsage}; }
  AttemptFacts local() {
    return {.upstream = routing.upstreams[0], .model = routing.upstreams[0].models[0], .usage = kUsage, .engine = {.held = seconds(2), .slots = 2}};
  }
  static constexpr Usage kUsage{.input_tokens = 100, .output_tokens = 10};
  Pricing pricing;
  Routing routing;
  LocalSpeeds speeds;
};

TEST_F(ChargeTest, IsBilledFromTheProvidersOwnUsage) {
  const Charge made = charge(cloud());
  EXPECT_EQ(made.kind, ChargeKind::billed);
  EXPECT_EQ(made.usd->print(), "0.000130000000");
}

TEST_F(ChargeTest, IsEstimatedFromOurCount) {
  AttemptFacts facts = cloud();
  facts.usage.estimated = true;
  EXPECT_EQ(charge(facts).kind, ChargeKind::estimated);
}

TEST_F(ChargeTest, GoesByTheModelThatTheProviderNamed) {
  AttemptFacts facts = cloud();
  facts.model_served = "small-2026";
  EXPECT_EQ(charge(facts).usd->print(), "0.000230000000");
  facts.model_served = "never-heard-of";
  EXPECT_EQ(charge(facts).usd->print(), "0.000130000000");
}

TEST_F(ChargeTest, IsUnpricedWithoutAPriceNeverFree) {
  const AttemptFacts facts{.upstream = routing.upstreams[1], .model = routing.upstreams[1].models[2], .usage = kUsage};
  EXPECT_EQ(charge(facts).kind, ChargeKind::unpriced);
  EXPECT_EQ(charge(facts).usd, std::nullopt);
}

TEST_F(ChargeTest, CostsNothingWhenNoByteLeft) {
  AttemptFacts facts = cloud();
  facts.ending = Ending::not_sent, facts.usage = {};
  EXPECT_EQ(charge(facts).kind, ChargeKind::billed);
  EXPECT_EQ(charge(facts).usd, Money{});
}

TEST_F(ChargeTest, EstimatesNothingForARefusal) {
  AttemptFacts facts = cloud();
  facts.ending = Ending::refused, facts.usage = {};
  EXPECT_EQ(charge(facts).kind, ChargeKind::estimated);
  EXPECT_EQ(charge(facts).usd, Money{});
}

TEST_F(ChargeTest, IsUnpricedLocallyWithoutCosts) {
  EXPECT_EQ(charge(local()).kind, ChargeKind::unpriced);
  EXPECT_EQ(charge(local()).usd, std::nullopt);
}

TEST_F(ChargeTest, PaysForTheSecondsThatItHeldAnEngine) {
  pricing.local.emplace(costs());
  const Charge made = charge(local());
  EXPECT_EQ(made.kind, ChargeKind::local);
  EXPECT_EQ(made.usd->print(), "0.000650390284");  // 2 s ÷ 2 slots of 2.341405022831 $/h
}

TEST_F(ChargeTest, ComparesWithTheCheapestCloudModelThatFits) {
  EXPECT_EQ(charge(local()).alternative, (Alternative{"there", "small", Money::parse("0.00013")}));
  AttemptFacts facts = local();
  facts.usage.input_tokens = 5000;  // more than small can hold
  EXPECT_EQ(charge(facts).alternative, (Alternative{"there", "big", Money::parse("0.0503")}));
}

TEST_F(ChargeTest, ComparesWithTheMeasuredSpeedOfTheLocalEngine) {
  pricing.local.emplace(costs());
  EXPECT_EQ(charge(cloud()).alternative, (Alternative{"here", "llm", std::nullopt}));
  speeds.learn("here", {.input_tokens = 5, .output_tokens = 100}, seconds(20));
  EXPECT_EQ(charge(cloud()).alternative->usd, charge(local()).usd);  // 10 tokens at 200 ms
}

TEST_F(ChargeTest, HasNoAlternativeWhereNothingElseServes) {
  AttemptFacts facts = cloud();
  facts.operation = Operation::embedding;
  EXPECT_EQ(charge(facts).alternative, std::nullopt);
}

TEST(LocalSpeeds, ForgetsOldSpeedsSlowly) {
  LocalSpeeds speeds;
  const Usage token{.output_tokens = 1};
  for (int i = 0; i < 2000; ++i) speeds.learn("e", token, milliseconds(10));
  for (int i = 0; i < 20'000; ++i) speeds.learn("e", token, milliseconds(100));
  EXPECT_GT(speeds.expect("e", token), milliseconds(99));
}

}  // namespace
}  // namespace demarc::ledger
