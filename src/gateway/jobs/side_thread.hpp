// SideThread: one thread for what waits for the disk, so that no loop does. What is given to it is done in order, one after the other.
//
//   const auto job = co_await side.run(loop, [&] { return store.job(id); });    // resumes on `loop`
//
// run(): on the loop that is named. stop(): once, from any other thread; what is left in the queue is done first.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <type_traits>

#include "core/io/loop.hpp"
#include "core/io/task.hpp"

namespace demarc::gateway {

class SideThread {
 public:
  SideThread() : thread_([this] { work(); }) {}
  ~SideThread() { stop(); }
  SideThread(const SideThread&) = delete;
  SideThread& operator=(const SideThread&) = delete;

  template <class Work, class R = std::invoke_result_t<Work>>
  Task<R> run(Loop& loop, Work work) {
    std::optional<R> result;
    co_await Awaiter{*this, loop, [&] { result.emplace(work()); }};
    co_return *std::move(result);
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
    changed_.notify_one();
    if (thread_.joinable()) thread_.join();
  }

 private:
  struct Awaiter {
    SideThread& side;
    Loop& loop;
    std::function<void()> work;
    bool await_ready() const { return false; }
    void await_suspend(std::coroutine_handle<> awaiting) {
      side.post([this, awaiting] {
        work();
        loop.post([awaiting] { awaiting.resume(); });
      });
    }
    void await_resume() const {}
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
  std::thread thread_;  // last: it uses the others
};

}  // namespace demarc::gateway
