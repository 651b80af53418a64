// Signal: wakes one waiting coroutine, and remembers that it was told while nobody waited. Internal to http/; one loop's thread.
//
//   while (!finished) co_await signal;      // elsewhere: signal.notify();
#pragma once

#include <coroutine>
#include <utility>

namespace demarc::http {

class Signal {
 public:
  void notify() {
    if (waiting_)
      std::exchange(waiting_, {}).resume();
    else
      told_ = true;
  }
  bool await_ready() { return std::exchange(told_, false); }
  void await_suspend(std::coroutine_handle<> awaiting) { waiting_ = awaiting; }
  void await_resume() {}

 private:
  std::coroutine_handle<> waiting_;
  bool told_ = false;
};

}  // namespace demarc::http
