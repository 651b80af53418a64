#include "http/inner/timers.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <random>

namespace demarc::http {
namespace {

struct Recorder final : Timer {
  void fire() override { ++fired; }
  int fired = 0;
};

TEST(Timers, FireWhatIsDueAndNothingElse) {
  std::mt19937 random(7);
  Timers timers([](Monotonic) {});
  std::vector<std::unique_ptr<Recorder>> all;
  std::vector<std::int64_t> due(500, -1);
  for (int i = 0; i < 500; ++i) all.push_back(std::make_unique<Recorder>());
  for (int round = 0; round < 2000; ++round) {
    const std::size_t i = random() % all.size();
    if (random() % 4 == 0) {
      timers.clear(*all[i]), due[i] = -1;
    } else {
      due[i] = static_cast<std::int64_t>(random() % 1000);
      timers.set(*all[i], {due[i]});
    }
  }
  timers.run_due({500});
  for (std::size_t i = 0; i < all.size(); ++i) EXPECT_EQ(all[i]->fired, due[i] >= 0 && due[i] <= 500 ? 1 : 0) << due[i];
  timers.run_due({1000});
  for (std::size_t i = 0; i < all.size(); ++i) EXPECT_EQ(all[i]->fired, due[i] >= 0 ? 1 : 0) << due[i];
}

TEST(Timers, AskForAWakeUpOnlyWhenTheEarliestMovesForward) {
  std::vector<std::int64_t> asked;
  Timers timers([&](Monotonic at) { asked.push_back(at.ns); });
  Recorder a, b;
  timers.set(a, {100});
  timers.set(a, {200});  // later: nothing to do
  timers.set(b, {150});
  timers.set(b, {50});
  EXPECT_EQ(asked, (std::vector<std::int64_t>{100, 50}));
}

}  // namespace
}  // namespace demarc::http
