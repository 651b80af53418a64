// What long work shows on stderr: on a terminal one line that rewrites itself, elsewhere plain lines, few of them.
//
//   Progress progress(std::cerr, on_terminal(), {.files = 340, .bytes = 94'000'000});
//   progress.say("a.pdf: is a PDF");           // a line of its own, above the bar
//   progress.add(0, 65'536); progress.add(1, 0);
//   progress.end();                            // the bar is gone; also when it dies
//
//   [=========>                ] 120/340 files, 33/90 MiB, 2.1 MiB/s, 0:27 left
//
// StatusLine, Counter: one thread. Progress: any thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <iosfwd>
#include <string>
#include <string_view>

#include "base/mutex.hpp"

namespace demarc::cli {

bool on_terminal();  // whether stderr is one

class StatusLine {
 public:
  StatusLine(std::ostream& out, bool terminal) : out_(out), terminal_(terminal) {}
  void show(std::string_view text);  // in the place of what it showed before; nothing without a terminal
  void say(std::string_view text);   // a line that stays
  void clear();
  [[nodiscard]] bool terminal() const { return terminal_; }

 private:
  std::ostream& out_;
  const bool terminal_;
  bool shown_ = false;
};

struct Amount {
  std::uint64_t files = 0, bytes = 0;
};

// The bar; at most 79 characters. No rate and no time before they mean something.
std::string progress_text(const Amount& done, const Amount& all, double elapsed_s, bool with_bar);

class Progress {
 public:
  Progress(std::ostream& out, bool terminal, Amount all);
  ~Progress() { end(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void add(std::uint64_t files, std::uint64_t bytes);
  void say(std::string_view text);
  void end();

 private:
  using Clock = std::chrono::steady_clock;
  Mutex mutex_;
  StatusLine line_ GUARDED_BY(mutex_);
  const Amount all_;
  Amount done_ GUARDED_BY(mutex_);
  const Clock::time_point began_ = Clock::now();
  Clock::time_point shown_at_ GUARDED_BY(mutex_) = began_;
};

// The same of work that is told in counts: "[====>     ] 120/340 requests". One thread; show() whenever something changed.
class Counter {
 public:
  Counter(std::ostream& out, bool terminal, std::string unit) : line_(out, terminal), unit_(std::move(unit)) {}
  ~Counter() { end(); }
  Counter(const Counter&) = delete;
  Counter& operator=(const Counter&) = delete;
  void show(std::int64_t done, std::int64_t all);
  void end() { line_.clear(); }

 private:
  StatusLine line_;
  const std::string unit_;
  std::chrono::steady_clock::time_point shown_at_ = std::chrono::steady_clock::now();
};

}  // namespace demarc::cli
