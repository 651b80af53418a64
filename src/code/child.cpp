#include "code/child.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>

namespace demarc::code {
namespace {

constexpr std::size_t kMostLineBytes = 1U << 20U;

std::vector<char*> pointers(const std::vector<std::string>& texts) {
  std::vector<char*> out;
  out.reserve(texts.size() + 1);
  for (const std::string& text : texts) out.push_back(const_cast<char*>(text.c_str()));  // NOLINT: exec's signature
  out.push_back(nullptr);
  return out;
}

int wait_ms(ToolProcess::Clock::time_point until) {
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - ToolProcess::Clock::now()).count();
  return static_cast<int>(std::clamp<std::int64_t>(left, 0, 60'000));
}

bool ready(int fd, short events, ToolProcess::Clock::time_point until) {
  for (;;) {
    pollfd watched{.fd = fd, .events = events, .revents = 0};
    const int got = poll(&watched, 1, wait_ms(until));
    if (got > 0) return true;
    if (got == 0 && ToolProcess::Clock::now() >= until) return false;
    if (got < 0 && errno != EINTR) return false;
  }
}

// After fork: only what is async-signal-safe.
[[noreturn]] void become(int in, int out, const ToolLimits& limits, char* const* argv, char* const* environment) {
  const rlimit memory{limits.memory_bytes, limits.memory_bytes}, time{limits.processor_s, limits.processor_s}, none{0, 0};
  setrlimit(RLIMIT_AS, &memory), setrlimit(RLIMIT_CPU, &time), setrlimit(RLIMIT_CORE, &none);
  const int nowhere = open("/dev/null", O_WRONLY);
  if (dup2(in, STDIN_FILENO) < 0 || dup2(out, STDOUT_FILENO) < 0 || dup2(nowhere, STDERR_FILENO) < 0 || chdir("/") != 0) _exit(126);
  execvpe(argv[0], argv, environment);
  _exit(127);
}

}  // namespace

Result<ToolProcess, std::string> ToolProcess::start(const std::vector<std::string>& argv, const std::vector<std::string>& environment,
                                                    const ToolLimits& limits) {
  std::signal(SIGPIPE, SIG_IGN);  // a tool that died is an error of write(), not our end
  std::array<int, 2> in{}, out{};
  if (pipe2(in.data(), O_CLOEXEC) != 0) return fail(std::string("pipe: ") + std::strerror(errno));
  if (pipe2(out.data(), O_CLOEXEC) != 0) {
    close(in[0]), close(in[1]);
    return fail(std::string("pipe: ") + std::strerror(errno));
  }
  const std::vector<char*> arguments = pointers(argv), variables = pointers(environment);
  const pid_t pid = fork();
  if (pid == 0) become(in[0], out[1], limits, arguments.data(), variables.data());
  close(in[0]), close(out[1]);
  if (pid < 0) {
    close(in[1]), close(out[0]);
    return fail(std::string("fork: ") + std::strerror(errno));
  }
  fcntl(in[1], F_SETFL, O_NONBLOCK), fcntl(out[0], F_SETFL, O_NONBLOCK);
  return ToolProcess(pid, in[1], out[0]);
}

ToolProcess::~ToolProcess() {
  if (in_ >= 0) close(in_);
  if (out_ >= 0) close(out_);
  if (pid_ <= 0) return;
  kill(pid_, SIGKILL);
  while (waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

// What it says meanwhile is read, or both sides would wait for each other.
bool ToolProcess::write(std::string_view bytes, Clock::time_point until) {
  while (!bytes.empty()) {
    std::array<pollfd, 2> watched{{{.fd = in_, .events = POLLOUT, .revents = 0}, {.fd = at_end_ ? -1 : out_, .events = POLLIN, .revents = 0}}};
    const int got = poll(watched.data(), watched.size(), wait_ms(until));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    if ((watched[1].revents & (POLLIN | POLLHUP)) != 0) fill(until);
    if ((watched[0].revents & (POLLERR | POLLHUP)) != 0) return false;
    if ((watched[0].revents & POLLOUT) == 0) continue;
    const ssize_t wrote = ::write(in_, bytes.data(), bytes.size());
    if (wrote < 0 && errno != EAGAIN && errno != EINTR) return false;
    if (wrote > 0) bytes.remove_prefix(static_cast<std::size_t>(wrote));
  }
  return true;
}

void ToolProcess::no_more_input() {
  if (in_ >= 0) close(std::exchange(in_, -1));
}

bool ToolProcess::fill(Clock::time_point until) {
  if (at_end_ || !ready(out_, POLLIN, until)) return false;
  std::array<char, 65536> buffer{};
  const ssize_t got = read(out_, buffer.data(), buffer.size());
  if (got > 0) read_.append(buffer.data(), static_cast<std::size_t>(got));
  at_end_ = got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR);
  return !at_end_;
}

std::optional<std::string> ToolProcess::read_line(Clock::time_point until, char end) {
  std::size_t searched = 0;
  for (;;) {
    if (const std::size_t at = read_.find(end, searched); at != std::string::npos) {
      std::string line = read_.substr(0, at);
      read_.erase(0, at + 1);
      return line;
    }
    searched = read_.size();
    if (read_.size() > kMostLineBytes || !fill(until)) return {};
  }
}

int ToolProcess::wait() {
  int status = 0;
  while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace demarc::code
