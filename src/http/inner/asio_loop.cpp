#include "http/inner/asio_loop.hpp"

#include <time.h>

#include <boost/asio/post.hpp>

#include "base/check.hpp"

namespace demarc::http {
namespace {

struct Sleeper final : Timer {
  explicit Sleeper(std::coroutine_handle<> waiting) : waiting_(waiting) {}
  void fire() override {
    const auto waiting = waiting_;
    delete this;
    waiting.resume();
  }
  std::coroutine_handle<> waiting_;
};

}  // namespace

// Descriptors are only touched by the loop's own thread, so Asio need not lock them; post() from other threads stays allowed.
AsioLoop::AsioLoop(std::size_t index)
    : index_(index),
      context_(BOOST_ASIO_CONCURRENCY_HINT_UNSAFE_IO),
      work_(context_.get_executor()),
      alarm_(context_.get_executor()),
      timers_([this](Monotonic at) { wake_at(at); }),
      scratch_(std::make_unique<std::array<char, kScratchBytes>>()) {}

AsioLoop::~AsioLoop() {
  stop();
  join();
}

void AsioLoop::post(std::function<void()> work) { asio::post(context_, std::move(work)); }

void AsioLoop::start() {
  CHECK(!thread_.joinable());
  thread_ = std::thread([this] {
    pthread_setname_np(pthread_self(), ("loop-" + std::to_string(index_)).c_str());
    context_.run();
  });
}

void AsioLoop::join() {
  if (thread_.joinable()) thread_.join();
}

Monotonic AsioLoop::coarse_now() const {
  timespec t{};
  clock_gettime(CLOCK_MONOTONIC_COARSE, &t);
  return {std::int64_t{t.tv_sec} * 1'000'000'000 + t.tv_nsec};
}

std::string_view AsioLoop::http_date() {
  timespec t{};
  clock_gettime(CLOCK_REALTIME_COARSE, &t);
  if (t.tv_sec != date_s_) {
    date_s_ = t.tv_sec;
    tm parts{};
    gmtime_r(&t.tv_sec, &parts);
    date_.resize(32);
    date_.resize(std::strftime(date_.data(), date_.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts));
  }
  return date_;
}

void AsioLoop::resume_after(std::chrono::nanoseconds duration, std::coroutine_handle<> waiting) {
  timers_.set(*new Sleeper(waiting), now() + duration);
}

void AsioLoop::wake_at(Monotonic at) {
  alarm_.expires_at(std::chrono::steady_clock::time_point(std::chrono::nanoseconds(at.ns)));
  alarm_.async_wait([this](boost::system::error_code error) {
    if (!error) timers_.run_due(now());
  });
}

}  // namespace demarc::http
