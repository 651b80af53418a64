#include <gtest/gtest.h>

#include <random>

#include "planning/pilot/evidence.hpp"

namespace demarc::planning {
namespace {

TEST(PairsNeeded, IsTheBooksFormula) {
  EXPECT_EQ(pairs_needed({.margin = 0.05, .discordant = 0.10, .power = 0.8}), 314);  // (1.95996 + 0.84162)² × 0.1 ÷ 0.05²
  EXPECT_GT(pairs_needed({.margin = 0.03}), pairs_needed({.margin = 0.05}));
}

TEST(Wilson, IsThePublishedInterval) {  // 81 of 263: Newcombe 1998, table I
  EXPECT_NEAR(wilson(81, 263).low, 0.2553, 5e-5);
  EXPECT_NEAR(wilson(81, 263).high, 0.3662, 5e-5);
  EXPECT_NEAR(wilson(0, 20).high, 0.1611, 5e-5);
}

TEST(ComparePairs, ShowsAsGoodWorseOrNeither) {
  EXPECT_EQ(compare_pairs({.both = 900, .only_present = 20, .only_candidate = 20, .neither = 60}, 0.03).verdict, TrialVerdict::as_good);
  EXPECT_EQ(compare_pairs({.both = 700, .only_present = 200, .only_candidate = 10, .neither = 90}, 0.03).verdict, TrialVerdict::worse);
  EXPECT_EQ(compare_pairs({.both = 18, .only_present = 1, .only_candidate = 1, .neither = 0}, 0.03).verdict, TrialVerdict::not_shown);
  EXPECT_EQ(compare_pairs({}, 0.03).verdict, TrialVerdict::not_shown);
}

TEST(ComparePairs, HoldsTheTruthInItsIntervalNineteenTimesOfTwenty) {
  std::mt19937_64 random(5);
  std::discrete_distribution<int> outcome({0.80, 0.07, 0.05, 0.08});
  int held = 0;
  for (int trial = 0; trial < 2000; ++trial) {
    PairCounts c;
    for (int i = 0; i < 300; ++i) switch (outcome(random)) {
        case 0: ++c.both; break;
        case 1: ++c.only_present; break;
        case 2: ++c.only_candidate; break;
        default: ++c.neither;
      }
    const Comparison found = compare_pairs(c, 0.03);
    held += found.low <= -0.02 && -0.02 <= found.high ? 1 : 0;
  }
  EXPECT_NEAR(held / 2000.0, 0.95, 0.015);
}

TEST(Stratified, TakesFromEveryQuarterAndTheSameForTheSameSeed) {
  std::vector<std::size_t> sizes;
  for (std::size_t i = 0; i < 1000; ++i) sizes.push_back(i * 7919 % 5003);
  const Sample one = stratified(sizes, 100, 4), again = stratified(sizes, 100, 4), other = stratified(sizes, 100, 5);
  EXPECT_EQ(one.taken, again.taken);
  EXPECT_NE(one.taken, other.taken);
  for (const Stratum& s : one.strata) EXPECT_EQ(s.taken, 25);
  EXPECT_EQ(stratified(sizes, 5000, 4).taken.size(), 1000U);
  EXPECT_EQ(stratified({5, 1, 4, 2, 3, 9}, 6, 1).taken.size(), 6U);
  EXPECT_TRUE(stratified({}, 10, 1).taken.empty());
}

TEST(Checks, PassWhatIsTheSameInItsKind) {
  EXPECT_TRUE(passes(CheckKind::exact, "Claims  Department", " claims department\n"));
  EXPECT_FALSE(passes(CheckKind::exact, "claims", "claims department"));
  EXPECT_TRUE(passes(CheckKind::contains, "claims", "It is for CLAIMS."));
  EXPECT_TRUE(passes(CheckKind::json, R"({"a": 1, "b": [true, "x"]})", "```json\n{\"b\": [true, \"x\"], \"a\": 1.0}\n```"));
  EXPECT_FALSE(passes(CheckKind::json, R"({"a": 1})", R"({"a": 2})"));
  EXPECT_FALSE(passes(CheckKind::json, R"({"a": 1})", "no json"));
}

TEST(PilotRequests, AreReadWithTheirChecks) {
  const auto read = read_pilot_requests(
      "{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}],\"reference\":\"hi\"}\n\n{\"id\":\"x\",\"request\":{\"messages\":[{\"role\":\"user\","
      "\"content\":\"yo\"}]},\"at_s\":3}\n",
      "r.jsonl");
  ASSERT_TRUE(read.ok()) << read.error();
  EXPECT_EQ((*read)[0].check, CheckKind::exact);
  EXPECT_EQ((*read)[1].id, "x");
  EXPECT_EQ((*read)[1].prompt, "yo");
  for (const char* wrong : {"", "{}", "no", R"({"messages":[]})", R"({"messages":[{"role":"user","content":"x"}],"check":"exact"})"})
    EXPECT_FALSE(read_pilot_requests(wrong, "r.jsonl").ok()) << wrong;
}

TEST(PilotRow, IsReadAsItWasWritten) {
  const PilotRow row{.id = "a",
                     .model = "m",
                     .answer = "line\n\"two\"",
                     .side = Side::candidate,
                     .stratum = 2,
                     .status = 200,
                     .ms = 12.5,
                     .input_tokens = 3,
                     .output_tokens = 4,
                     .usd = Money::parse("0.001"),
                     .local = true};
  const auto again = read_pilot_row(to_json(row));
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(to_json(*again), to_json(row));
}

PilotReport report_with(std::int64_t people_judged) {
  std::vector<PilotRequest> requests;
  std::vector<PilotRow> rows;
  std::map<std::string, Judgement> people, model;
  for (int i = 0; i < 400; ++i) {
    const std::string id = std::to_string(i);
    requests.push_back({.id = id});
    for (const Side side : {Side::present, Side::candidate})
      rows.push_back({.id = id, .answer = "x", .side = side, .status = 200, .ms = 10, .usd = Money::from_usd(1)});
    model[id] = {id, true, true, false};
    if (i < people_judged) people[id] = {id, true, true, false};
  }
  return report_of(requests, rows, people, model, bias_of("judge", model, people), {.name = "p", .present = "a", .candidate = "b", .margin = 0.03});
}

TEST(Report, AModelAsJudgeDecidesNothingUntilPeopleMeasuredIt) {
  EXPECT_EQ(report_with(0).comparison.verdict, TrialVerdict::not_shown);
  EXPECT_EQ(report_with(25).comparison.verdict, TrialVerdict::as_good);
}

TEST(Report, CostIsThatOfAcceptedAnswers) {
  std::vector<PilotRequest> requests;
  std::vector<PilotRow> rows;
  for (int i = 0; i < 10; ++i) {
    const std::string id = std::to_string(i);
    requests.push_back({.id = id, .check = CheckKind::exact, .reference = "yes"});
    rows.push_back({.id = id, .answer = "yes", .side = Side::present, .status = 200, .usd = Money::from_usd(2)});
    rows.push_back({.id = id, .answer = i < 5 ? "yes" : "no", .side = Side::candidate, .status = 200, .usd = Money::from_usd(1)});
  }
  const PilotReport report = report_of(
      requests, rows, {}, {}, {}, {.name = "p", .present = "a", .candidate = "b", .margin = 0.03, .candidate_watts = 360, .candidate_seconds = 100});
  EXPECT_EQ(report.present.usd_per_accepted, Money::from_usd(2));
  EXPECT_EQ(report.candidate.usd_per_accepted, Money::from_usd(2));  // half the answers at half the price
  EXPECT_NEAR(*report.kwh, 0.01, 1e-12);
  EXPECT_NEAR(*report.wh_per_accepted, 2, 1e-9);
}

}  // namespace
}  // namespace demarc::planning
