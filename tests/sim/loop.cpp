#include "loop.hpp"

namespace demarc::sim {

void SimLoop::post(std::function<void()> work) {
  const std::lock_guard lock(mutex_);
  ready_.push_back(std::move(work));
  posted_.notify_one();
}

void SimLoop::after(std::chrono::nanoseconds duration, std::function<void()> work) {
  timers_.emplace(now().ns + std::max<std::int64_t>(duration.count(), 0), std::move(work));
}

void SimLoop::resume_after(std::chrono::nanoseconds duration, std::coroutine_handle<> waiting) {
  after(duration, [waiting] { waiting.resume(); });
}

bool SimLoop::run_one() {
  std::unique_lock lock(mutex_);
  if (ready_.empty()) return false;
  const auto work = std::move(ready_.front());
  ready_.pop_front();
  lock.unlock();
  work();
  return true;
}

void SimLoop::wait_for_post() {
  std::unique_lock lock(mutex_);
  // Not for ever: what is owed may have come, and be told so, after we looked.
  posted_.wait_for(lock, std::chrono::milliseconds(1), [this] { return !ready_.empty(); });
}

void SimLoop::run_until(Monotonic until, const std::function<bool()>& owed) {
  for (;;) {
    while (run_one()) {
    }
    if (owed()) {
      wait_for_post();
      continue;
    }
    if (run_one()) continue;  // it came before `owed` was asked
    if (timers_.empty() || timers_.begin()->first > until.ns) break;
    const auto first = timers_.begin();
    clock_.advance_to({first->first});
    const auto work = std::move(first->second);
    timers_.erase(first);
    work();
  }
  clock_.advance_to(until);
}

}  // namespace demarc::sim
