#include "http/loops.hpp"

#include <signal.h>

#include <boost/asio/signal_set.hpp>
#include <thread>

#include "base/check.hpp"
#include "http/inner/asio_loop.hpp"

namespace demarc::http {

struct Loops::Signals {
  Signals(AsioLoop& loop, std::function<void(int)> h) : set(loop.context()), handle(std::move(h)) {}
  asio::signal_set set;
  std::function<void(int)> handle;
  void wait() {
    set.async_wait([this](boost::system::error_code error, int number) {
      if (error) return;
      handle(number);
      wait();
    });
  }
};

Loops::Loops(std::size_t count) {
  ::signal(SIGPIPE, SIG_IGN);  // OpenSSL writes without MSG_NOSIGNAL
  if (count == 0) count = usable_cores();
  for (std::size_t i = 0; i < count; ++i) loops_.push_back(std::make_unique<AsioLoop>(i));
}

Loops::~Loops() {
  stop();
  join();
  signals_.reset();
}

void Loops::start() {
  for (auto& loop : loops_) loop->start();
}

void Loops::stop() {
  for (auto& loop : loops_) loop->stop();
}

void Loops::join() {
  for (auto& loop : loops_) loop->join();
}

Loop& Loops::at(std::size_t i) { return *loops_.at(i); }

void Loops::on_signals(const std::vector<int>& signals, std::function<void(int)> handle) {
  CHECK(!signals_);
  signals_ = std::make_unique<Signals>(*loops_.front(), std::move(handle));
  for (const int number : signals) signals_->set.add(number);
  signals_->wait();
}

}  // namespace demarc::http
