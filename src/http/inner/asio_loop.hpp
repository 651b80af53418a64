// AsioLoop: Loop on one boost::asio::io_context, with what the connections of a loop share: timers and scratch memory, so that an idle connection
// holds no buffer of its own. Internal to http/; on the loop's thread but for post() and stop().
#pragma once

#include <pthread.h>

#include <array>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <string>
#include <thread>

#include "core/io/loop.hpp"
#include "http/inner/timers.hpp"

namespace demarc::http {

namespace asio = boost::asio;

class AsioLoop final : public Loop {
 public:
  explicit AsioLoop(std::size_t index);
  ~AsioLoop() override;

  void post(std::function<void()> work) override;
  [[nodiscard]] std::size_t index() const override { return index_; }
  [[nodiscard]] Clock& clock() override { return system_clock(); }

  void start();
  void stop() { context_.stop(); }
  void join();

  [[nodiscard]] asio::io_context& context() { return context_; }
  [[nodiscard]] Timers& timers() { return timers_; }
  [[nodiscard]] Monotonic coarse_now() const;  // cheap; a few milliseconds behind now()

  // What is read here is gone when the reader next waits.
  static constexpr std::size_t kScratchBytes = 64 * 1024;
  [[nodiscard]] std::array<char, kScratchBytes>& scratch() { return *scratch_; }
  [[nodiscard]] std::string& head() { return head_.clear(), head_; }  // for a head that is written at once
  [[nodiscard]] std::string_view http_date();                         // "Tue, 24 Nov 2026 09:30:00 GMT"

 protected:
  void resume_after(std::chrono::nanoseconds duration, std::coroutine_handle<> waiting) override;

 private:
  void wake_at(Monotonic at);

  std::size_t index_;
  asio::io_context context_;
  asio::executor_work_guard<asio::io_context::executor_type> work_;
  asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>, asio::io_context::executor_type> alarm_;
  Timers timers_;
  std::unique_ptr<std::array<char, kScratchBytes>> scratch_;
  std::string head_;
  std::int64_t date_s_ = -1;
  std::string date_;
  std::thread thread_;
};

}  // namespace demarc::http
