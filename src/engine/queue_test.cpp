#include "engine/queue.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
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

using std::chrono::seconds;

struct Client {
  Cancellation cancellation;
  std::optional<Result<Slot, QueueError>> got;
  [[nodiscard]] bool served() const { return got && got->ok(); }
};

Task<void> ask(Queue& queue, HandLoop& loop, Client& client, Work work = {}, Deadline deadline = Deadline::never()) {
  client.got.emplace(co_await queue.acquire(loop, client.cancellation, deadline, std::move(work)));
}

class Queues : public testing::Test {
 protected:
  // Who waits in `clients` is served one after the other, by a queue of one slot; their order.
  std::vector<std::size_t> order_of(Queue& queue, Client& holder, std::vector<Client>& clients) {
    std::vector<std::size_t> order;
    std::vector<bool> seen(clients.size());
    holder.got.reset();
    for (std::size_t round = 0; round < clients.size(); ++round) {
      loop_.turn();
      for (std::size_t i = 0; i < clients.size(); ++i) {
        if (seen[i] || !clients[i].served()) continue;
        seen[i] = true;
        order.push_back(i);
        clients[i].got.reset();
        break;
      }
    }
    EXPECT_EQ(queue.in_use(), 0U);
    return order;
  }
  void spawn_ask(Queue& queue, Client& client, Work work = {}, Deadline deadline = Deadline::never()) {
    spawn(ask(queue, loop_, client, std::move(work), deadline));
  }
  HandLoop loop_;
};

TEST_F(Queues, ServeFirstComeFirst) {
  Queue queue({.slots = 1});
  Client holder;
  std::vector<Client> clients(3);
  spawn_ask(queue, holder);
  for (Client& client : clients) spawn_ask(queue, client);
  EXPECT_TRUE(holder.served() && !clients[0].got);
  EXPECT_EQ(order_of(queue, holder, clients), (std::vector<std::size_t>{0, 1, 2}));
}

TEST_F(Queues, ServeInteractiveBeforeNormalBeforeBatch) {
  Queue queue({.slots = 1});
  Client holder;
  std::vector<Client> clients(5);
  spawn_ask(queue, holder);
  constexpr std::array kClasses = {WorkClass::batch, WorkClass::normal, WorkClass::interactive, WorkClass::batch, WorkClass::interactive};
  for (std::size_t i = 0; i < clients.size(); ++i) spawn_ask(queue, clients[i], {.work_class = kClasses[i]});
  EXPECT_EQ(queue.waiting_by_class(), (std::array<std::size_t, kWorkClassCount>{2, 1, 2}));
  EXPECT_EQ(order_of(queue, holder, clients), (std::vector<std::size_t>{2, 4, 1, 0, 3}));
}

TEST_F(Queues, ShareByWeightBetweenTeamsHoweverMuchOneSends) {
  Queue queue({.slots = 1});
  Client holder;
  std::vector<Client> clients(12);
  spawn_ask(queue, holder);
  for (std::size_t i = 0; i < 8; ++i) spawn_ask(queue, clients[i], {.team = "loud", .expected = seconds(1)});
  for (std::size_t i = 8; i < 12; ++i) spawn_ask(queue, clients[i], {.team = "quiet", .weight = 2, .expected = seconds(1)});
  const auto order = order_of(queue, holder, clients);
  // Twice the weight: of the first six, four are the quiet team's.
  EXPECT_EQ(std::ranges::count_if(order.begin(), order.begin() + 6, [](std::size_t i) { return i >= 8; }), 4);
}

TEST_F(Queues, CountWhatATeamAsksForInTimeNotInRequests) {
  Queue queue({.slots = 1});
  Client holder;
  std::vector<Client> clients(6);
  spawn_ask(queue, holder);
  for (std::size_t i = 0; i < 2; ++i) spawn_ask(queue, clients[i], {.team = "long", .expected = seconds(10)});
  for (std::size_t i = 2; i < 6; ++i) spawn_ask(queue, clients[i], {.team = "short", .expected = seconds(1)});
  EXPECT_EQ(order_of(queue, holder, clients), (std::vector<std::size_t>{0, 2, 3, 4, 5, 1}));
}

