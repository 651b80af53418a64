// ToolProcess: a program that answers on its standard output what it is asked on its standard input: git, ctags. No shell, an environment of our own,
// limits on memory and processor time; killed when its owner dies.
//
//   ToolProcess tool = TRY(ToolProcess::start({"ctags", "--_interactive=sandbox"}, {}));
//   tool.write(question);
//   while (auto line = tool.read_line(deadline)) ...
//
// Blocking; one thread.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"

namespace demarc::code {

struct ToolLimits {
  std::uint64_t memory_bytes = std::uint64_t{1} << 30U;
  std::uint64_t processor_s = 600;
};

class ToolProcess {
 public:
  static Result<ToolProcess, std::string> start(const std::vector<std::string>& argv, const std::vector<std::string>& environment,
                                                const ToolLimits& limits = {});
  ToolProcess(ToolProcess&& other) noexcept
      : pid_(std::exchange(other.pid_, -1)), in_(std::exchange(other.in_, -1)), out_(std::exchange(other.out_, -1)), read_(std::move(other.read_)) {}
  ToolProcess& operator=(ToolProcess&& other) noexcept {
    std::swap(pid_, other.pid_), std::swap(in_, other.in_), std::swap(out_, other.out_), std::swap(read_, other.read_);
    return *this;
  }
  ~ToolProcess();

  using Clock = std::chrono::steady_clock;
  bool write(std::string_view bytes, Clock::time_point until);  // false: it is gone, or did not read in time
  void no_more_input();
  std::optional<std::string> read_line(Clock::time_point until, char end = '\n');  // without its end; nullopt: it is gone, or was too slow
  [[nodiscard]] bool at_end() const { return at_end_; }                            // its output came to its end
  int wait();                                                                      // its exit status; -1: a signal ended it

 private:
  ToolProcess(pid_t pid, int in, int out) : pid_(pid), in_(in), out_(out) {}
  bool fill(Clock::time_point until);
  pid_t pid_ = -1;
  int in_ = -1, out_ = -1;
  bool at_end_ = false;
  std::string read_;
};

}  // namespace demarc::code
