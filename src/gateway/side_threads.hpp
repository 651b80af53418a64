// SideThreads: threads for what waits for the disk or takes long, so that no loop does. What is given to a single one is done in order.
//
//   const auto job = co_await side.run(loop, [&] { return store.job(id); });               // resumes on `loop`
//   const auto found = co_await side.run_long(loop, text.size(), [&] { return detectors.find(text); });
//
// run(), run_long(): on the loop that is named; what the work throws travels to who awaits it. stop(): once, from any other thread; what is left in
// the queue is done first.
#pragma once

#include <condition_variable>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <type_traits>
#include <vector>

#include "core/io/loop.hpp"
#include "core/io/task.hpp"

namespace demarc::gateway {

class SideThreads {
 public:
  // A text of this size costs the detectors 60 ms at worst (measured.md, "Texts made to cost much"); a hop costs some 20 µs.
  static constexpr std::size_t kShort_bytes = std::size_t{64} << 10;

  explicit SideThreads(unsigned count = 1) {
    for (unsigned i = 0; i < count; ++i) threads_.emplace_back([this] { work(); });
  }
  ~SideThreads() { stop(); }
  SideThreads(const SideThreads&) = delete;
  SideThreads& operator=(const SideThreads&) = delete;

  template <class Work, class R = std::invoke_result_t<Work>>
  Task<R> run(Loop& loop, Work work) {
    std::optional<R> result;
    co_await Awaiter{*this, loop, [&] { result.emplace(work()); }};
    co_return *std::move(result);
  }
  // For work on so many bytes: at once, on the loop, where they are few.
  template <class Work, class R = std::invoke_result_t<Work>>
  Task<R> run_long(Loop& loop, std::size_t bytes, Work work) {
    if (bytes <= kShort_bytes) co_return work();
    co_return co_await run(loop, std::move(work));
  }
  void post(std::function<void()> work) {
    {
      const std::lock_guard lock(mutex_);
      queue_.push_back(std::move(work));
    }
    changed_.notify_one();
  }
  void stop() {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    changed_.notify_all();
    for (std::thread& thread : threads_)
      if (thread.joinable()) thread.join();
  }

 private:
  struct Awaiter {
    SideThreads& side;
    Loop& loop;
    std::function<void()> work;
    std::exception_ptr exception{};
    bool await_ready() const { return false; }
    void await_suspend(std::coroutine_handle<> awaiting) {
      side.post([this, awaiting] {
        try {
          work();
        } catch (...) {
          exception = std::current_exception();
        }
        loop.post([awaiting] { awaiting.resume(); });
      });
    }
    void await_resume() const {
      if (exception) std::rethrow_exception(exception);
    }
  };

  void work() {
    std::unique_lock lock(mutex_);
    for (;;) {
      changed_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
      if (queue_.empty()) return;
      const auto next = std::move(queue_.front());
      queue_.pop_front();
      lock.unlock();
      next();
      lock.lock();
    }
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> queue_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;  // last: they use the others
};

}  // namespace demarc::gateway
