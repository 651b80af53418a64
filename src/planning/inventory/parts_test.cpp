#include "planning/inventory/parts.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>

#include "planning/inventory/judgements.hpp"

namespace demarc::planning {
namespace {

struct Use {  // one use of models, as its requests look
  std::string operation;
  double input_median = 0, output_median = 0, spread = 0.35;  // lognormal
  int from = 0, hours = 24;
  int requests = 0;
};
struct Request {
  std::int64_t input = 0, output = 0;
  int hour = 0, use = 0;
  std::string operation;
};

std::vector<Request> log_of(const std::vector<Use>& uses, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::normal_distribution<double> normal;
  std::vector<Request> out;
  for (std::size_t u = 0; u < uses.size(); ++u)
    for (int i = 0; i < uses[u].requests; ++i)
      out.push_back({static_cast<std::int64_t>(uses[u].input_median * std::exp(uses[u].spread * normal(random))),
                     static_cast<std::int64_t>(uses[u].output_median * std::exp(uses[u].spread * normal(random))),
                     (uses[u].from + static_cast<int>(random() % static_cast<std::uint64_t>(uses[u].hours))) % 24, static_cast<int>(u),
                     uses[u].operation});
  return out;
}

std::vector<Shape> cells_of(const std::vector<Request>& log) {
  std::map<std::tuple<std::string, int, int, int>, std::int64_t> counts;
  for (const Request& r : log) ++counts[{r.operation, quarter_octave(r.input), quarter_octave(r.output), r.hour}];
  std::vector<Shape> out;
  for (const auto& [key, count] : counts) out.push_back({std::get<0>(key), std::get<1>(key), std::get<2>(key), std::get<3>(key), count});
  return out;
}

bool within(const Part& part, const Request& r) {
  for (const Condition& c : part.conditions) {
    if (c.measure == Measure::operation) {
      if ((r.operation == c.word) != c.equal) return false;
      continue;
    }
    const int value = c.measure == Measure::input ? quarter_octave(r.input) : c.measure == Measure::output ? quarter_octave(r.output) : r.hour;
    if (c.from <= c.to ? value < c.from || value > c.to : value < c.from && value > c.to) return false;
  }
  return true;
}

// The share of requests that are in the part in which most of their use are, each part taken by one use.
double rightly_parted(const std::vector<Part>& parts, const std::vector<Request>& log) {
  std::map<int, std::map<std::size_t, int>> counts;
  for (const Request& r : log)
    for (std::size_t p = 0; p < parts.size(); ++p)
      if (within(parts[p], r)) ++counts[r.use][p];
  int right = 0;
  std::map<std::size_t, int> taken;
  for (const auto& [use, by_part] : counts) {
    const auto most = std::ranges::max_element(by_part, {}, [](const auto& entry) { return entry.second; });
    if (taken[most->first]++ == 0) right += most->second;
  }
  return static_cast<double>(right) / static_cast<double>(log.size());
}

const std::vector<Use> kTriageAndSummaries = {{"", 600, 20, 0.35, 8, 10, 3000}, {"", 9000, 400, 0.35, 8, 10, 1200}};

TEST(Cut, FindsTheUsesThatAGeneratedLogIsMadeOf) {
  const std::vector<std::vector<Use>> truths = {
      kTriageAndSummaries,
      {{"", 700, 30, 0.3, 9, 9, 4000}, {"", 700, 1200, 0.3, 9, 9, 900}},                                          // told apart by the answers alone
      {{"", 1500, 90, 0.4, 8, 9, 3000}, {"", 1500, 90, 0.4, 1, 3, 2000}},                                         // by the hour alone
      {{"chat", 800, 200, 0.5, 0, 24, 900}, {"embedding", 800, 0, 0.5, 0, 24, 5000}},                             // by what is done
      {{"", 300, 12, 0.3, 0, 24, 5000}, {"", 4000, 300, 0.3, 8, 10, 2000}, {"", 40'000, 2500, 0.3, 8, 10, 800}},  // three sizes
  };
  for (std::size_t t = 0; t < truths.size(); ++t)
    for (std::uint64_t seed = 1; seed <= 10; ++seed) {
      const auto log = log_of(truths[t], seed);
      const auto parts = cut(cells_of(log));
      EXPECT_EQ(parts.size(), truths[t].size()) << "truth " << t << ", seed " << seed;
      EXPECT_GE(rightly_parted(parts, log), 0.97) << "truth " << t << ", seed " << seed;
    }
}

TEST(Cut, LeavesOneUseWhole) {
  const std::vector<Use> uses = {{"chat", 900, 60, 0.35, 8, 10, 2000}, {"", 2000, 300, 1.2, 0, 24, 5000}, {"", 60'000, 2000, 0.8, 22, 6, 400}};
  for (const Use& use : uses)
    for (std::uint64_t seed = 1; seed <= 50; ++seed) EXPECT_TRUE(cut(cells_of(log_of({use}, seed))).empty()) << use.input_median << ", seed " << seed;
}

TEST(Cut, LeavesWhatIsTooFewToSay) {
  std::vector<Use> few = kTriageAndSummaries;
  few[0].requests = 100, few[1].requests = 60;
  EXPECT_TRUE(cut(cells_of(log_of(few, 1))).empty());
  few[0].requests = 5000, few[1].requests = 40;  // less than a twentieth
  EXPECT_TRUE(cut(cells_of(log_of(few, 1))).empty());
}

TEST(Cut, SaysWhatAPartIsInWordsAndPartsCoverEveryRequestOnce) {
  const auto log = log_of({{"chat", 600, 20, 0.3, 8, 10, 3000}, {"chat", 9000, 400, 0.3, 8, 10, 1200}, {"ocr", 0, 900, 0.3, 2, 2, 800}}, 3);
  const auto parts = cut(cells_of(log));
  ASSERT_EQ(parts.size(), 3U);
  std::string said;
  for (const Part& part : parts) said += part.name + ": " + part.says + "\n";
  EXPECT_NE(said.find("prompts of up to "), std::string::npos) << said;
  EXPECT_NE(said.find("ocr"), std::string::npos) << said;
  for (const Request& r : log) EXPECT_EQ(std::ranges::count_if(parts, [&](const Part& part) { return within(part, r); }), 1);
}

TEST(Cut, IsTheSameWhateverTheOrder) {
  auto cells = cells_of(log_of(kTriageAndSummaries, 7));
  const auto one = cut(cells);
  std::ranges::reverse(cells);
  const auto other = cut(cells);
  ASSERT_EQ(one.size(), other.size());
  for (std::size_t i = 0; i < one.size(); ++i) EXPECT_EQ(one[i].says + one[i].name, other[i].says + other[i].name);
}

TEST(QuarterOctave, CountsFromTokensAndBack) {
  for (int quarter = 0; quarter < 80; ++quarter) {
    const std::int64_t most = tokens_of(quarter);
    if (most >= 1) EXPECT_LE(quarter_octave(most), quarter);
    EXPECT_GT(quarter_octave(most + 1), quarter);
  }
  EXPECT_EQ(quarter_octave(1024), 40);
  EXPECT_EQ(quarter_octave(0), 0);
  EXPECT_EQ(quarter_octave(INT64_MAX), kMostOctaves);
}

class Parted : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() / ("demarc-parts-" + std::to_string(::getpid()));
    std::filesystem::create_directories(folder_);
    book_ = std::make_unique<UsageBook>(*UsageBook::open(folder_ / "plan.sqlite"));
    prices_ = std::make_unique<ledger::PriceBook>(*ledger::PriceBook::load({ledger::builtin_prices()}));
    add("march", kTriageAndSummaries, 1);
  }
  void TearDown() override { book_.reset(), std::filesystem::remove_all(folder_); }
  // A month of one key's requests.
  void add(const std::string& name, const std::vector<Use>& uses, std::uint64_t seed) {
    std::ofstream out(folder_ / (name + ".csv"));
    out << "request_id,request_created_at,request_model,provider,prompt_tokens,completion_tokens,cost,helicone_user_id\n";
    int id = 0;
    for (const Request& r : log_of(uses, seed)) {
      const auto two = [](int n) { return std::string(n < 10 ? "0" : "") + std::to_string(n); };
      out << name << ++id << ",2026-03-" << two(1 + id % 28) << 'T' << two(r.hour) << ":00:00Z,gpt-4.1-mini,openai," << r.input << ',' << r.output
          << ",0.001,app\n";
    }
    out.close();
    const auto imported = book_->import(folder_ / (name + ".csv"), *read_formats(builtin_formats(), "built in"), [](std::uint64_t) {});
    ASSERT_TRUE(imported.ok()) << imported.error().message;
  }
  std::vector<Workload> inventory() {
    auto taken = take_inventory(*book_, *prices_);
    EXPECT_TRUE(taken.ok());
    std::ranges::sort(*taken, {}, &Workload::name);
    return *taken;
  }
  std::filesystem::path folder_;
  std::unique_ptr<UsageBook> book_;
  std::unique_ptr<ledger::PriceBook> prices_;
};

TEST_F(Parted, OneKeysUsesAreWorkloadsOfTheirOwnWithTheReason) {
  const auto found = inventory();
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].name, "app-long");
  EXPECT_EQ(found[1].name, "app-short");
  EXPECT_EQ(found[1].part_of, "app");
  EXPECT_TRUE(found[1].because.starts_with("prompts of up to ")) << found[1].because;
  EXPECT_NEAR(static_cast<double>(found[1].requests), 3000, 60);
  EXPECT_EQ(found[0].requests + found[1].requests, 4200);
}

TEST_F(Parted, WhatComesLaterJoinsTheSamePartsAndCorrectionsStay) {
  inventory();
  {
    auto judgements = Judgements::open(*book_);
    ASSERT_TRUE(judgements->correct({.workload = "app-long", .side = Side::boring, .who = "Ada", .date = "2026-04-01"}).ok());
  }
  add("april", {{"", 600, 20, 0.35, 8, 10, 500}, {"", 9000, 400, 0.35, 8, 10, 500}, {"", 200'000, 4000, 0.2, 8, 10, 3000}}, 2);
  const auto found = inventory();
  ASSERT_EQ(found.size(), 2U) << "a part that was found is not cut anew under people's hands";
  EXPECT_EQ(found[0].requests + found[1].requests, 8200);
  const auto classes = classify_all(found, *Judgements::open(*book_));
  EXPECT_TRUE(classes[0].corrected && classes[0].side == Side::boring);
}

TEST_F(Parted, WhatWasSaidOfTheWholeHoldsForItsPartsUntilSomethingIsSaidOfThem) {
  auto judgements = Judgements::open(*book_);
  ASSERT_TRUE(judgements->correct({.workload = "app", .side = Side::strategic, .who = "Ada", .date = "2026-04-01"}).ok());
  ASSERT_TRUE(judgements->correct({.workload = "app-short", .side = Side::boring, .who = "Bob", .date = "2026-04-02"}).ok());
  const auto classes = classify_all(inventory(), *judgements);
  EXPECT_EQ(classes[0].side, Side::strategic);
  EXPECT_EQ(classes[1].side, Side::boring);
}

TEST_F(Parted, AGroupThatAPersonKeepsTogetherStaysOne) {
  inventory();
  ASSERT_TRUE(keep_together(*book_, "app", "Ada", "2026-04-01").ok());
  add("april", kTriageAndSummaries, 2);
  const auto found = inventory();
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].name, "app");
  EXPECT_EQ(found[0].requests, 8400);
  EXPECT_FALSE(keep_together(*book_, "nobody", "Ada", "2026-04-01").ok());
}

}  // namespace
}  // namespace demarc::planning
