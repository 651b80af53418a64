#include <gtest/gtest.h>

#include <random>

#include "core/io/disk_memory.hpp"
#include "planning/pilot/evidence.hpp"
#include "planning/pilot/review.hpp"

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

TEST(PilotRequests, ANumberThatNoCountCanBeIsNone) {
  const auto read = read_pilot_requests(R"({"messages":[{"role":"user","content":"hi"}],"max_tokens":1e300})", "r.jsonl");
  ASSERT_TRUE(read.ok());
  EXPECT_FALSE((*read)[0].max_tokens.has_value());
  EXPECT_EQ(read_pilot_row(R"({"id":"a","status":-1e19,"stratum":1e99})")->status, 0);
}

TEST(PilotRow, IsReadAsItWasWritten) {
  const PilotRow row{.id = "a",
                     .model = "m",
                     .answer = "line\n\"two\"",
                     .side = PilotSide::candidate,
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
    for (const PilotSide side : {PilotSide::present, PilotSide::candidate})
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
    rows.push_back({.id = id, .answer = "yes", .side = PilotSide::present, .status = 200, .usd = Money::from_usd(2)});
    rows.push_back({.id = id, .answer = i < 5 ? "yes" : "no", .side = PilotSide::candidate, .status = 200, .usd = Money::from_usd(1)});
  }
  const PilotReport report = report_of(
      requests, rows, {}, {}, {}, {.name = "p", .present = "a", .candidate = "b", .margin = 0.03, .drawn = {{360, 60, "meter"}, {360, 40, "meter"}}});
  EXPECT_EQ(report.present.usd_per_accepted, Money::from_usd(2));
  EXPECT_EQ(report.candidate.usd_per_accepted, Money::from_usd(2));  // half the answers at half the price
  EXPECT_NEAR(*report.kwh, 0.01, 1e-12);
  EXPECT_NEAR(*report.wh_per_accepted, 2, 1e-9);
}

TEST(Report, CostIsThatOfJudgedAnswersAlone) {
  std::vector<PilotRequest> requests;
  std::vector<PilotRow> rows;
  std::map<std::string, Judgement> people;
  for (int i = 0; i < 10; ++i) {
    const std::string id = std::to_string(i);
    requests.push_back({.id = id});
    for (const PilotSide side : {PilotSide::present, PilotSide::candidate})
      rows.push_back({.id = id, .side = side, .status = 200, .usd = Money::from_usd(2)});
    if (i < 4) people[id] = {.id = id, .present = true, .candidate = i < 2};
  }
  const PilotReport report = report_of(requests, rows, people, {}, {}, {.name = "p", .margin = 0.03, .drawn = {{3600, 10, "meter"}}});
  EXPECT_EQ(report.present.usd, Money::from_usd(20));
  EXPECT_EQ(report.present.usd_per_accepted, Money::from_usd(2));
  EXPECT_EQ(report.candidate.usd_per_accepted, Money::from_usd(4));
  EXPECT_NEAR(*report.wh_per_accepted, 2, 1e-9);  // 10 Wh for ten answers, four of them judged, two accepted
}

TEST(Report, TellsWhetherWhatStandsFirstIsFavoured) {
  std::vector<PilotRequest> requests;
  std::vector<PilotRow> rows;
  std::map<std::string, Judgement> people;
  for (int i = 0; i < 6; ++i) {
    const std::string id = std::to_string(i);
    requests.push_back({.id = id});
    for (const PilotSide side : {PilotSide::present, PilotSide::candidate}) rows.push_back({.id = id, .side = side, .status = 200});
    people[id] = {.id = id, .present = i < 4, .candidate = i == 5, .shown_first = i < 3 ? PilotSide::present : PilotSide::candidate};
  }
  const PilotReport report = report_of(requests, rows, people, {}, {}, {.name = "p", .margin = 0.03});
  EXPECT_EQ(report.one_accepted, 5);  // the fifth accepted neither
  EXPECT_EQ(report.first_shown_of_these, 4);
}