TEST_F(Queues, GiveNoCreditForTimeInWhichATeamAskedNothing) {
  Queue queue({.slots = 1});
  for (int i = 0; i < 50; ++i) {
    Client client;
    spawn_ask(queue, client, {.team = "early", .expected = seconds(1)});
  }
  Client holder;
  std::vector<Client> clients(4);
  spawn_ask(queue, holder, {.team = "early", .expected = seconds(1)});
  spawn_ask(queue, clients[0], {.team = "late", .expected = seconds(1)});
  spawn_ask(queue, clients[1], {.team = "early", .expected = seconds(1)});
  spawn_ask(queue, clients[2], {.team = "late", .expected = seconds(1)});
  spawn_ask(queue, clients[3], {.team = "late", .expected = seconds(1)});
  EXPECT_EQ(order_of(queue, holder, clients), (std::vector<std::size_t>{0, 1, 2, 3}));
}

TEST_F(Queues, KeepTheLastOfSeveralSlotsFromBatchWork) {
  Queue queue({.slots = 2});
  Client first, second, person;
  spawn_ask(queue, first, {.work_class = WorkClass::batch});
  spawn_ask(queue, second, {.work_class = WorkClass::batch});
  EXPECT_TRUE(first.served() && !second.got);
  spawn_ask(queue, person, {.work_class = WorkClass::interactive});
  EXPECT_TRUE(person.served());
  person.got.reset();
  loop_.turn();
  EXPECT_FALSE(second.got);
  first.got.reset();
  loop_.turn();
  EXPECT_TRUE(second.served());
}

TEST_F(Queues, AskBatchWorkForItsPlaceOnceWhereOthersWait) {
  Queue queue({.slots = 1});
  Client batch, other_batch, person;
  int asked = 0;
  spawn_ask(queue, batch, {.work_class = WorkClass::batch, .give_back = [&] { ++asked; }});
  spawn_ask(queue, other_batch, {.work_class = WorkClass::batch});
  loop_.turn();
  EXPECT_EQ(asked, 0);
  spawn_ask(queue, person, {.work_class = WorkClass::normal});
  Client another;
  spawn_ask(queue, another, {.work_class = WorkClass::interactive});
  loop_.turn();
  EXPECT_EQ(asked, 1);
  EXPECT_EQ(queue.expected_wait_ms(WorkClass::interactive, loop_.monotonic()), 1000);  // it waits for the one of its class, not for the batch work
  batch.got.reset();
  loop_.turn();
  EXPECT_TRUE(another.served() && !person.got && !other_batch.got);
  another.got.reset();
  loop_.turn();
  EXPECT_TRUE(person.served());
  person.got.reset();
  loop_.turn();
}

TEST_F(Queues, AskOnlyBatchWorkThatCanGiveItsPlace) {
  Queue queue({.slots = 3});
  Client fixed, batch, other, waiting;
  int asked = 0;
  spawn_ask(queue, fixed, {.work_class = WorkClass::batch});
  spawn_ask(queue, batch, {.work_class = WorkClass::batch, .give_back = [&] { ++asked; }});
  spawn_ask(queue, other);
  spawn_ask(queue, waiting);
  loop_.turn();
  EXPECT_EQ(asked, 1) << "the one that cannot is not taken for one that was asked";
  other.got.reset(), batch.got.reset(), fixed.got.reset();
  loop_.turn();
  waiting.got.reset();
}

