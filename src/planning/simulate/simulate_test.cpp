#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "planning/simulate/draws.hpp"
#include "planning/simulate/monte_carlo.hpp"
#include "planning/simulate/sensitivity.hpp"

namespace demarc::planning {
namespace {

Plan plan_of(const std::string& yaml) {
  static const auto book = ledger::PriceBook::load({ledger::builtin_prices()});
  auto plan = read_plan(yaml, "plan.yaml", *book, *parse_rfc3339("2026-11-28T00:00:00Z"));
  EXPECT_TRUE(plan.ok()) << plan.error().print();
  return *plan;
}

const std::string kPlan =
    "workloads:\n"
    "  - {name: triage, bucket: boring, requests_per_month: {value: 900000, low: 600000, high: 1500000}, growth_percent_per_year: {value: 20, low: "
    "0, high: 60}, tokens: {input: 1800, output: 150},\n"
    "     cloud: {model: openai/gpt-5.4, price_change_percent_per_year: {value: -15, low: -50, high: 5}}, local: {cluster: room, rework_percent: "
    "{value: 1, low: 0, high: 4}, usd_per_rework: 0.02}}\n"
    "  - {name: copilot, requests_per_month: 20000, tokens: {input: 9000, output: 900}, cloud: {model: openai/gpt-5.4}}\n"
    "clusters:\n"
    "  - {name: room, capacity_requests_per_s: 2, peak_to_mean: 4.1, usd_per_node: 30000, salvage_percent: 10, watts_idle: 150, watts_peak: 700, "
    "engineer: {share: {value: 0.25, low: 0.1, high: 0.5}},\n"
    "     usd_per_kwh: {value: 0.2, low: 0.15, high: 0.3}, outage: {percent_per_month: 5, hours: 8}}\n";

TEST(Program, GivesWhatTheExactModelGives) {
  const Model model = build_model(plan_of(kPlan));
  std::vector<std::uint32_t> all(model.sheet.cells().size()), drawn(model.sheet.inputs().size());
  std::iota(all.begin(), all.end(), 0), std::iota(drawn.begin(), drawn.end(), 0);
  const auto exact = evaluate(model.sheet);
  ASSERT_TRUE(exact.ok());
  for (const auto& inputs : {drawn, std::vector<std::uint32_t>{}}) {  // nothing known while compiling, and everything
    const Program program(model.sheet, inputs, all);
    Program::Scratch scratch(program);
    std::vector<Lanes> lanes(inputs.size());
    for (std::size_t i = 0; i < inputs.size(); ++i) lanes[i].fill(model.sheet.inputs()[i].quantity.value.to_double());
    program.run(scratch, lanes);
    for (std::size_t i = 0; i < all.size(); ++i)
      EXPECT_NEAR(scratch.result(i)[kLanes - 1], (*exact)[i].to_double(), 1e-9 * (1 + std::abs((*exact)[i].to_double())))
          << name_of(model.sheet.cells()[i]);
  }
}

TEST(Draws, HaveTheShapesTheyAreSaidToHave) {
  Sheet sheet;
  const auto add = [&](const char* name, Spread spread, const char* low, const char* value, const char* high) {
    sheet.input(
        {.name = name, .quantity = {.value = *Decimal::parse(value), .low = *Decimal::parse(low), .high = *Decimal::parse(high), .spread = spread}});
  };
  add("triangular", Spread::triangular, "1", "2", "6"), add("lognormal", Spread::lognormal, "50", "100", "200"),
      add("prices", Spread::log_triangular, "-50", "-20", "25");
  add("beta", Spread::beta, "10", "30", "80"), add("event", Spread::bernoulli, "0", "5", "100");
  const auto draws = Draws::of(sheet, {}, 42);
  ASSERT_TRUE(draws.ok());
  std::vector<std::vector<double>> values(5);
  std::vector<Lanes> lanes(5);
  for (std::uint64_t first = 0; first < 200'000; first += kLanes) {
    draws->fill(first, lanes);
    for (std::size_t i = 0; i < 5; ++i) values[i].insert(values[i].end(), lanes[i].begin(), lanes[i].end());
  }
  const auto mean = [](const std::vector<double>& v) { return std::accumulate(v.begin(), v.end(), 0.0) / static_cast<double>(v.size()); };
  for (auto& v : values) std::ranges::sort(v);
  EXPECT_NEAR(mean(values[0]), 3, 0.02);  // (1 + 2 + 6) / 3
  EXPECT_GE(values[0].front(), 1);
  EXPECT_LE(values[0].back(), 6);
  const auto at = [&](std::size_t which, double share) {
    return values[which][static_cast<std::size_t>(share * static_cast<double>(values[which].size()))];
  };
  EXPECT_NEAR(at(1, 0.05), 50, 1);
  EXPECT_NEAR(at(1, 0.5), 100, 1);
  EXPECT_NEAR(at(1, 0.95), 200, 3);
  EXPECT_GE(values[2].front(), -50);
  EXPECT_LE(values[2].back(), 25);
  EXPECT_NEAR(mean(values[3]), (10 + 4 * 30 + 80) / 6.0, 0.2);  // PERT
  EXPECT_NEAR(mean(values[4]), 5, 0.3);
}

TEST(Draws, FollowEachOtherAsFarAsTheyAreCorrelated) {
  Sheet sheet;
  for (const char* name : {"a", "b"}) sheet.input({.name = name, .quantity = {.value = Decimal::of(5), .low = Decimal(), .high = Decimal::of(10)}});
  const auto draws = Draws::of(sheet, {{"a", "b", *Decimal::parse("0.8")}}, 3);
  ASSERT_TRUE(draws.ok());
  std::vector<Lanes> lanes(2);
  double ab = 0, aa = 0, bb = 0;
  for (std::uint64_t first = 0; first < 100'000; first += kLanes) {
    draws->fill(first, lanes);
    for (std::size_t i = 0; i < kLanes; ++i)
      ab += (lanes[0][i] - 5) * (lanes[1][i] - 5), aa += std::pow(lanes[0][i] - 5, 2), bb += std::pow(lanes[1][i] - 5, 2);
  }
  EXPECT_NEAR(ab / std::sqrt(aa * bb), 0.8, 0.02);
  EXPECT_FALSE(Draws::of(sheet, {{"a", "c", Decimal()}}, 3).ok());
}

TEST(NormalQuantile, IsTheInverseOfTheDistribution) {
  for (double u = 0.0005; u < 1; u += 0.0005) EXPECT_NEAR(normal_distribution(normal_quantile(u)), u, 1e-9);
}

TEST(Simulate, GivesTheSameFiguresWithAnyNumberOfThreads) {
  const Plan plan = plan_of(kPlan);
  const Model model = build_model(plan);
  const auto one = simulate(model, {}, {.draws = 20'000, .seed = 7, .threads = 1}),
             four = simulate(model, {}, {.draws = 20'000, .seed = 7, .threads = 4});
  const auto other = simulate(model, {}, {.draws = 20'000, .seed = 8, .threads = 1});
  EXPECT_EQ(one->npv.p50, four->npv.p50);
  EXPECT_EQ(one->cumulative[36].p90, four->cumulative[36].p90);
  EXPECT_NE(one->npv.p50, other->npv.p50);
}

TEST(Simulate, WithNothingUncertainIsThePlanItself) {
  const Model model =
      build_model(plan_of("workloads: [{name: all, cloud: {usd_per_month: 9000}, local: {cluster: room}}]\nclusters: [{name: room, usd_per_node: "
                          "30000, engineer: {share: 0.25}}]\n"));
  const auto outcome = simulate(model, {}, {.draws = 1000});
  const auto exact = evaluate(model.sheet);
  EXPECT_NEAR(outcome->npv.p5, (*exact)[model.out.npv].to_double(), 1e-6);
  EXPECT_EQ(outcome->npv.p5, outcome->npv.p95);
  EXPECT_EQ(outcome->payback_within_12, 1);
}

TEST(Tornado, PutsTheWidestFirstAndLeavesOutWhatMovesNothing) {
  const Model model = build_model(plan_of(kPlan));
  const auto bars = tornado(model);
  ASSERT_GT(bars.size(), 5U);
  for (std::size_t i = 1; i < bars.size(); ++i) EXPECT_GE(bars[i - 1].width(), bars[i].width());
  for (const Bar& bar : bars) EXPECT_NE(model.sheet.inputs()[bar.input].name, "workload.copilot.tokens.input");  // stays in the cloud either way
}

TEST(BreakEven, IsWhereTheNetPresentValueIsZero) {
  const Model model =
      build_model(plan_of("workloads: [{name: all, cloud: {usd_per_month: 9000}, local: {cluster: room}}]\nclusters: [{name: room, usd_per_node: "
                          "30000, engineer: {share: 0.25}}]\n"));
  const auto found = break_even(model);
  ASSERT_TRUE(found);
  auto inputs = input_values(model.sheet);
  inputs[*model.sheet.find_input("volume_percent")] = found->volume_percent;
  EXPECT_LT(std::abs((*evaluate(model.sheet, &inputs))[model.out.npv].to_double()), 0.01);
  EXPECT_TRUE(found->above);
}

TEST(BreakEven, IsNeverWhereNoVolumePays) {
  EXPECT_FALSE(break_even(build_model(
      plan_of("workloads: [{name: all, cloud: {usd_per_month: 0.01}, local: {cluster: room}}]\nclusters: [{name: room, usd_per_node: 30000}]\n"))));
}

TEST(Surface, RisesWithPriceAndHoldsThePlanWhereBothAreToday) {
  const Model model =
      build_model(plan_of("workloads: [{name: all, cloud: {usd_per_month: 9000}, local: {cluster: room}}]\nclusters: [{name: room, usd_per_node: "
                          "30000, engineer: {share: 0.25}}]\n"));
  const Surface surface = npv_surface(model, 9);
  for (std::size_t v = 0; v < 9; ++v)
    for (std::size_t p = 1; p < 9; ++p) EXPECT_GE(surface.npv[v * 9 + p], surface.npv[v * 9 + p - 1]);
  EXPECT_EQ(surface.volume_percent[4], Decimal::of(100));
}

}  // namespace
}  // namespace demarc::planning
