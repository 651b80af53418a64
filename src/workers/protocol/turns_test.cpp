#include "workers/protocol/turns.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

namespace demarc::workers {
namespace {

// Those who wait while somebody else has the only turn; the order in which they get theirs. Another turn is held all along by one before whom nobody
// goes, so that there is never one more at it, who would be at work together with the one it went before.
std::vector<std::size_t> order_of(const std::vector<Turns::Wish>& wishes) {
  Turns turns(2);
  const Turns::Turn other = turns.take({WorkClass::interactive, 0});
  std::vector<std::size_t> order;
  std::vector<std::thread> threads;
  {
    const Turns::Turn holder = turns.take({WorkClass::interactive, 0});
    for (std::size_t i = 0; i < wishes.size(); ++i) {
      threads.emplace_back([&, i] {
        const Turns::Turn turn = turns.take(wishes[i]);
        order.push_back(i);  // under the only turn there is for them
      });
      while (turns.waiting() <= i) std::this_thread::yield();
    }
  }
  for (std::thread& thread : threads) thread.join();
  return order;
}

TEST(Turns, GoByClassThenByWhatIsLeftThenByArrival) {
  EXPECT_EQ(order_of({{WorkClass::batch, 1}, {WorkClass::normal, 9}, {WorkClass::normal, 9}, {WorkClass::normal, 2}, {WorkClass::interactive, 30}}),
            (std::vector<std::size_t>{4, 3, 1, 2, 0}));
}

TEST(Turns, PassNobodyByForEver) {
  std::vector<Turns::Wish> wishes = {{WorkClass::normal, 4}};
  for (int i = 0; i < 10; ++i) wishes.push_back({WorkClass::normal, 1});
  const auto order = order_of(wishes);
  EXPECT_LT(std::ranges::find(order, 0U) - order.begin(), 8) << "passed by four times it counts as having as little left as they";
}

TEST(Turns, GoToOneMoreThatGoesBeforeAllWhoAreAtIt) {
  Turns turns(1);
  auto file = std::make_unique<Turns::Turn>(turns.take({WorkClass::normal, 20}));
  auto clip = std::make_unique<Turns::Turn>(turns.take({WorkClass::normal, 1}));  // at once
  std::atomic<int> got = 0;
  std::thread next_of_file([&] {
    const Turns::Turn turn = turns.take({WorkClass::normal, 19});
    got = 1;
  });
  while (turns.waiting() == 0) std::this_thread::yield();
  file.reset();
  EXPECT_EQ(turns.waiting(), 1U) << "no other piece begins while the clip is at it";
  EXPECT_EQ(got, 0);
  clip.reset();
  next_of_file.join();
  EXPECT_EQ(got, 1);
}

TEST(Turns, AreAsManyAtOnceAsThereAreSlots) {
  Turns turns(2);
  auto first = std::make_unique<Turns::Turn>(turns.take({}));  // the third is no better than they are
  const Turns::Turn second = turns.take({});
  std::atomic<bool> got = false;
  std::thread third([&] {
    const Turns::Turn turn = turns.take({});
    got = true;
  });
  while (turns.waiting() == 0) std::this_thread::yield();
  EXPECT_FALSE(got);
  first.reset();
  third.join();
  EXPECT_TRUE(got);
}

}  // namespace
}  // namespace demarc::workers