TEST_F(Queues, LetShortAndHigherWorkInBesideWhatAnEngineIsAt) {
  Queue queue({.slots = 1, .beside = 2});
  Client file, other_file, clip, person, second_clip;
  spawn_ask(queue, file, {.expected = seconds(600)});
  spawn_ask(queue, other_file, {.expected = seconds(600)});
  spawn_ask(queue, person, {.work_class = WorkClass::interactive, .expected = seconds(600)});
  spawn_ask(queue, clip, {.expected = seconds(3)});
  spawn_ask(queue, second_clip, {.expected = seconds(3)});
  EXPECT_TRUE(clip.served() && person.served() && !second_clip.got && !other_file.got);
  clip.got.reset();
  loop_.turn();
  EXPECT_TRUE(second_clip.served() && !other_file.got);
  second_clip.got.reset();
  person.got.reset();
  loop_.turn();
  EXPECT_FALSE(other_file.got);
  file.got.reset();
  loop_.turn();
  EXPECT_TRUE(other_file.served());
}

TEST_F(Queues, TakeNothingFromATeamForWorkThatWasRefused) {
  Queue queue({.slots = 1, .limit = 1});
  Client holder, waiting, refused;
  spawn_ask(queue, holder);
  spawn_ask(queue, waiting, {.team = "a", .expected = seconds(1)});
  for (int i = 0; i < 20; ++i) spawn_ask(queue, refused, {.team = "b", .expected = seconds(100)});
  EXPECT_EQ(refused.got->error(), QueueError::full);
  queue.set_limit(5);
  Client a, b;
  spawn_ask(queue, a, {.team = "a", .expected = seconds(1)});
  spawn_ask(queue, b, {.team = "b", .expected = seconds(1)});
  holder.got.reset();
  loop_.turn();
  ASSERT_TRUE(waiting.served());
  waiting.got.reset();
  loop_.turn();
  EXPECT_TRUE(b.served() && !a.got);
  b.got.reset();
  loop_.turn();
}

