#include "engine/slots.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <vector>

namespace demarc::engine {
namespace {

// A loop that a test turns by hand; its clock is what the test says.
class HandLoop final : public Loop, public Clock {
 public:
  void post(std::function<void()> work) override { ready_.push_back(std::move(work)); }
  [[nodiscard]] std::size_t index() const override { return 0; }
  Clock& clock() override { return *this; }
  [[nodiscard]] Instant now() const override { return {now_.ns}; }
  [[nodiscard]] Monotonic monotonic() const override { return now_; }
  void turn() {
    while (!ready_.empty()) {
      const auto work = std::move(ready_.front());
      ready_.pop_front();
      work();
    }
  }
  void advance(std::chrono::nanoseconds by) {
    now_ = now_ + by;
    std::vector<std::coroutine_handle<>> due;
    std::erase_if(sleepers_, [&](const auto& sleeper) { return sleeper.first <= now_ && (due.push_back(sleeper.second), true); });
    for (const auto handle : due) handle.resume();
    turn();
  }

 private:
  void resume_after(std::chrono::nanoseconds duration, std::coroutine_handle<> waiting) override { sleepers_.emplace_back(now_ + duration, waiting); }
  Monotonic now_{1'000};
  std::deque<std::function<void()>> ready_;
  std::vector<std::pair<Monotonic, std::coroutine_handle<>>> sleepers_;
};

struct Client {
  Cancellation cancellation;
  std::optional<Result<Slot, SlotError>> got;
};

Task<void> ask(Slots& slots, HandLoop& loop, Client& client, Deadline deadline = Deadline::never()) {
  client.got.emplace(co_await slots.acquire(loop, client.cancellation, deadline));
}

TEST(Slots, ServeFirstComeFirst) {
  HandLoop loop;
  Slots slots(1, 10);
  Client a, b, c;
  for (Client* client : {&a, &b, &c}) spawn(ask(slots, loop, *client));
  ASSERT_TRUE(a.got && !b.got && !c.got);
  a.got.reset();
  loop.turn();
  ASSERT_TRUE(b.got && !c.got);
  b.got.reset();
  loop.turn();
  EXPECT_TRUE(c.got && c.got->ok());
}

TEST(Slots, RefuseAtOnceWhenTheQueueIsFull) {
  HandLoop loop;
  Slots slots(1, 1);
  Client a, b, c;
  for (Client* client : {&a, &b, &c}) spawn(ask(slots, loop, *client));
  EXPECT_EQ(c.got->error(), SlotError::queue_full);
  a.got.reset();
  loop.turn();
}

TEST(Slots, ForgetAWaiterThatLeft) {
  HandLoop loop;
  Slots slots(1, 10);
  Client a, b, c;
  for (Client* client : {&a, &b, &c}) spawn(ask(slots, loop, *client));
  b.cancellation.cancel();
  loop.turn();
  EXPECT_EQ(b.got->error(), SlotError::cancelled);
  a.got.reset();
  loop.turn();
  EXPECT_TRUE(c.got->ok());
  EXPECT_EQ(slots.waiting(), 0U);
}

TEST(Slots, GiveUpAtTheDeadline) {
  HandLoop loop;
  Slots slots(1, 10);
  Client a, b;
  spawn(ask(slots, loop, a));
  spawn(ask(slots, loop, b, Deadline::in(loop.monotonic(), std::chrono::seconds(1))));
  loop.advance(std::chrono::seconds(2));
  EXPECT_EQ(b.got->error(), SlotError::timeout);
  a.got.reset();
  EXPECT_EQ(slots.in_use(), 0U);
}

}  // namespace
}  // namespace demarc::engine