TEST(EnergyUse, AddsUpOverRuns) {
  const EnergyUse one{.watts = 100, .seconds = 36, .of = "meter"};
  const auto read = read_drawn({to_json(one), "{\"watts\": 1", to_json(one)});
  ASSERT_EQ(read.size(), 2U);
  EXPECT_NEAR(*report_of({}, {}, {}, {}, {}, {.name = "p", .margin = 0.03, .drawn = read}).kwh, 0.002, 1e-12);
}

// Draws bytes one up: 0 hides which side stands first as well as chance does, and a test can know it.
class Counted final : public Random {
 public:
  void fill(void* into, std::size_t size_bytes) override {
    for (std::size_t i = 0; i < size_bytes; ++i) static_cast<std::uint8_t*>(into)[i] = next_++;
  }

 private:
  std::uint8_t next_ = 0;
};

struct Room {  // three pairs that people judge
  std::vector<PilotRequest> requests;
  std::vector<PilotRow> rows;
  MemoryDisk disk;
  Room() {
    disk.put("p/people.jsonl", "");
    for (const char* id : {"a", "b", "c"}) {
      requests.push_back({.id = id, .messages = R"([{"role":"user","content":"say"}])"});
      rows.push_back({.id = id, .answer = "from the present", .side = PilotSide::present, .status = 200});
      rows.push_back({.id = id, .answer = "from the candidate", .side = PilotSide::candidate, .status = 200});
    }
  }
  std::vector<std::string> lines() { return LineFile::open("p/people.jsonl", disk)->before(); }
  std::vector<Pair> open() { return open_pairs(requests, rows, read_judgements(lines())); }
};

TEST(Review, DoesNotSayWhoseAnswerIsWhose) {
  Room room;
  Counted random;
  Review review(room.open(), *LineFile::open("p/people.jsonl", room.disk), random);
  EXPECT_EQ(review.answer(0, true), "from the candidate");
  EXPECT_EQ(review.answer(1, true), "from the present");
  EXPECT_EQ(review.shown(0),
            R"({"of":3,"judged":0,"conversation":[{"role":"user","content":"say"}],"first":"from the candidate","second":"from the present",)"
            R"("verdict":null})");
}

TEST(Review, TheLastWordOnAPairCounts) {
  Room room;
  Counted random;
  Review review(room.open(), *LineFile::open("p/people.jsonl", room.disk), random);
  ASSERT_TRUE(review.judge(1, {.first = true, .second = false}, {1}).ok());
  ASSERT_TRUE(review.judge(1, {.first = false, .second = true}, {2}).ok());
  EXPECT_EQ(review.judged(), 1U);
  const auto kept = read_judgements(room.lines());
  EXPECT_TRUE(kept.at("b").candidate && !kept.at("b").present);
}

TEST(Review, AVerdictIsOnDiskBeforeItIsTaken) {
  Room room;
  Counted random;
  Review review(room.open(), *LineFile::open("p/people.jsonl", room.disk), random);
  ASSERT_TRUE(review.judge(0, {.first = true, .second = false}, {1}).ok());
  room.disk.crash(MemoryDisk::Survives::nothing);
  auto kept = read_judgements(room.lines());
  ASSERT_EQ(kept.size(), 1U);
  EXPECT_TRUE(kept.at("a").candidate && !kept.at("a").present && kept.at("a").shown_first == PilotSide::candidate);
  EXPECT_EQ(room.open().size(), 2U) << "what is judged is not asked again";
}

TEST(LineFile, BeginsANewLineAfterOneThatWasCut) {
  MemoryDisk disk;
  disk.put("p/x", "{\"a\":1}\n{\"b\"");
  auto file = LineFile::open("p/x", disk);
  ASSERT_TRUE(file.ok()) << file.error();
  ASSERT_TRUE(file->add("{\"c\":3}").ok());
  EXPECT_EQ(disk.files().at("p/x"), "{\"a\":1}\n{\"b\"\n{\"c\":3}\n");
}

}  // namespace
}  // namespace demarc::planning