TEST_F(Queues, ExpectWhatIsLeftOfWhatRunsAndWhatGoesBefore) {
  Queue queue({.slots = 2});
  Client a, b, c, d;
  EXPECT_EQ(queue.expected_wait_ms(WorkClass::normal, loop_.monotonic()), 0);
  spawn_ask(queue, a, {.expected = seconds(10)});
  spawn_ask(queue, b, {.expected = seconds(4)});
  spawn_ask(queue, c, {.expected = seconds(3)});
  spawn_ask(queue, d, {.work_class = WorkClass::batch, .expected = seconds(60)});
  loop_.advance(seconds(1));
  EXPECT_EQ(queue.expected_wait_ms(WorkClass::interactive, loop_.monotonic()), 3'000);
  EXPECT_EQ(queue.expected_wait_ms(WorkClass::normal, loop_.monotonic()), 6'000);
  EXPECT_EQ(queue.expected_wait_ms(WorkClass::batch, loop_.monotonic()), 9'000);
  a.got.reset(), b.got.reset();
  loop_.turn();
}

TEST_F(Queues, RefuseAtOnceWhenTheQueueIsFull) {
  Queue queue({.slots = 1, .limit = 1});
  Client a, b, c;
  for (Client* client : {&a, &b, &c}) spawn_ask(queue, *client);
  EXPECT_EQ(c.got->error(), QueueError::full);
  a.got.reset();
  loop_.turn();
}

TEST_F(Queues, TurnNobodyAwayWhoHadBegun) {
  Queue queue({.slots = 1, .limit = 1});
  Client first, second, again, third;
  spawn(ask(queue, loop_, first));
  spawn(ask(queue, loop_, second));
  spawn(ask(queue, loop_, again, {.comes_back = true}));
  spawn(ask(queue, loop_, third));
  EXPECT_FALSE(again.got);  // waits beyond the limit
  ASSERT_TRUE(third.got);
  EXPECT_EQ(third.got->error(), QueueError::full);
  first.got.reset(), loop_.turn();
  EXPECT_TRUE(second.served());
  second.got.reset(), loop_.turn();
  EXPECT_TRUE(again.served());
}

TEST_F(Queues, ForgetAWaiterThatLeft) {
  Queue queue({.slots = 1});
  Client a, b, c;
  for (Client* client : {&a, &b, &c}) spawn_ask(queue, *client);
  b.cancellation.cancel();
  loop_.turn();
  EXPECT_EQ(b.got->error(), QueueError::cancelled);
  a.got.reset();
  loop_.turn();
  EXPECT_TRUE(c.served());
  EXPECT_EQ(queue.waiting(), 0U);
}

TEST_F(Queues, GiveUpAtTheDeadline) {
  Queue queue({.slots = 1});
  Client a, b;
  spawn_ask(queue, a);
  spawn_ask(queue, b, {}, Deadline::in(loop_.monotonic(), seconds(1)));
  loop_.advance(seconds(2));
  EXPECT_EQ(b.got->error(), QueueError::timeout);
  a.got.reset();
  EXPECT_EQ(queue.in_use(), 0U);
}

TEST_F(Queues, LetNobodyInWhileTheGateIsHeldAndAllOnceItOpens) {
  int demanded = 0;
  Queue queue({.slots = 2, .on_demand = [&] { ++demanded; }});
  queue.set_gate(Gate::held, loop_.monotonic());
  std::vector<Client> clients(2);
  for (Client& client : clients) spawn_ask(queue, client);
  EXPECT_FALSE(clients[0].got || clients[1].got);
  EXPECT_EQ(demanded, 2);
  EXPECT_EQ(queue.demand().waiting, 2U);
  queue.set_gate(Gate::open, loop_.monotonic());
  loop_.turn();
  EXPECT_TRUE(clients[0].served() && clients[1].served());
}

TEST_F(Queues, RefuseAllWhoWaitAndWhoComesWhenTheGateIsShut) {
  Queue queue({.slots = 1});
  std::vector<Client> clients(3);
  for (std::size_t i = 0; i < 2; ++i) spawn_ask(queue, clients[i]);
  queue.set_gate(Gate::shut, loop_.monotonic());
  spawn_ask(queue, clients[2]);
  loop_.turn();
  EXPECT_TRUE(clients[0].served()) << "it is under way";
  EXPECT_EQ(clients[1].got->error(), QueueError::shut);
  EXPECT_EQ(clients[2].got->error(), QueueError::shut);
  EXPECT_EQ(queue.demand().waiting, 0U);
}

TEST_F(Queues, LetInAsManyAsThereIsMemoryForAndSayThatSomebodyWaitsForSome) {
  int asked_for_more = 0;
  Queue queue({.slots = 3, .on_demand = [&] { ++asked_for_more; }});
  queue.set_most(1, loop_.monotonic());
  std::vector<Client> clients(3);
  for (Client& client : clients) spawn(ask(queue, loop_, client));
  loop_.turn();
  EXPECT_TRUE(clients[0].served() && !clients[1].got && !clients[2].got);
  EXPECT_EQ(asked_for_more, 2);
  queue.set_most(2, loop_.monotonic());
  loop_.turn();
  EXPECT_TRUE(clients[1].served() && !clients[2].got);
  queue.set_most(1, loop_.monotonic());  // who is at it stays
  clients[0].got.reset();
  loop_.turn();
  EXPECT_TRUE(clients[1].served() && !clients[2].got);
  clients[1].got.reset();
  loop_.turn();
  EXPECT_TRUE(clients[2].served());
}

TEST_F(Queues, LetWorkThatMustBeAloneRunBesideNothing) {
  Queue queue({.slots = 3});
  std::vector<Client> clients(4);
  spawn_ask(queue, clients[0]);
  spawn_ask(queue, clients[1], {.alone = true});
  spawn_ask(queue, clients[2]);
  EXPECT_TRUE(clients[0].served() && !clients[1].got && !clients[2].got) << "what came after it does not go before it for ever";
  clients[0].got.reset();
  loop_.turn();
  EXPECT_TRUE(clients[1].served() && !clients[2].got);
  spawn_ask(queue, clients[3]);
  clients[1].got.reset();
  loop_.turn();
  EXPECT_TRUE(clients[2].served() && clients[3].served());
}

}  // namespace
}  // namespace demarc::engine
