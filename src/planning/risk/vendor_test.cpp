#include "planning/risk/vendor.hpp"

#include <gtest/gtest.h>

namespace demarc::planning {
namespace {

Spend spend(const char* provider, std::int64_t usd) { return {.provider = provider, .usd = Money::from_usd(usd)}; }

TEST(Concentration, IsTheIndexOfHerfindahlAndHirschman) {
  const Concentration found = concentration({spend("a", 60), spend("b", 30), spend("c", 10)}, &Spend::provider);
  EXPECT_NEAR(found.hhi, 4600, 1e-9);
  EXPECT_NEAR(found.effective, 2.17, 0.005);
  EXPECT_EQ(found.shares[0].name, "a");
}

TEST(Concentration, OfNothingIsNothing) { EXPECT_EQ(concentration({}, &Spend::model).hhi, 0); }

TEST(Retirements, KnowModelsByNameAndAliasWithTheirSource) {
  const auto read = Retirements::read(builtin_retirements());
  ASSERT_TRUE(read.ok()) << read.error();
  const Retirement* opus = read->find("anthropic", "claude-3-opus-20240229");
  ASSERT_NE(opus, nullptr);
  EXPECT_EQ(opus->notice_days, 189);
  EXPECT_NE(opus->source.find("http"), std::string::npos);
  EXPECT_EQ(read->find("anthropic", "no-such-model"), nullptr);
}

TEST(Retirements, SayHowMuchNoticeAProviderGives) {
  const auto read = Retirements::read(builtin_retirements());
  EXPECT_NEAR(*read->median_notice_days("anthropic"), 63, 3);
  EXPECT_FALSE(read->median_notice_days("nobody"));
}

TEST(Retirements, RefuseATableThatIsNone) {
  EXPECT_FALSE(Retirements::read("a,b\n1,2\n").ok());
  EXPECT_FALSE(Retirements::read("provider,model,aliases,announced,retired,notice_days,source,verified\no,m,,,soon,,,\n").ok());
}

TEST(History, HoldsTheOutagesOfItsSource) {
  const auto history = read_history(builtin_history());
  ASSERT_TRUE(history.ok());
  EXPECT_NEAR(history->outages[0].availability(), 0.9982, 5e-5);
  EXPECT_NEAR(history->outages[1].availability(), 0.9992, 5e-5);
  EXPECT_GE(history->price_changes.size(), 3U);
}

TEST(Days, AreCountedOverAYearsEnd) { EXPECT_EQ(days_between("2026-12-30", "2027-01-14"), 15); }

}  // namespace
}  // namespace demarc::planning
