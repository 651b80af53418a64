#include "core/io/task.hpp"

#include <gtest/gtest.h>

#include "core/io/loop.hpp"

namespace demarc {
namespace {

Task<int> add(int a, int b) { co_return a + b; }

Task<void> sum_to(int n, long& out) {
  for (int i = 1; i <= n; ++i) out += co_await add(i, 0);
}

TEST(Task, RunsALongChainWithoutGrowingTheStack) {
  long sum = 0;
  spawn(sum_to(1'000'000, sum));
  EXPECT_EQ(sum, 500'000'500'000);
}

Task<int> wait_then(Event& event, int value) {
  co_await event;
  co_return value;
}

Task<void> overlap(Event& event, std::string& trace) {
  Started<int> started(wait_then(event, 7));
  trace += started.done() ? "early" : "pending ";
  event.set();
  trace += std::to_string(co_await started.join());
}

TEST(Task, StartedRunsBesideItsStarter) {
  Event event;
  std::string trace;
  spawn(overlap(event, trace));
  EXPECT_EQ(trace, "pending 7");
}

TEST(Cancellation, CallsOnceAndForgetsHooksThatDied) {
  Cancellation cancellation;
  int calls = 0;
  const auto kept = cancellation.on_cancel([&] { ++calls; });
  {
    const auto dropped = cancellation.on_cancel([&] { calls += 100; });
  }
  cancellation.cancel();
  cancellation.cancel();
  EXPECT_EQ(calls, 1);
}

}  // namespace
}  // namespace demarc
