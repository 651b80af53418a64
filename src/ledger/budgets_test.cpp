#include "ledger/budgets.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <random>
#include <thread>

#include "store/test_store.hpp"

namespace demarc::ledger {
namespace {

Money usd(std::int64_t dollars) { return Money::from_usd(dollars); }
Instant at(const char* text) { return *parse_rfc3339(text); }
const Instant kNow = at("2026-11-24T12:00:00Z");  // a Tuesday

class BudgetsTest : public testing::Test {
 protected:
  void set(std::vector<BudgetSpec> specs) { ASSERT_TRUE(budgets.configure(specs, kNow)); }
  Money left(const BudgetScope& who, Instant now = kNow) { return std::get<Money>(budgets.left(who, now)); }

  TestStore db;
  Budgets budgets{*db.store};
  const BudgetScope claims{.key = "k1", .team = "claims", .workload = "triage"};
};

TEST_F(BudgetsTest, AreUnlimitedWhereNoneIsSet) {
  set({{.scope = {.team = "other"}, .limit = usd(1)}});
  EXPECT_TRUE(std::holds_alternative<Unlimited>(budgets.left(claims, kNow)));
  EXPECT_TRUE(budgets.reserve(claims, usd(1000), kNow));
  EXPECT_TRUE(budgets.reserve(claims, std::nullopt, kNow));
}

TEST_F(BudgetsTest, CountTheEstimateUntilItIsSettled) {
  set({{.scope = {.team = "claims"}, .limit = usd(10)}});
  auto hold = budgets.reserve(claims, usd(6), kNow);
  ASSERT_TRUE(hold);
  EXPECT_EQ(left(claims), usd(4));
  hold->settle(usd(1));
  EXPECT_EQ(left(claims), usd(9));
}

TEST_F(BudgetsTest, GiveBackWhatAFailedRequestDidNotSpend) {
  set({{.scope = {.team = "claims"}, .limit = usd(10)}});
  {
    auto hold = budgets.reserve(claims, usd(6), kNow);
  }
  EXPECT_EQ(left(claims), usd(10));
}

TEST_F(BudgetsTest, RefuseWhatDoesNotFit) {
  set({{.scope = {.team = "claims"}, .limit = usd(10)}});
  auto first = budgets.reserve(claims, usd(10), kNow);
  ASSERT_TRUE(first);
  auto second = budgets.reserve(claims, Money::from_pico(1), kNow);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error(), BudgetError::spent);
}

TEST_F(BudgetsTest, RefuseWhatNobodyCanPrice) {
  set({{.scope = {.team = "claims"}, .limit = usd(10)}});
  auto hold = budgets.reserve(claims, std::nullopt, kNow);
  ASSERT_FALSE(hold);
  EXPECT_EQ(hold.error(), BudgetError::unpriced);
}

TEST_F(BudgetsTest, CountTheLeastOfSeveral) {
  set({{.scope = {.team = "claims"}, .limit = usd(10)}, {.scope = {.key = "k1", .workload = "triage"}, .limit = usd(3)}});
  EXPECT_EQ(left(claims), usd(3));
  EXPECT_EQ(left({.key = "k2", .team = "claims"}), usd(10));
  EXPECT_FALSE(budgets.reserve(claims, usd(4), kNow));
  EXPECT_EQ(left({.team = "claims"}), usd(10)) << "a refused reservation takes nothing";
}

TEST_F(BudgetsTest, StartAnewAtMidnightUtc) {
  set({{.scope = {.team = "claims"}, .limit = usd(10), .period = BudgetPeriod::day}});
  auto hold = budgets.reserve(claims, usd(10), at("2026-11-24T23:59:59Z"));
  ASSERT_TRUE(hold);
  EXPECT_TRUE(budgets.reserve(claims, usd(10), at("2026-11-25T00:00:00Z")));
}

TEST_F(BudgetsTest, DoNotTakeYesterdaysHoldFromToday) {
  set({{.scope = {.team = "claims"}, .limit = usd(10), .period = BudgetPeriod::day}});
  auto late = budgets.reserve(claims, usd(10), at("2026-11-24T23:59:59Z"));
  auto today = budgets.reserve(claims, usd(7), at("2026-11-25T00:00:00Z"));
  ASSERT_TRUE(late && today);
  late->settle(usd(9));
  EXPECT_EQ(left(claims, at("2026-11-25T01:00:00Z")), usd(3));
}

TEST_F(BudgetsTest, KeepTheirCountOverAReload) {
  set({{.scope = {.team = "claims"}, .limit = usd(10)}});
  auto hold = budgets.reserve(claims, usd(6), kNow);
  set({{.scope = {.key = "k1"}, .limit = usd(50)}, {.scope = {.team = "claims"}, .limit = usd(20)}});
  EXPECT_EQ(left({.team = "claims"}), usd(14));
  hold->settle(usd(5));
  EXPECT_EQ(left({.team = "claims"}), usd(15));
}

TEST_F(BudgetsTest, BeginWithWhatTheReceiptsOfThePeriodSay) {
  const auto spend = [&](std::uint64_t index, const char* when, const char* team) {
    Receipt receipt = test_receipt(index, at(when), usd(2));
    receipt.team = team;
    ASSERT_TRUE(db.store->commit({"log", index + 2}, {receipt}));
  };
  spend(0, "2026-10-31T23:59:59Z", "claims");
  spend(2, "2026-11-01T00:00:00Z", "claims");
  spend(4, "2026-11-24T11:00:00Z", "claims");
  spend(6, "2026-11-24T11:00:00Z", "emea");
  set({{.scope = {.team = "claims"}, .limit = usd(10), .period = BudgetPeriod::month},
       {.scope = {.team = "claims"}, .limit = usd(10), .period = BudgetPeriod::total}});
  EXPECT_EQ(budgets.states(kNow)[0].spent, usd(4));
  EXPECT_EQ(budgets.states(kNow)[1].spent, usd(6));
}

TEST_F(BudgetsTest, AreNeverOverByMoreThanWhatIsInFlight) {
  set({{.scope = {.team = "claims"}, .limit = usd(1000)}});
  std::atomic<std::int64_t> spent{0};
  std::vector<std::thread> callers;
  for (unsigned seed = 0; seed < 4; ++seed)
    callers.emplace_back([&, seed] {
      std::mt19937 random(seed);
      for (int i = 0; i < 2000; ++i) {
        const std::int64_t estimate = random() % 5;
        auto hold = budgets.reserve(claims, usd(estimate), kNow);
        if (!hold || random() % 3 == 0) continue;
        const std::int64_t real = estimate == 0 ? 0 : random() % estimate;  // an estimate is from above
        spent += real;
        hold->settle(usd(real));
      }
    });
  for (std::thread& caller : callers) caller.join();
  EXPECT_LE(spent.load(), 1000);
  EXPECT_EQ(left(claims), usd(1000 - spent.load()));
}

TEST(BudgetPeriod, BeginsInUtc) {
  EXPECT_EQ(period_start(BudgetPeriod::day, kNow), at("2026-11-24T00:00:00Z"));
  EXPECT_EQ(period_start(BudgetPeriod::week, kNow), at("2026-11-23T00:00:00Z"));
  EXPECT_EQ(period_start(BudgetPeriod::week, at("2026-11-29T23:00:00Z")), at("2026-11-23T00:00:00Z"));
  EXPECT_EQ(period_start(BudgetPeriod::month, kNow), at("2026-11-01T00:00:00Z"));
  EXPECT_EQ(period_start(BudgetPeriod::total, kNow), Instant{});
}

}  // namespace
}  // namespace demarc::ledger
