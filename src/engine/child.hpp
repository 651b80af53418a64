// Child: one process that demarc started and that dies with it.
//
//   Child child = TRY(start_child({.argv = {"/usr/bin/llama-server", "-m", path}, .memory_limit_bytes = 2 << 30}));
//   child.wait(500);          // has it ended?
//   child.stop(5000);         // SIGTERM, then SIGKILL
//
// The child gets: an empty environment but for PATH, HOME, LANG and which GPUs it may use, no open files but its own output, no network
// (sandbox.hpp), a limit on its own memory (RLIMIT_DATA: mapped model files do not count), no core dump, lower priority, and SIGKILL when our process
// ends for whatever reason. One owner; any one thread at a time.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.hpp"

namespace demarc::engine {

enum class Sandbox : std::uint8_t { no_network, none };  // none: only for tests that show the difference

struct ChildSpec {
  std::vector<std::string> argv;         // argv[0] is a path; no shell is involved
  std::uint64_t memory_limit_bytes = 0;  // 0: unlimited
  Sandbox sandbox = Sandbox::no_network;
};

struct Exit {
  int code = 0;                                // exit status, or −signal
  [[nodiscard]] std::string describe() const;  // "exit status 1", "killed by signal 9"
};

class Child {
 public:
  Child() = default;
  Child(Child&& other) noexcept;
  Child& operator=(Child&& other) noexcept;
  ~Child();  // kills and reaps

  [[nodiscard]] pid_t pid() const { return pid_; }
  [[nodiscard]] int pid_fd() const { return pid_fd_; }        // readable when the child has ended
  [[nodiscard]] int output_fd() const { return output_fd_; }  // its stdout and stderr, non-blocking
  // The exit, if it comes within `timeout_ms` (0: only looks).
  std::optional<Exit> wait(int timeout_ms);
  // SIGTERM, after `grace_ms` SIGKILL; returns when it is reaped.
  void stop(int grace_ms);

 private:
  friend Result<Child, std::string> start_child(const ChildSpec& spec);
  pid_t pid_ = -1;
  int pid_fd_ = -1, output_fd_ = -1;
};

Result<Child, std::string> start_child(const ChildSpec& spec);

}  // namespace demarc::engine
