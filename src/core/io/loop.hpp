// Loop: one event loop, one thread. Coroutines live on the loop that spawned them.
//
//   loop.post([&] { ... });                       // from any thread: run this on the loop soon
//   co_await loop.sleep(std::chrono::seconds(1)); // on the loop's thread
//
// Implemented by http/ on Asio and by tests/sim on a seeded schedule.
#pragma once

#include <array>
#include <chrono>
#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <utility>

#include "base/time.hpp"
#include "core/io/task.hpp"

namespace demarc {

class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual Instant now() const = 0;          // wall clock; may jump
  [[nodiscard]] virtual Monotonic monotonic() const = 0;  // never goes back
};
Clock& system_clock();  // the real one; any thread

class Random {
 public:
  virtual ~Random() = default;
  virtual void fill(void* into, std::size_t size_bytes) = 0;  // unpredictable bytes; any thread
  template <std::size_t N>
  std::array<std::uint8_t, N> bytes() {
    std::array<std::uint8_t, N> out;
    fill(out.data(), N);
    return out;
  }
};
Random& system_random();  // getrandom(2); any thread

// Processors that this process may run on, at least 1: fewer than the machine has in a container or under taskset. Any thread.
unsigned usable_cores();

class Loop {
 public:
  virtual ~Loop() = default;
  virtual void post(std::function<void()> work) = 0;    // any thread
  [[nodiscard]] virtual std::size_t index() const = 0;  // 0, 1, … among the program's loops; for per-loop state
  [[nodiscard]] virtual Clock& clock() = 0;
  [[nodiscard]] Monotonic now() { return clock().monotonic(); }

  // Resumes the awaiting coroutine after `duration`, on this loop. Loop's thread only.
  auto sleep(std::chrono::nanoseconds duration) {
    struct Awaiter {
      Loop& loop;
      std::chrono::nanoseconds duration;
      bool await_ready() const { return duration.count() <= 0; }
      void await_suspend(std::coroutine_handle<> awaiting) { loop.resume_after(duration, awaiting); }
      void await_resume() const {}
    };
    return Awaiter{*this, duration};
  }

  // Moves the awaiting coroutine to this loop's thread.
  auto enter() {
    struct Awaiter {
      Loop& loop;
      bool await_ready() const { return false; }
      void await_suspend(std::coroutine_handle<> awaiting) {
        loop.post([awaiting] { awaiting.resume(); });
      }
      void await_resume() const {}
    };
    return Awaiter{*this};
  }

 protected:
  virtual void resume_after(std::chrono::nanoseconds duration, std::coroutine_handle<> waiting) = 0;
};

// Cancellation: a request's way to stop what it waits for. One loop; no locks. cancel() runs the callbacks, newest first, once.
//
//   auto hook = cancellation.on_cancel([&] { connection.close(); });   // until `hook` dies
class Cancellation {
 public:
  class Hook {
   public:
    Hook() = default;
    Hook(Hook&& other) noexcept : owner_(std::exchange(other.owner_, nullptr)), call_(std::move(other.call_)), next_(nullptr) {
      if (owner_) owner_->replace(&other, this);
    }
    Hook& operator=(Hook&&) = delete;
    ~Hook() {
      if (owner_) owner_->remove(this);
    }

   private:
    friend class Cancellation;
    Hook(Cancellation* owner, std::function<void()> call) : owner_(owner), call_(std::move(call)) { next_ = owner->hooks_, owner->hooks_ = this; }
    Cancellation* owner_ = nullptr;
    std::function<void()> call_;
    Hook* next_ = nullptr;
  };

  Cancellation() = default;
  Cancellation(const Cancellation&) = delete;
  Cancellation& operator=(const Cancellation&) = delete;
  ~Cancellation() {
    for (Hook* hook = hooks_; hook != nullptr; hook = hook->next_) hook->owner_ = nullptr;
  }

  [[nodiscard]] bool cancelled() const { return cancelled_; }
  void cancel() {
    if (std::exchange(cancelled_, true)) return;
    while (hooks_ != nullptr) {
      Hook* hook = hooks_;
      hooks_ = hook->next_, hook->owner_ = nullptr;
      const auto call = std::move(hook->call_);
      call();
    }
  }
  [[nodiscard]] Hook on_cancel(std::function<void()> call) { return Hook(this, std::move(call)); }

 private:
  void remove(Hook* gone) {
    for (Hook** at = &hooks_; *at != nullptr; at = &(*at)->next_)
      if (*at == gone) {
        *at = gone->next_;
        return;
      }
  }
  void replace(Hook* old, Hook* fresh) {
    for (Hook** at = &hooks_; *at != nullptr; at = &(*at)->next_)
      if (*at == old) {
        fresh->next_ = old->next_, *at = fresh;
        return;
      }
  }
  Hook* hooks_ = nullptr;
  bool cancelled_ = false;
};

}  // namespace demarc
