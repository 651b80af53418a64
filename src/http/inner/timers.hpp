// Timers: a loop's deadlines, made so that moving one costs nothing. A Timer that moves to a later time stays filed at its earlier one; when that
// comes, it is filed anew. So a connection whose deadline moves with every read touches the heap about once per timeout, not once per read.
//
//   struct Mine : Timer { void fire() override { ... } };
//   timers.set(mine, now + 10s);  timers.clear(mine);
//
// One loop's thread. A Timer forgets itself when it dies.
#pragma once

#include <cstddef>
#include <functional>
#include <limits>
#include <vector>

#include "base/time.hpp"

namespace demarc::http {

inline constexpr Monotonic kNever{std::numeric_limits<std::int64_t>::max()};

class Timers;

class Timer {
 public:
  Timer() = default;
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;
  virtual ~Timer();

 protected:
  virtual void fire() = 0;

 private:
  friend class Timers;
  static constexpr std::size_t kNowhere = std::numeric_limits<std::size_t>::max();
  Timers* owner_ = nullptr;
  Monotonic due_ = kNever;
  Monotonic filed_ = kNever;  // its key in the heap; never later than due_
  std::size_t slot_ = kNowhere;
};

class Timers {
 public:
  // `wake_at` is called when the earliest filed time moves to before what was last asked for.
  explicit Timers(std::function<void(Monotonic)> wake_at) : wake_at_(std::move(wake_at)) {}
  Timers(const Timers&) = delete;
  Timers& operator=(const Timers&) = delete;
  ~Timers();

  void set(Timer& timer, Monotonic due);
  void clear(Timer& timer) { timer.due_ = kNever; }
  void remove(Timer& timer);
  void run_due(Monotonic now);  // fires what is due, then asks for the next wake-up

 private:
  void file(Timer& timer, Monotonic at);
  void sift_up(std::size_t slot);
  void sift_down(std::size_t slot);
  void place(std::size_t slot, Timer* timer) { heap_[slot] = timer, timer->slot_ = slot; }
  void ask();

  std::function<void(Monotonic)> wake_at_;
  Monotonic asked_ = kNever;
  std::vector<Timer*> heap_;
};

}  // namespace demarc::http
