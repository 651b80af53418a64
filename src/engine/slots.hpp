// Slots: how many requests an engine serves at once, and the queue before it. FIFO over all loops, bounded, cancellable, with deadline.
//
//   auto slot = CO_TRY(co_await slots.acquire(loop, cancellation, deadline));   // waits its turn
//   slot.queued();                                                             // how long that took
//   ...                                                                        // freed when `slot` dies, on whatever path
//
// Any loop may call; one mutex, held for no I/O; a waiter is resumed on its own loop.
#pragma once

#include <chrono>
#include <cstdint>
#include <list>
#include <memory>

#include "base/mutex.hpp"
#include "base/result.hpp"
#include "core/io/loop.hpp"
#include "core/io/task.hpp"

namespace demarc::engine {

enum class SlotError : std::uint8_t { queue_full, timeout, cancelled };

class Slots;

class Slot {  // move-only; gives its place back when it dies
 public:
  Slot() = default;
  Slot(Slot&& other) noexcept : owner_(std::exchange(other.owner_, nullptr)), queued_(other.queued_), since_(other.since_) {}
  Slot& operator=(Slot&& other) noexcept {
    std::swap(owner_, other.owner_), std::swap(queued_, other.queued_), std::swap(since_, other.since_);
    return *this;
  }
  ~Slot() { release(); }
  void release();
  [[nodiscard]] std::chrono::nanoseconds queued() const { return queued_; }
  [[nodiscard]] Monotonic since() const { return since_; }  // when it was granted

 private:
  friend class Slots;
  Slot(Slots* owner, std::chrono::nanoseconds queued, Monotonic since) : owner_(owner), queued_(queued), since_(since) {}
  Slots* owner_ = nullptr;
  std::chrono::nanoseconds queued_{0};
  Monotonic since_;
};

class Slots {
 public:
  Slots(std::uint32_t slots, std::size_t queue_limit) : free_(slots), total_(slots), queue_limit_(queue_limit) {}
  Slots(const Slots&) = delete;
  Slots& operator=(const Slots&) = delete;

  Task<Result<Slot, SlotError>> acquire(Loop& loop, Cancellation& cancellation, Deadline deadline);

  [[nodiscard]] std::uint32_t total() const { return total_; }
  [[nodiscard]] std::size_t waiting() const;
  [[nodiscard]] std::uint32_t in_use() const;
  // What a request that came now would wait, from the average time a slot was held. For policy and Retry-After; an estimate.
  [[nodiscard]] std::int64_t expected_wait_ms() const;

 private:
  friend class Slot;
  enum class Fate : std::uint8_t { waiting, granted, timeout, cancelled };
  struct Waiter {
    Loop* loop;
    std::coroutine_handle<> handle;
    Fate fate = Fate::waiting;
  };
  using WaiterPtr = std::shared_ptr<Waiter>;
  void settle(const WaiterPtr& waiter, Fate fate);  // if it still waits: takes it out of the queue and resumes it on its loop
  void release(std::chrono::nanoseconds held);

  mutable Mutex mutex_;
  std::list<WaiterPtr> queue_ GUARDED_BY(mutex_);
  std::uint32_t free_ GUARDED_BY(mutex_);
  double mean_held_ms_ GUARDED_BY(mutex_) = 0;  // exponentially weighted
  const std::uint32_t total_;
  const std::size_t queue_limit_;
};

}  // namespace demarc::engine
