#include "engine/slots.hpp"

#include <algorithm>

namespace demarc::engine {
namespace {

constexpr double kWeight = 0.2;  // of the newest holding time in the average

Task<void> after(Loop& loop, Deadline deadline, std::weak_ptr<bool> alive, std::function<void()> expire) {
  co_await loop.sleep(deadline.at - loop.now());
  if (alive.lock()) expire();
}

}  // namespace

void Slot::release() {
  if (owner_ != nullptr) std::exchange(owner_, nullptr)->release(system_clock().monotonic() - since_);
}

Task<Result<Slot, SlotError>> Slots::acquire(Loop& loop, Cancellation& cancellation, Deadline deadline) {
  const Monotonic asked = loop.now();
  if (cancellation.cancelled()) co_return fail(SlotError::cancelled);
  WaiterPtr waiter;
  {
    MutexLock lock(mutex_);
    if (free_ > 0 && queue_.empty()) {
      --free_;
      co_return Slot(this, std::chrono::nanoseconds(0), asked);
    }
    if (queue_.size() >= queue_limit_) co_return fail(SlotError::queue_full);
    waiter = std::make_shared<Waiter>(Waiter{&loop, {}});
  }
  const auto hook = cancellation.on_cancel([this, waiter] { settle(waiter, Fate::cancelled); });
  const auto alive = std::make_shared<bool>(true);
  if (!deadline.is_never()) spawn(after(loop, deadline, alive, [this, waiter] { settle(waiter, Fate::timeout); }));

  struct Wait {
    Slots& slots;
    const WaiterPtr& waiter;
    bool await_ready() const { return false; }
    bool await_suspend(std::coroutine_handle<> awaiting) {
      MutexLock lock(slots.mutex_);
      if (slots.free_ > 0 && slots.queue_.empty()) {  // one became free in between
        --slots.free_;
        waiter->fate = Fate::granted;
        return false;
      }
      waiter->handle = awaiting;
      slots.queue_.push_back(waiter);
      return true;
    }
    void await_resume() const {}
  };
  co_await Wait{*this, waiter};
  switch (waiter->fate) {
    case Fate::granted: co_return Slot(this, loop.now() - asked, loop.now());
    case Fate::timeout: co_return fail(SlotError::timeout);
    case Fate::waiting:
    case Fate::cancelled: break;
  }
  co_return fail(SlotError::cancelled);
}

void Slots::settle(const WaiterPtr& waiter, Fate fate) {
  {
    MutexLock lock(mutex_);
    const auto at = std::find(queue_.begin(), queue_.end(), waiter);
    if (at == queue_.end()) return;
    queue_.erase(at);
    waiter->fate = fate;
  }
  waiter->loop->post([waiter] { waiter->handle.resume(); });
}

void Slots::release(std::chrono::nanoseconds held) {
  WaiterPtr next;
  {
    MutexLock lock(mutex_);
    const double held_ms = static_cast<double>(held.count()) / 1e6;
    mean_held_ms_ = mean_held_ms_ == 0 ? held_ms : mean_held_ms_ + kWeight * (held_ms - mean_held_ms_);
    if (queue_.empty()) {
      ++free_;
      return;
    }
    next = queue_.front();
    queue_.pop_front();
    next->fate = Fate::granted;
  }
  next->loop->post([next] { next->handle.resume(); });
}

std::size_t Slots::waiting() const {
  MutexLock lock(mutex_);
  return queue_.size();
}

std::uint32_t Slots::in_use() const {
  MutexLock lock(mutex_);
  return total_ - free_;
}

std::int64_t Slots::expected_wait_ms() const {
  MutexLock lock(mutex_);
  if (free_ > 0) return 0;
  return static_cast<std::int64_t>(mean_held_ms_ * static_cast<double>(queue_.size() + 1) / total_);
}

}  // namespace demarc::engine
