#include "engine/ledger.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <deque>

namespace demarc::engine {
namespace {

using std::chrono::seconds;
using What = Verdict::What;

constexpr std::uint64_t kGiB = std::uint64_t{1} << 30;

Monotonic at_s(std::int64_t s) { return {s * 1'000'000'000}; }

Need need_of(std::uint64_t gib, std::uint32_t layers = 0) { return {.weights_bytes = gib * kGiB, .layers = layers, .load = seconds(5)}; }

// Loads it at once, and says who used it last.
void load(Ledger& ledger, const std::string& key, const Need& need, Monotonic now, WorkClass work_class = WorkClass::normal) {
  const Verdict verdict = ledger.ask({.key = key, .need = need}, now);
  ASSERT_EQ(verdict.what, What::fits) << key;
  ledger.begin(key, verdict.placement, need);
  ledger.ready(key, now);
  ledger.use(key, false, work_class, now);
}

TEST(Ledger, LetsInWhatFits) {
  Ledger ledger({{"ram", 8 * kGiB}});
  load(ledger, "a", need_of(5), at_s(0));
  EXPECT_EQ(ledger.held_bytes(0), 5 * kGiB);
  EXPECT_EQ(ledger.ask({.key = "b", .need = need_of(3)}, at_s(0)).what, What::fits);
  EXPECT_NE(ledger.ask({.key = "b", .need = need_of(4)}, at_s(0)).what, What::fits);
}

TEST(Ledger, SaysWhatCanNeverFit) {
  const Ledger ledger({{"ram", 8 * kGiB}});
  EXPECT_EQ(ledger.ask({.key = "b", .need = need_of(9)}, at_s(0)).what, What::never);
}

TEST(Ledger, NeverEvictsWhatIsInUseAndSaysWhatMustRunDry) {
  Ledger ledger({{"ram", 8 * kGiB}});
  load(ledger, "a", need_of(6), at_s(0));
  ledger.use("a", true, WorkClass::normal, at_s(0));
  const Verdict verdict = ledger.ask({.key = "b", .need = need_of(6)}, at_s(1'000));
  EXPECT_EQ(verdict.what, What::wait);
  EXPECT_THAT(verdict.drained, testing::ElementsAre("a"));
  ledger.use("a", false, WorkClass::normal, at_s(1'001));
  EXPECT_EQ(ledger.ask({.key = "b", .need = need_of(6)}, at_s(1'002)).what, What::evict);
}

TEST(Ledger, CountsWhatLoadsAndWhatEndsUntilItHasEnded) {
  Ledger ledger({{"ram", 8 * kGiB}});
  const Need need = need_of(6);
  ledger.begin("a", ledger.ask({.key = "a", .need = need}, at_s(0)).placement, need);
  EXPECT_EQ(ledger.ask({.key = "b", .need = need}, at_s(500)).what, What::wait) << "it is loading";
  ledger.ready("a", at_s(501));
  ledger.ending("a");
  EXPECT_EQ(ledger.ask({.key = "b", .need = need}, at_s(1'000)).what, What::wait) << "its memory is not free yet";
  ledger.end("a");
  EXPECT_EQ(ledger.ask({.key = "b", .need = need}, at_s(1'000)).what, What::fits);
}

TEST(Ledger, EvictsTheLongestUnusedOfEquals) {
  Ledger ledger({{"ram", 8 * kGiB}});
  for (const char* key : {"a", "b", "c"}) load(ledger, key, need_of(2), at_s(0));
  ledger.use("a", false, WorkClass::normal, at_s(300));
  ledger.use("b", false, WorkClass::normal, at_s(100));
  ledger.use("c", false, WorkClass::normal, at_s(200));
  EXPECT_THAT(ledger.ask({.key = "d", .need = need_of(4)}, at_s(400)).victims, testing::ElementsAre("b"));
}

TEST(Ledger, KeepsWhatTakesLongToReloadAndWhatPeopleWaitFor) {
  Ledger ledger({{"ram", 8 * kGiB}});
  Need slow = need_of(4);
  slow.load = seconds(60);
  load(ledger, "slow", slow, at_s(0));
  load(ledger, "quick", need_of(4), at_s(0));
  EXPECT_THAT(ledger.ask({.key = "d", .need = need_of(4)}, at_s(1'000)).victims, testing::ElementsAre("quick"));
  Ledger classes({{"ram", 8 * kGiB}});
  load(classes, "chat", need_of(4), at_s(0), WorkClass::interactive);
  load(classes, "nightly", need_of(4), at_s(0), WorkClass::batch);
  EXPECT_THAT(classes.ask({.key = "d", .need = need_of(4)}, at_s(1'000)).victims, testing::ElementsAre("nightly"));
}

TEST(Ledger, EvictsNoMoreThanIsNeeded) {
  Ledger ledger({{"ram", 8 * kGiB}});
  load(ledger, "small", need_of(1), at_s(0));
  load(ledger, "large", need_of(6), at_s(0));
  ledger.use("large", false, WorkClass::normal, at_s(100));  // the small one is worth less, but its end alone makes no room
  EXPECT_THAT(ledger.ask({.key = "d", .need = need_of(6)}, at_s(400)).victims, testing::ElementsAre("large"));
}

TEST(Ledger, TakesTheMeasuredSizeOverTheEstimate) {
  Ledger ledger({{"ram", 8 * kGiB}});
  load(ledger, "a", need_of(3), at_s(0));
  ledger.measured("a", 0, 5 * kGiB);
  EXPECT_NE(ledger.ask({.key = "b", .need = need_of(4)}, at_s(0)).what, What::fits);
}

// Two models of which only one fits, and a request for each in turn every second; each takes five seconds to load.
struct Alternating {
  std::int64_t loads = 0, served = 0, longest_wait_s = 0;
};
Alternating alternate(const LedgerRules& rules, std::int64_t for_s) {
  Ledger ledger({{"ram", 8 * kGiB}}, rules);
  const Need need = need_of(6);
  const std::array<std::string, 2> keys = {"a", "b"};
  std::array<std::deque<std::int64_t>, 2> waiting;
  std::optional<std::size_t> loading, loaded;
  std::int64_t ready_at = 0;
  Alternating out;
  for (std::int64_t s = 0; s < for_s; ++s) {
    waiting[static_cast<std::size_t>(s % 2)].push_back(s);
    if (loading && s >= ready_at) ledger.ready(keys[*loading], at_s(s)), loaded = std::exchange(loading, {});
    if (loaded) {
      for (; !waiting[*loaded].empty(); waiting[*loaded].pop_front()) {
        out.longest_wait_s = std::max(out.longest_wait_s, s - waiting[*loaded].front());
        ++out.served;
        ledger.use(keys[*loaded], false, WorkClass::normal, at_s(s));
      }
    }
    for (std::size_t i = 0; i < 2 && !loading; ++i) {
      if (waiting[i].empty() || loaded == i) continue;
      Verdict verdict = ledger.ask({.key = keys[i], .need = need}, at_s(s));
      for (const std::string& victim : verdict.victims) ledger.end(victim), loaded.reset();
      if (verdict.what == What::evict) verdict = ledger.ask({.key = keys[i], .need = need}, at_s(s));
      if (verdict.what != What::fits) continue;
      ledger.begin(keys[i], verdict.placement, need);
      loading = i, ready_at = s + 5, ++out.loads;
    }
  }
  return out;
}

TEST(Ledger, DoesNotThrashUnderAlternatingDemand) {
  const Alternating with = alternate({}, 1'000);
  EXPECT_LE(with.loads, 1'000 / (5 + 20) + 1) << "a fifth of the time at most goes into loading";
  EXPECT_GE(with.served, 950);
  EXPECT_LE(with.longest_wait_s, 30);
  const Alternating without = alternate({.stay_loads = 0, .least_stay = seconds(0)}, 1'000);
  EXPECT_GT(without.loads, 3 * with.loads) << "or this test shows nothing";
}

TEST(Ledger, LetsBatchWorkWaitLongerForAModelThatPeopleUse) {
  Ledger ledger({{"ram", 8 * kGiB}});
  load(ledger, "chat", need_of(6), at_s(0), WorkClass::interactive);
  EXPECT_EQ(ledger.ask({.key = "b", .need = need_of(6), .work_class = WorkClass::interactive}, at_s(25)).what, What::evict);
  const Verdict batch = ledger.ask({.key = "b", .need = need_of(6), .work_class = WorkClass::batch}, at_s(25));
  EXPECT_EQ(batch.what, What::wait);
  EXPECT_EQ(batch.not_before, at_s(80));
}

// ---- GPUs

TEST(Placement, IsTheFullestGpuThatHasRoom) {
  Ledger ledger({{"ram", 64 * kGiB}, {"g0", 24 * kGiB}, {"g1", 12 * kGiB}});
  const Verdict verdict = ledger.ask({.key = "a", .need = need_of(8, 32)}, at_s(0));
  ASSERT_EQ(verdict.what, What::fits);
  EXPECT_EQ(verdict.placement.gpu_layers, 32U);
  EXPECT_THAT(verdict.placement.bytes, testing::ElementsAre(0, 0, 8 * kGiB));
}

TEST(Placement, SpreadsOverGpusWhereNoneAloneIsEnough) {
  Ledger ledger({{"ram", 64 * kGiB}, {"g0", 12 * kGiB}, {"g1", 12 * kGiB}});
  Need need = need_of(16, 32);
  need.compute_bytes = kGiB, need.process_bytes = kGiB;
  const Verdict verdict = ledger.ask({.key = "a", .need = need}, at_s(0));
  EXPECT_EQ(verdict.placement.gpu_layers, 32U);
  EXPECT_THAT(verdict.placement.bytes, testing::ElementsAre(kGiB, 12 * kGiB, 6 * kGiB)) << "22 layers and 10, with a compute buffer each";
}

TEST(Placement, LeavesInMemoryTheLayersThatNoGpuHasRoomFor) {
  Ledger ledger({{"ram", 64 * kGiB}, {"g0", 8 * kGiB}});
  Need need = need_of(32, 32);
  need.compute_bytes = kGiB;
  const Verdict verdict = ledger.ask({.key = "a", .need = need}, at_s(0));
  EXPECT_EQ(verdict.placement.gpu_layers, 7U);
  EXPECT_THAT(verdict.placement.bytes, testing::ElementsAre(26 * kGiB, 8 * kGiB));
}

TEST(Placement, OfWhatNoGpuCanRunIsTheMachinesMemory) {
  Ledger ledger({{"ram", 64 * kGiB}, {"g0", 24 * kGiB}});
  EXPECT_THAT(ledger.ask({.key = "speech", .need = need_of(2)}, at_s(0)).placement.bytes, testing::ElementsAre(2 * kGiB, 0));
}

TEST(Placement, FollowsWhatOthersTakeOfAGpu) {
  Ledger ledger({{"ram", 64 * kGiB}, {"g0", 24 * kGiB}});
  ledger.set_total(1, 0);  // another program took it all
  EXPECT_THAT(ledger.ask({.key = "a", .need = need_of(8, 32)}, at_s(0)).placement.bytes, testing::ElementsAre(8 * kGiB, 0));
}

TEST(Placement, MakesRoomOnAGpuBeforeItGoesBesideIt) {
  Ledger ledger({{"ram", 64 * kGiB}, {"g0", 24 * kGiB}});
  load(ledger, "a", need_of(20, 32), at_s(0));
  EXPECT_THAT(ledger.ask({.key = "b", .need = need_of(20, 32)}, at_s(100)).victims, testing::ElementsAre("a"));
  ledger.use("a", true, WorkClass::normal, at_s(100));
  EXPECT_EQ(ledger.ask({.key = "b", .need = need_of(20, 32)}, at_s(100)).what, What::fits) << "what is in use stays";
}

TEST(Placement, OnAGpuNeedsRoomInTheMachinesMemoryForTheProcess) {
  Ledger ledger({{"ram", kGiB}, {"g0", 24 * kGiB}});
  Need need = need_of(8, 32);
  need.process_bytes = 2 * kGiB;
  EXPECT_EQ(ledger.ask({.key = "a", .need = need}, at_s(0)).what, What::never);
}

}  // namespace
}  // namespace demarc::engine
