#include "engine/quarantine.hpp"

#include <gtest/gtest.h>

#include "core/io/disk_memory.hpp"

namespace demarc::engine {
namespace {

using enum RequestStanding;

constexpr Instant kNow{1'700'000'000'000'000'000};
constexpr Instant after(std::chrono::nanoseconds time) { return {kNow.unix_ns + time.count()}; }

class Poison : public testing::Test {
 protected:
  [[nodiscard]] RequestStanding standing(const std::string& digest) const { return quarantine_.standing(digest, kNow); }
  MemoryDisk disk_;
  Quarantine quarantine_{disk_, "quarantine.json"};
  Flights flights_{quarantine_, "chat"};
};

TEST_F(Poison, IsARequestThatKilledItsEngineTwice) {
  for (const RequestStanding then : {suspect, quarantined}) {
    auto flight = flights_.enter("bad");
    flights_.died(kNow);
    flight.broke();
    EXPECT_EQ(standing("bad"), then) << "and each death counts once";
  }
  ASSERT_EQ(quarantine_.list(kNow).size(), 1U);
  EXPECT_EQ(quarantine_.list(kNow)[0].upstream, "chat");
}

TEST_F(Poison, CountsAlsoWhereTheConnectionBrokeBeforeTheDeathWasSeen) {
  flights_.enter("bad").broke();
  EXPECT_EQ(standing("bad"), clean);
  flights_.died(kNow);
  EXPECT_EQ(standing("bad"), suspect);
}

TEST_F(Poison, IsNotWhatBrokeOffAtAnEngineThatLives) {
  flights_.enter("fine").broke();
  flights_.lives();
  flights_.died(kNow);
  EXPECT_EQ(standing("fine"), clean);
}

TEST_F(Poison, IsLookedForAmongAllThatWereThere) {
  auto bad = flights_.enter("bad");
  auto fine = flights_.enter("fine");
  flights_.died(kNow);
  bad.broke(), fine.broke();
  EXPECT_EQ(standing("bad"), suspect);
  EXPECT_EQ(standing("fine"), suspect);
  flights_.enter("fine").served();
  EXPECT_EQ(standing("fine"), clean) << "alone it did no harm";
}

TEST_F(Poison, IsNotClearedByComingThroughBesideOthers) {
  flights_.enter("bad").broke();
  flights_.died(kNow);
  const auto other = flights_.enter("other");
  flights_.enter("bad").served();
  EXPECT_EQ(standing("bad"), suspect);
}

TEST_F(Poison, IsNotClearedByBeingPutAside) {
  flights_.enter("bad").broke();
  flights_.died(kNow);
  {
    const auto cancelled = flights_.enter("bad");
  }
  EXPECT_EQ(standing("bad"), suspect);
}

TEST_F(Poison, StaysQuarantinedOverARestartForATimeOrUntilReleased) {
  for (int death = 0; death < 2; ++death) {
    flights_.enter("bad-digest-1").broke();
    flights_.died(kNow);
  }
  Quarantine again(disk_, "quarantine.json");
  EXPECT_EQ(again.standing("bad-digest-1", kNow), quarantined);
  EXPECT_EQ(again.standing("bad-digest-1", after(std::chrono::hours(24 * 8))), clean);
  EXPECT_EQ(again.release("bad"), 0U) << "too short to name one";
  EXPECT_EQ(again.release("bad-dige"), 1U);
  EXPECT_EQ(again.standing("bad-digest-1", kNow), clean);
  EXPECT_TRUE(Quarantine(disk_, "quarantine.json").list(kNow).empty());
}

}  // namespace
}  // namespace demarc::engine
