// SimLoop: an event loop on a clock that moves only when there is nothing else to do, so that a day passes in seconds.
//
//   SimLoop loop;
//   loop.after(std::chrono::hours(1), [&] { … });
//   loop.run_until(start + std::chrono::hours(24), [&] { return log.waiting() > 0; });   // the second: whether another thread still owes us
//   something
//
// One thread runs it; post() from any. Equal times run in the order in which they were asked for.
#pragma once

#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>

#include "core/io/loop.hpp"

namespace demarc::sim {

class SimClock final : public Clock {
 public:
  [[nodiscard]] Instant now() const override { return {kBegin.unix_ns + passed_.load().count()}; }
  [[nodiscard]] Monotonic monotonic() const override { return {kHour + passed_.load().count()}; }
  void advance_to(Monotonic at) { passed_ = std::chrono::nanoseconds(at.ns - kHour); }

 private:
  static constexpr Instant kBegin{1'790'000'000'000'000'000};  // 2026-09-21
  static constexpr std::int64_t kHour = 3'600'000'000'000;     // a machine that just came up would make subtraction look right by chance
  std::atomic<std::chrono::nanoseconds> passed_{};
};

class SimLoop final : public Loop {
 public:
  void post(std::function<void()> work) override;
  [[nodiscard]] std::size_t index() const override { return 0; }
  [[nodiscard]] SimClock& clock() override { return clock_; }

  void after(std::chrono::nanoseconds duration, std::function<void()> work);
  // Runs all that is due until then. `owed`: something will be posted by another thread, so the clock stands.
  void run_until(Monotonic until, const std::function<bool()>& owed);
  [[nodiscard]] std::size_t timers() const { return timers_.size(); }

 protected:
  void resume_after(std::chrono::nanoseconds duration, std::coroutine_handle<> waiting) override;

 private:
  bool run_one();  // false: nothing is ready
  void wait_for_post();

  SimClock clock_;
  std::multimap<std::int64_t, std::function<void()>> timers_;  // by monotonic nanosecond
  std::mutex mutex_;
  std::condition_variable posted_;
  std::deque<std::function<void()>> ready_;
};

}  // namespace demarc::sim
