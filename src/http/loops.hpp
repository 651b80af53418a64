// Loops: the program's event loops, one thread each. Nothing in a request's path is shared between them but what is named so.
//
//   Loops loops(2);                                       // 0: one per CPU
//   loops.on_signals({SIGTERM, SIGINT}, [&](int) { ... }); // runs on loop 0
//   loops.start();
//   Server server(loops, options, handler, error_body);   // and clients: everything that lives on the loops dies before them
//   ...
//   loops.stop(), loops.join();
//
// One thread owns a Loops; at(i).post() may be called from any thread. Ignores SIGPIPE for the whole program.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

#include "core/io/loop.hpp"

namespace demarc::http {

class AsioLoop;

class Loops {
 public:
  explicit Loops(std::size_t count);
  Loops(const Loops&) = delete;
  Loops& operator=(const Loops&) = delete;
  ~Loops();  // stops and joins

  void start();  // once
  void stop();   // at once: what still waits never resumes. Any thread
  void join();   // until stopped; not on a loop's thread
  [[nodiscard]] std::size_t size() const { return loops_.size(); }
  [[nodiscard]] Loop& at(std::size_t i);
  [[nodiscard]] AsioLoop& inner(std::size_t i) { return *loops_.at(i); }  // for http/ itself

  // Calls `handle` on loop 0 for each of these signals, as often as they come. Before start().
  void on_signals(const std::vector<int>& signals, std::function<void(int)> handle);

 private:
  std::vector<std::unique_ptr<AsioLoop>> loops_;
  struct Signals;
  std::unique_ptr<Signals> signals_;
};

}  // namespace demarc::http
