#include "planning/risk/stress.hpp"

#include <gtest/gtest.h>

#include "policy/compile.hpp"

namespace demarc::planning {
namespace {

UpstreamSpec upstream(const char* name, Tier tier, const char* model, const char* region = nullptr) {
  UpstreamSpec out{.name = name, .tier = tier, .models = {{.name = model, .serves = {Operation::chat}}}};
  if (tier == Tier::local) out.engine = EngineKind::llama;
  if (region != nullptr) out.region = region;
  return out;
}

const Instant kToday = *parse_rfc3339("2026-11-28T00:00:00Z");

class StressTest : public testing::Test {
 protected:
  StressTest() {
    routing.upstreams = {upstream("chat-local", Tier::local, "own"), upstream("frontier", Tier::cloud, "gpt-4.1", "us"),
                         upstream("other", Tier::cloud, "gpt-5.4", "eu")};
    routing.substitutes = {{"gpt-4.1", {{"chat-local", ""}}}};
    routing.workloads = {{.name = "triage", .operation = Operation::chat}, {.name = "copilot", .operation = Operation::chat}};
    auto compiled = policy::compile(
        "version: 1\nrules:\n  - {id: home, permit: local}\n  - {id: cloud, permit: cloud, when: {sensitivity: {at_most: internal}}}\n  - {id: "
        "first-cloud, prefer: cloud}\n",
        "policy.yaml", routing);
    EXPECT_TRUE(compiled.ok());
    policy = std::move(*compiled);
    auto read = read_plan(
        "workloads:\n"
        "  - {name: triage, requests_per_month: 5256000, tokens: {output: 100}, cloud: {model: openai/gpt-4.1}}\n"
        "  - {name: copilot, requests_per_month: 26280, tokens: {output: 1000}, cloud: {model: openai/gpt-5.4}}\n"
        "clusters: [{name: room, capacity_requests_per_s: 3, peak_to_mean: 2, spare_nodes: 1, usd_per_node: 1000}]\n",
        "plan.yaml", book(), kToday);
    EXPECT_TRUE(read.ok()) << read.error().print();
    plan = std::move(*read);
  }
  static const ledger::PriceBook& book() {
    static const auto loaded = ledger::PriceBook::load({ledger::builtin_prices()});
    return *loaded;
  }
  StressWorld world() { return {.policy = policy, .routing = routing, .prices = book(), .today = kToday}; }
  Stressed stressed(const Stress& what) {
    auto found = stress(plan, world(), what);
    EXPECT_TRUE(found.ok()) << found.error().message;
    return *found;
  }
  Routing routing;
  policy::CompiledPolicy policy;
  Plan plan;
};

TEST_F(StressTest, AModelThatIsGoneIsStoodInForWhereThePolicySaysSo) {
  const Stressed found = stressed({.kind = StressKind::model_gone, .subject = "gpt-4.1"});
  EXPECT_EQ(found.fates[0].before.upstream, "frontier");
  EXPECT_EQ(found.fates[0].change, Change::to_local);
  EXPECT_EQ(found.fates[1].change, Change::same);
  EXPECT_NEAR(found.fates[0].moved_per_s, 2, 1e-9);
}

TEST_F(StressTest, AModelWithoutASubstituteFails) {
  const Stressed found = stressed({.kind = StressKind::model_gone, .subject = "gpt-5.4"});
  EXPECT_EQ(found.fates[1].change, Change::fails);
  EXPECT_NEAR(found.failing_per_s, 0.01, 1e-9);
}

TEST_F(StressTest, SaysWhetherTheHardwareHolds) {
  // One machine (nothing is planned at home, so a spare alone): 3 a second, half of it for peaks; two a second come.
  const Stressed found = stressed({.kind = StressKind::region_down, .subject = "us"});
  EXPECT_EQ(found.fates[0].change, Change::to_local);
  ASSERT_EQ(found.hardware.size(), 1U);
  EXPECT_NEAR(found.hardware[0].holds_per_s, 1.5, 1e-9);
  EXPECT_FALSE(found.hardware[0].holds());
}

TEST_F(StressTest, ABanLeavesOnlyTheLocalTierToOneWorkload) {
  const Stressed found = stressed({.kind = StressKind::ban, .subject = "triage"});
  EXPECT_EQ(found.fates[0].change, Change::to_local);
  EXPECT_EQ(found.fates[1].change, Change::same);
  EXPECT_LT(found.cloud_month_after, found.cloud_month_before);
}

TEST_F(StressTest, ADoubledPriceDoublesUsage) {
  const Stressed found = stressed({.kind = StressKind::price, .factor = 2});
  EXPECT_EQ(found.cloud_month_after, *multiply(found.cloud_month_before, Decimal::of(2)));
  EXPECT_TRUE(found.npv_after.has_value());
}

// gpt-4.1 is 8 dollars a million output tokens, gpt-5.4 is 15: the same tokens cost 15/8 there.
TEST_F(StressTest, AWorkloadThatMovesToAnotherCloudModelIsPricedThere) {
  routing.substitutes = {{"gpt-4.1", {{"other", ""}, {"chat-local", ""}}}};
  const Stressed found = stressed({.kind = StressKind::model_gone, .subject = "gpt-4.1"});
  ASSERT_EQ(found.fates[0].change, Change::to_other_cloud);
  EXPECT_EQ(found.fates[0].after.priced_as, "openai/gpt-5.4");
  EXPECT_EQ(found.fates[0].cloud_usd.print(2), "4204.80");
  EXPECT_EQ(found.fates[0].after_usd->print(2), "7884.00");
  EXPECT_EQ(subtract(found.cloud_month_after, found.cloud_month_before)->print(2), "3679.20");
  ASSERT_TRUE(found.npv_after.has_value());
  EXPECT_EQ(*found.npv_after, *found.npv_before) << "nothing of it is local: both sides of the comparison get dearer alike";
}

TEST_F(StressTest, APriceAtWhichTheRouterChoosesAnotherIsPaidThere) {
  plan.workloads[0].cloud_model = "openai/not-in-the-configuration";  // so it asks for auto, and price decides
  EXPECT_EQ(stressed({.kind = StressKind::price, .subject = "gpt-5.4", .factor = 2}).fates[0].change, Change::same);
  const Stressed found = stressed({.kind = StressKind::price, .subject = "gpt-4.1", .factor = 3});  // 24 against 15
  EXPECT_EQ(found.fates[0].before.model, "gpt-4.1");
  EXPECT_EQ(found.fates[0].change, Change::to_other_cloud);
  EXPECT_EQ(found.fates[0].after.model, "gpt-5.4");
  EXPECT_EQ(found.fates[0].after_usd->print(2), "7884.00");
}

TEST_F(StressTest, APriceOfOneProvidersModelIsPaidWhereNobodyElseStandsIn) {
  const Stressed found = stressed({.kind = StressKind::price, .subject = "gpt-4.1", .factor = 2});
  EXPECT_EQ(found.fates[0].change, Change::same);
  EXPECT_EQ(found.fates[0].after_usd->print(2), "8409.60");
  EXPECT_EQ(*found.fates[1].after_usd, found.fates[1].cloud_usd);
}

TEST_F(StressTest, WhatMovesToAModelWithoutAPriceIsSaidAndInNoSum) {
  routing.upstreams.push_back(upstream("third", Tier::cloud, "nobody-priced-this"));
  routing.substitutes = {{"gpt-4.1", {{"third", ""}}}};
  const Stressed found = stressed({.kind = StressKind::model_gone, .subject = "gpt-4.1"});
  EXPECT_EQ(found.unpriced, std::vector<std::string>{"openai/nobody-priced-this"});
  EXPECT_FALSE(found.fates[0].after_usd.has_value());
  EXPECT_FALSE(found.npv_after.has_value());
  EXPECT_EQ(found.cloud_month_after, found.fates[1].cloud_usd);
}

TEST_F(StressTest, WhatNobodyKnowsIsRefused) {
  for (const Stress& what : {Stress{.kind = StressKind::model_gone, .subject = "nope"}, Stress{.kind = StressKind::region_down, .subject = "mars"},
                             Stress{.kind = StressKind::ban, .subject = "nope"}, Stress{.kind = StressKind::price, .subject = "nope"}})
    EXPECT_FALSE(stress(plan, world(), what).ok());
}

}  // namespace
}  // namespace demarc::planning
