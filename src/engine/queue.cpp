#include "engine/queue.hpp"

#include <algorithm>
#include <tuple>
#include <vector>

#include "base/check.hpp"

namespace demarc::engine {
namespace {

constexpr double kWeight = 0.2;        // of the newest holding time in the average
constexpr double kUnknown_s = 1.0;     // expected of work that nobody knows, before anything was measured
constexpr std::size_t kLookedAt = 64;  // of those that wait, for one that has room
constexpr std::size_t kTeams = 1'024;  // that are remembered in a class; beyond, those whose turn is nearest are forgotten

std::size_t index_of(WorkClass work_class) { return static_cast<std::size_t>(work_class); }
double to_s(std::chrono::nanoseconds time) { return static_cast<double>(time.count()) / 1e9; }

Task<void> after(Loop& loop, Deadline deadline, std::weak_ptr<bool> alive, std::function<void()> expire) {
  co_await loop.sleep(deadline.at - loop.now());
  if (alive.lock()) expire();
}

}  // namespace

void Slot::release() {
  if (owner_ != nullptr) std::exchange(owner_, nullptr)->release(id_, system_clock().monotonic());
}

bool Queue::Sooner::operator()(const WaiterPtr& a, const WaiterPtr& b) const {
  return std::tuple(a->work.work_class, a->turn, a->id) < std::tuple(b->work.work_class, b->turn, b->id);
}

double Queue::seconds_of(std::chrono::nanoseconds expected) const {
  if (expected.count() > 0) return to_s(expected);
  return mean_held_s_ > 0 ? mean_held_s_ : kUnknown_s;
}

bool Queue::has_room(WorkClass work_class, std::chrono::nanoseconds expected, bool alone) const {
  if (gate_ != Gate::open || running_.size() >= most_) return false;
  if (alone || std::ranges::any_of(running_, [](const auto& r) { return r.second.alone; })) return running_.empty();
  const auto batch = static_cast<std::size_t>(std::ranges::count_if(running_, [](const auto& r) { return r.second.work_class == WorkClass::batch; }));
  if (running_.size() < settings_.slots) return work_class != WorkClass::batch || settings_.slots == 1 || batch + 1 < settings_.slots;
  if (work_class == WorkClass::batch || running_.size() >= settings_.slots + settings_.beside) return false;
  const bool is_short = expected.count() > 0 && expected <= kShort;
  return is_short || std::ranges::all_of(running_, [&](const auto& r) { return work_class < r.second.work_class; });
}

// Its turn, and when its team's next one comes.
void Queue::enter(Waiter& waiter) {
  CHECK(waiter.work.weight > 0);
  Shares& shares = shares_[index_of(waiter.work.work_class)];
  waiter.id = next_id_++;
  const auto known = shares.next.find(waiter.work.team);
  waiter.turn = known == shares.next.end() ? shares.now : std::max(known->second, shares.now);
  const double next = waiter.turn + seconds_of(waiter.work.expected) / waiter.work.weight;
  if (known != shares.next.end()) {
    known->second = next;
    return;
  }
  std::erase_if(shares.next, [&](const auto& team) { return team.second <= shares.now; });
  if (shares.next.size() >= kTeams) shares.next.erase(std::ranges::min_element(shares.next, {}, [](const auto& team) { return team.second; }));
  shares.next.emplace(waiter.work.team, next);
}

void Queue::start(Waiter& waiter, Monotonic now) {
  Shares& shares = shares_[index_of(waiter.work.work_class)];
  shares.now = std::max(shares.now, waiter.turn);
  waiter.fate = Fate::granted;
  last_class_ = waiter.work.work_class, last_use_ = now;
  running_.emplace(waiter.id,
                   Running{waiter.loop, waiter.work.work_class, now, waiter.work.expected, std::move(waiter.work.give_back), waiter.work.alone});
}

std::vector<Queue::WaiterPtr> Queue::start_all(Monotonic now) {
  std::vector<WaiterPtr> out;
  std::size_t looked_at = 0;
  for (auto at = waiting_.begin(); at != waiting_.end() && looked_at < kLookedAt; ++looked_at) {
    const WaiterPtr& waiter = *at;
    if (has_room(waiter->work.work_class, waiter->work.expected, waiter->work.alone)) {
      out.push_back(waiter);
      at = waiting_.erase(at);
      start(*out.back(), now);
    } else if (settings_.beside > 0 && !waiter->work.alone) {
      ++at;  // something shorter behind it may have a place beside
    } else {
      break;
    }
  }
  return out;
}

// One place for each that waits before batch work, as long as there is batch work that can give one.
void Queue::ask_back() {
  if (gate_ != Gate::open) return;
  auto wanted = std::ranges::count_if(waiting_, [](const WaiterPtr& waiter) { return waiter->work.work_class != WorkClass::batch; });
  wanted -= std::ranges::count_if(running_, [](const auto& r) { return r.second.is_asked; });
  while (wanted-- > 0) {
    Running* youngest = nullptr;
    for (auto& [id, running] : running_)
      if (running.work_class == WorkClass::batch && running.give_back && (youngest == nullptr || running.since >= youngest->since))
        youngest = &running;
    if (youngest == nullptr) return;
    youngest->is_asked = true;
    youngest->loop->post(std::exchange(youngest->give_back, nullptr));
  }
}

Task<Result<Slot, QueueError>> Queue::acquire(Loop& loop, Cancellation& cancellation, Deadline deadline, Work work) {
  const Monotonic asked = loop.now();
  if (cancellation.cancelled()) co_return fail(QueueError::cancelled);
  const auto waiter = std::make_shared<Waiter>(Waiter{.loop = &loop, .work = std::move(work), .asked = asked});
  const auto hook = cancellation.on_cancel([this, waiter] { settle(waiter, Fate::cancelled); });
  const auto alive = std::make_shared<bool>(true);

  struct Wait {
    Queue& queue;
    const WaiterPtr& waiter;
    bool await_ready() const { return false; }
    bool await_suspend(std::coroutine_handle<> awaiting) {
      MutexLock lock(queue.mutex_);
      if (queue.gate_ == Gate::shut) {
        waiter->fate = Fate::shut;
        return false;
      }
      queue.enter(*waiter);
      waiter->handle = awaiting;
      queue.waiting_.insert(waiter);
      for (const WaiterPtr& started : queue.start_all(waiter->asked))
        if (started != waiter) started->loop->post([started] { started->handle.resume(); });
      if (waiter->fate == Fate::granted) return false;
      if (queue.waiting_.size() > queue.limit_ && !waiter->work.comes_back) {
        queue.waiting_.erase(waiter);
        queue.shares_[index_of(waiter->work.work_class)].next[waiter->work.team] = waiter->turn;
        waiter->fate = Fate::full;
        return false;
      }
      queue.ask_back();
      if ((queue.gate_ == Gate::held || queue.running_.size() >= queue.most_) && queue.settings_.on_demand) queue.settings_.on_demand();
      return true;
    }
    void await_resume() const {}
  };
  if (!deadline.is_never()) spawn(after(loop, deadline, alive, [this, waiter] { settle(waiter, Fate::timeout); }));
  co_await Wait{*this, waiter};
  switch (waiter->fate) {
    case Fate::granted: co_return Slot(this, waiter->id, loop.now() - asked, loop.now());
    case Fate::full: co_return fail(QueueError::full);
    case Fate::timeout: co_return fail(QueueError::timeout);
    case Fate::shut: co_return fail(QueueError::shut);
    case Fate::waiting:
    case Fate::cancelled: break;
  }
  co_return fail(QueueError::cancelled);
}

void Queue::settle(const WaiterPtr& waiter, Fate fate) {
  {
    MutexLock lock(mutex_);
    if (waiter->fate != Fate::waiting || waiting_.erase(waiter) == 0) return;
    waiter->fate = fate;
  }
  waiter->loop->post([waiter] { waiter->handle.resume(); });
}

void Queue::release(std::uint64_t id, Monotonic now) {
  std::vector<WaiterPtr> next;
  {
    MutexLock lock(mutex_);
    const auto done = running_.find(id);
    CHECK(done != running_.end());
    const double held_s = to_s(now - done->second.since);
    mean_held_s_ = mean_held_s_ == 0 ? held_s : mean_held_s_ + kWeight * (held_s - mean_held_s_);
    running_.erase(done);
    ++released_, last_use_ = now;
    next = start_all(now);
  }
  resume(next);
}

void Queue::resume(const std::vector<WaiterPtr>& waiters) {
  for (const WaiterPtr& waiter : waiters) waiter->loop->post([waiter] { waiter->handle.resume(); });
}

void Queue::set_most(std::uint32_t most, Monotonic now) {
  CHECK(most > 0);
  std::vector<WaiterPtr> next;
  {
    MutexLock lock(mutex_);
    if (std::exchange(most_, most) < most) next = start_all(now);
  }
  resume(next);
}

void Queue::set_gate(Gate gate, Monotonic now) {
  std::vector<WaiterPtr> resumed;
  {
    MutexLock lock(mutex_);
    gate_ = gate;
    if (gate == Gate::open) resumed = start_all(now);
    if (gate == Gate::shut) {
      resumed.assign(waiting_.begin(), waiting_.end());
      for (const WaiterPtr& waiter : resumed) waiter->fate = Fate::shut;
      waiting_.clear();
    }
  }
  resume(resumed);
}

Gate Queue::gate() const {
  MutexLock lock(mutex_);
  return gate_;
}

Demand Queue::demand() const {
  MutexLock lock(mutex_);
  Demand demand{.waiting = waiting_.size(), .in_use = static_cast<std::uint32_t>(running_.size()), .last_class = last_class_, .last_use = last_use_};
  if (waiting_.empty()) return demand;
  demand.most_urgent = (*waiting_.begin())->work.work_class;
  demand.oldest = (*std::ranges::min_element(waiting_, {}, [](const WaiterPtr& waiter) { return waiter->asked; }))->asked;
  return demand;
}

std::uint64_t Queue::released() const {
  MutexLock lock(mutex_);
  return released_;
}

std::size_t Queue::waiting() const {
  MutexLock lock(mutex_);
  return waiting_.size();
}

std::array<std::size_t, kWorkClassCount> Queue::waiting_by_class() const {
  MutexLock lock(mutex_);
  std::array<std::size_t, kWorkClassCount> out{};
  for (const WaiterPtr& waiter : waiting_) ++out[index_of(waiter->work.work_class)];
  return out;
}

std::uint32_t Queue::in_use() const {
  MutexLock lock(mutex_);
  return static_cast<std::uint32_t>(running_.size());
}

std::int64_t Queue::expected_wait_ms(WorkClass work_class, Monotonic now) const {
  MutexLock lock(mutex_);
  if (waiting_.empty() && has_room(work_class, kShort)) return 0;
  std::multiset<double> free_at;  // of each slot, in seconds from now
  for (const auto& [id, running] : running_) {
    const bool gives_way = work_class != WorkClass::batch && running.work_class == WorkClass::batch && (running.give_back || running.is_asked);
    free_at.insert(gives_way ? 0 : std::max(seconds_of(running.expected) - to_s(now - running.since), 0.0));
  }
  while (free_at.size() < std::min(settings_.slots, most_)) free_at.insert(0);
  for (const WaiterPtr& waiter : waiting_) {
    if (waiter->work.work_class > work_class) break;
    const double begins = *free_at.begin();
    free_at.erase(free_at.begin());
    free_at.insert(begins + seconds_of(waiter->work.expected));
  }
  return static_cast<std::int64_t>(*free_at.begin() * 1000);
}

}  // namespace demarc::engine
