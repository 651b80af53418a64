#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "planning/inventory/judgements.hpp"
#include "planning/inventory/scan_code.hpp"
#include "planning/model/plan.hpp"

namespace demarc::planning {
namespace {

class Inventory : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() / ("demarc-inventory-" + std::to_string(::getpid()));
    std::filesystem::create_directories(folder_);
    auto opened = UsageBook::open(folder_ / "plan.sqlite");
    ASSERT_TRUE(opened.ok());
    book_ = std::make_unique<UsageBook>(std::move(*opened));
    // Two weeks: triage, short and steady, a thousand requests a day; a copilot, long and by fits and starts.
    std::string text = "request_id,request_created_at,request_model,provider,prompt_tokens,completion_tokens,cost,request_properties.workload\n";
    int id = 0;
    const auto two = [](int n) { return std::string(n < 10 ? "0" : "") + std::to_string(n); };
    for (int day = 1; day <= 14; ++day) {
      for (int i = 0; i < 100; ++i)
        text += "t" + std::to_string(++id) + ",2026-03-" + two(day) + "T" + two(8 + i % 10) + ":" + two(i % 60) +
                ":00Z,gpt-4.1-mini,openai,1500,80,0.0007,triage\n";
      for (int i = 0; i < (day % 3 == 0 ? 40 : 1); ++i)
        text += "c" + std::to_string(++id) + ",2026-03-" + two(day) + "T21:" + two(i) + ":00Z,gpt-4.1,openai,42000,2500,0.1,copilot\n";
    }
    std::ofstream(folder_ / "log.csv") << text;
    const auto formats = read_formats(builtin_formats(), "built in");
    ASSERT_TRUE(book_->import(folder_ / "log.csv", *formats, [](std::uint64_t) {}).ok());
    prices_ = std::make_unique<ledger::PriceBook>(*ledger::PriceBook::load({ledger::builtin_prices()}));
    inventory_ = *take_inventory(*book_, *prices_);
  }
  void TearDown() override { book_.reset(), std::filesystem::remove_all(folder_); }
  const Workload& named(const char* name) { return *std::ranges::find(inventory_, name, &Workload::name); }

  std::filesystem::path folder_;
  std::unique_ptr<UsageBook> book_;
  std::unique_ptr<ledger::PriceBook> prices_;
  std::vector<Workload> inventory_;
};

TEST_F(Inventory, FindsTheWorkloadsAndTheirShapes) {
  ASSERT_EQ(inventory_.size(), 2U);
  const Workload& triage = named("triage");
  EXPECT_EQ(triage.requests, 1400);
  EXPECT_EQ(triage.output_p95, 80);
  EXPECT_EQ(triage.model, "gpt-4.1-mini");
  EXPECT_NEAR(triage.usd_per_month, 0.07 * 30.42, 0.01);
  EXPECT_NEAR(triage.night_share, 0, 1e-9);
  EXPECT_NEAR(named("copilot").night_share, 1, 1e-9);
}

TEST_F(Inventory, TheDraftedPlanIsAPlan) {
  const std::string draft = draft_plan(inventory_, {{"triage", "boring"}}, "2026-04-01");
  const auto plan = read_plan(draft, "plan.yaml", *prices_, *parse_rfc3339("2026-04-01T00:00:00Z"));
  ASSERT_TRUE(plan.ok()) << plan.error().print() << "\n" << draft;
  EXPECT_EQ(plan->workloads.size(), 2U);
  const auto& triage = *std::ranges::find(plan->workloads, "triage", &WorkloadPlan::name);
  EXPECT_EQ(triage.bucket, Bucket::boring);
  EXPECT_EQ(triage.quantities.at("requests_per_month").confidence, Confidence::measured);
}

TEST_F(Inventory, CallsShortSteadyWorkBoringAndLongUnevenWorkStrategic) {
  auto judgements = Judgements::open(*book_);
  const auto classes = classify_all(inventory_, *judgements);
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(classes[i].side, inventory_[i].name == "triage" ? Side::boring : Side::strategic);
    EXPECT_FALSE(classes[i].reasons.empty());
  }
}

TEST_F(Inventory, ACorrectionWinsAndStays) {
  auto judgements = Judgements::open(*book_);
  ASSERT_TRUE(judgements
                  ->correct({.workload = "triage",
                             .side = Side::strategic,
                             .who = "Ada",
                             .why = "answers go to customers",
                             .date = "2026-04-02",
                             .features = {{Feature::bounded_output, 1}}})
                  .ok());
  const auto again = Judgements::open(*book_);
  const auto classes = classify_all(inventory_, *again);
  const std::size_t triage = inventory_[0].name == "triage" ? 0 : 1;
  EXPECT_EQ(classes[triage].side, Side::strategic);
  EXPECT_TRUE(classes[triage].corrected);
  EXPECT_NE(classes[triage].by.find("Ada"), std::string::npos);
}

TEST(Classify, SaysNothingWhereTooLittleIsKnown) {
  EXPECT_EQ(classify(Workload{.name = "x", .requests = 10, .days = 1, .requests_per_month = 300}, {}, kStartWeights).side, Side::unknown);
}

TEST(Classify, StatedFeaturesCount) {
  const Workload bare{.name = "x", .requests = 100'000, .days = 30, .requests_per_month = 100'000, .input_mean = 900, .output_mean = 100};
  const auto plain = classify(bare, {}, kStartWeights), stated = classify(bare, {{Feature::fixed_schema, 1}, {Feature::sensitive, 1}}, kStartWeights);
  EXPECT_GT(stated.score, plain.score);
  EXPECT_GT(stated.evidence, plain.evidence);
}

TEST(Learning, MovesTheWeightsTowardsWhatPeopleSayAndNoFurtherThanNeeded) {
  std::vector<Correction> corrections;
  for (int i = 0; i < 20; ++i) corrections.push_back({.side = Side::strategic, .features = {{Feature::high_volume, 1}, {Feature::short_context, 1}}});
  const Weights few = learned(kStartWeights, {corrections.begin(), corrections.begin() + 1}), many = learned(kStartWeights, corrections);
  const auto at = static_cast<std::size_t>(Feature::high_volume), untouched = static_cast<std::size_t>(Feature::fixed_schema);
  EXPECT_LT(many.of[at], few.of[at]);
  EXPECT_LT(few.of[at], kStartWeights.of[at]);
  EXPECT_EQ(many.of[untouched], kStartWeights.of[untouched]);
  for (const double weight : many.of) EXPECT_GE(weight, 0);
}

TEST(ScanCode, TellsWhereModelsAreSpokenToAndWithWhat) {
  const auto folder = std::filesystem::temp_directory_path() / ("demarc-scan-" + std::to_string(::getpid()));
  std::filesystem::create_directories(folder / "app" / "node_modules");
  std::ofstream(folder / "app" / "triage.py")
      << "import json\n\nfrom openai import OpenAI\nclient.chat.completions.create(response_format={\"type\": \"json_schema\"})\n";
  std::ofstream(folder / "app" / "plain.py") << "print('hello')\n";
  std::ofstream(folder / "app" / "node_modules" / "x.js") << "require('openai')\n";
  const auto found = scan_code(folder, *read_sdks(builtin_sdks()));
  std::filesystem::remove_all(folder);
  ASSERT_TRUE(found.ok());
  ASSERT_EQ(found->uses.size(), 1U);
  EXPECT_EQ(found->uses[0].file, "app/triage.py");
  EXPECT_EQ(found->uses[0].line, 3);
  EXPECT_TRUE(found->uses[0].features.contains("fixed-schema"));
}

}  // namespace
}  // namespace demarc::planning
