// Task<T>: a coroutine that begins when it is awaited and resumes whoever awaits it. Runs on one loop; never moves between threads by itself.
//
//   Task<Result<Head, HttpError>> read_head(Stream& stream);
//   const Head head = CO_TRY(co_await read_head(stream));
//   spawn(serve(std::move(connection)));      // nobody awaits: runs until done, frees itself
//
// Who starts a task ends it: a Task dropped unawaited never ran. An exception inside travels to the awaiter; one that leaves a spawned task ends the
// program. Parameters are captured by the coroutine's frame, references as references: what they refer to must outlive the task.
#pragma once

#include <coroutine>
#include <exception>
#include <optional>
#include <utility>

#include "base/check.hpp"

namespace demarc {

template <class T>
class Task;

namespace task_detail {

struct PromiseBase {
  std::coroutine_handle<> continuation = std::noop_coroutine();
  std::exception_ptr exception;

  std::suspend_always initial_suspend() noexcept { return {}; }
  struct Final {
    bool await_ready() noexcept { return false; }
    template <class Promise>
    std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> done) noexcept {
      return done.promise().continuation;
    }
    void await_resume() noexcept {}
  };
  Final final_suspend() noexcept { return {}; }
  void unhandled_exception() noexcept { exception = std::current_exception(); }
};

template <class T>
struct Promise : PromiseBase {
  std::optional<T> value;
  Task<T> get_return_object();
  template <class U>
  void return_value(U&& result) {
    value.emplace(std::forward<U>(result));
  }
  T take() {
    if (exception) std::rethrow_exception(exception);
    return std::move(*value);
  }
};

template <>
struct Promise<void> : PromiseBase {
  Task<void> get_return_object();
  void return_void() {}
  void take() const {
    if (exception) std::rethrow_exception(exception);
  }
};

}  // namespace task_detail

template <class T = void>
class [[nodiscard]] Task {
 public:
  using promise_type = task_detail::Promise<T>;

  explicit Task(std::coroutine_handle<promise_type> handle) : handle_(handle) {}
  Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, {})) {}
  Task& operator=(Task&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  ~Task() {
    if (handle_) handle_.destroy();
  }

  auto operator co_await() && {
    struct Awaiter {
      std::coroutine_handle<promise_type> handle;
      bool await_ready() { return false; }
      std::coroutine_handle<> await_suspend(std::coroutine_handle<> awaiting) {
        handle.promise().continuation = awaiting;
        return handle;
      }
      T await_resume() { return handle.promise().take(); }
    };
    CHECK(handle_ && !handle_.done());
    return Awaiter{handle_};
  }

 private:
  std::coroutine_handle<promise_type> handle_;
};

namespace task_detail {
template <class T>
Task<T> Promise<T>::get_return_object() {
  return Task<T>(std::coroutine_handle<Promise<T>>::from_promise(*this));
}
inline Task<void> Promise<void>::get_return_object() { return Task<void>(std::coroutine_handle<Promise<void>>::from_promise(*this)); }

struct Spawned {
  struct promise_type {
    Spawned get_return_object() { return {}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() noexcept { std::terminate(); }
  };
};
inline Spawned run(Task<void> task) { co_await std::move(task); }
}  // namespace task_detail

// Starts the task now, on this thread, until its first suspension; it frees itself when done.
inline void spawn(Task<void> task) { task_detail::run(std::move(task)); }

// A flag that one coroutine waits for and another sets; both on one loop. set() resumes the waiter at once.
//
//   Event durable;  spawn(append_then_set(log, durable));  co_await connect();  co_await durable;
class Event {
 public:
  void set() {
    set_ = true;
    if (waiting_) std::exchange(waiting_, {}).resume();
  }
  [[nodiscard]] bool is_set() const { return set_; }
  auto operator co_await() {
    struct Awaiter {
      Event& event;
      bool await_ready() const { return event.set_; }
      void await_suspend(std::coroutine_handle<> awaiting) {
        CHECK(!event.waiting_);
        event.waiting_ = awaiting;
      }
      void await_resume() const {}
    };
    return Awaiter{*this};
  }

 private:
  bool set_ = false;
  std::coroutine_handle<> waiting_;
};

// A task started at once, to be awaited later. It must be awaited before it is destroyed.
//
//   Started<Result<Index, LogError>> intent(log.append(record));
//   auto connection = co_await connect(...);       // meanwhile the disk syncs
//   CO_TRY(co_await intent.join());
template <class T>
class Started {
 public:
  explicit Started(Task<T> task) { spawn(run(std::move(task))); }
  Started(const Started&) = delete;
  Started& operator=(const Started&) = delete;
  ~Started() { CHECK(done_.is_set()); }
  [[nodiscard]] bool done() const { return done_.is_set(); }
  Task<T> join() {
    co_await done_;
    if (exception_) std::rethrow_exception(exception_);
    co_return std::move(*value_);
  }

 private:
  Task<void> run(Task<T> task) {
    try {
      value_.emplace(co_await std::move(task));
    } catch (...) {
      exception_ = std::current_exception();
    }
    done_.set();
  }
  Event done_;
  std::optional<T> value_;
  std::exception_ptr exception_;
};

}  // namespace demarc
