#include "engine/engine.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "core/io/loop.hpp"

namespace demarc::engine {
namespace {

constexpr int kLoadingPollMs = 50;
constexpr std::size_t kLineBytes = 500;

std::int64_t now_ms() { return system_clock().monotonic().ns / 1'000'000; }

std::uint64_t resident_bytes(pid_t pid) {
  const std::string path = "/proc/" + std::to_string(pid) + "/statm";
  std::FILE* file = std::fopen(path.c_str(), "re");
  if (file == nullptr) return 0;
  unsigned long long total = 0, resident = 0;
  const int got = std::fscanf(file, "%llu %llu", &total, &resident);
  std::fclose(file);
  return got == 2 ? resident * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE)) : 0;
}

}  // namespace

std::string_view to_string(EngineState state) {
  switch (state) {
    case EngineState::starting: return "starting";
    case EngineState::ready: return "ready";
    case EngineState::backing_off: return "backing_off";
    case EngineState::stopped: return "stopped";
  }
  return "stopped";
}

std::optional<int> probe(const std::string& socket_path, int timeout_ms) {
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return {};
  const struct Closer {
    int fd;
    ~Closer() { close(fd); }
  } closer{fd};
  const timeval timeout{timeout_ms / 1000, (timeout_ms % 1000) * 1000};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
  setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof timeout);
  sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
  if (socket_path.size() >= sizeof address.sun_path) return {};
  std::memcpy(address.sun_path, socket_path.c_str(), socket_path.size() + 1);
  if (connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) return {};
  constexpr std::string_view kRequest = "GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
  if (send(fd, kRequest.data(), kRequest.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(kRequest.size())) return {};
  std::array<char, 64> head{};  // "HTTP/1.1 200 …": the status line's first bytes are all that is asked
  std::size_t got = 0;
  while (got < 12) {
    const ssize_t n = recv(fd, head.data() + got, head.size() - 1 - got, 0);
    if (n <= 0) return {};
    got += static_cast<std::size_t>(n);
  }
  if (std::memcmp(head.data(), "HTTP/1.", 7) != 0) return {};
  return std::atoi(head.data() + 9);
}

Engine::Engine(EngineSpec spec, Listener listener)
    : spec_(std::move(spec)), listener_(std::move(listener)), wake_fd_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  {
    MutexLock lock(mutex_);
    status_.since = system_clock().monotonic();
  }
  thread_ = std::thread([this] { run(); });
}

Engine::~Engine() {
  stop();
  close(wake_fd_);
}

void Engine::ask_to_stop() {
  stopping_ = true;
  wake();
}

void Engine::stop() {
  if (!thread_.joinable()) return;
  ask_to_stop();
  thread_.join();
}

EngineStatus Engine::status() const {
  MutexLock lock(mutex_);
  return status_;
}

void Engine::suspect() { wake(); }

void Engine::wake() {
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = write(wake_fd_, &one, sizeof one);
}

bool Engine::pause(int ms) {
  const std::int64_t until = now_ms() + ms;
  for (std::int64_t left = ms; left > 0 && !stopping_; left = until - now_ms()) {
    pollfd woken{wake_fd_, POLLIN, 0};
    if (poll(&woken, 1, static_cast<int>(left)) > 0) {
      std::uint64_t count = 0;
      [[maybe_unused]] const ssize_t drained = read(wake_fd_, &count, sizeof count);
    }
  }
  return !stopping_;
}

void Engine::set(EngineState state, std::string error) {
  MutexLock lock(mutex_);
  if (status_.state != state) status_.since = system_clock().monotonic();
  status_.state = state;
  if (!error.empty()) status_.last_error = std::move(error);
}

void Engine::run() {
  int backoff_ms = spec_.backoff_first_ms;
  for (;;) {
    int ready_for_ms = 0;
    if (!run_once(ready_for_ms)) break;
    if (ready_for_ms > 60'000) backoff_ms = spec_.backoff_first_ms;  // it had settled: start over at the shortest wait
    set(EngineState::backing_off, "");
    if (!pause(backoff_ms)) break;
    backoff_ms = std::min(backoff_ms * 2, spec_.backoff_most_ms);
    MutexLock lock(mutex_);
    ++status_.restarts;
  }
  set(EngineState::stopped, "");
  unlink(spec_.socket_path.c_str());
}

bool Engine::run_once(int& ready_for_ms) {
  unlink(spec_.socket_path.c_str());  // a stale socket keeps a stock llama-server from starting
  set(EngineState::starting, "");
  auto started = start_child({.argv = spec_.argv, .memory_limit_bytes = spec_.memory_limit_bytes});
  if (!started) {
    set(EngineState::backing_off, started.error());
    listener_({EngineEventKind::down, started.error()});
    return !stopping_;
  }
  Child child = std::move(started).value();
  {
    MutexLock lock(mutex_);
    status_.pid = child.pid();
  }
  const bool tells_all = spec_.kind != EngineKind::llama;  // our own workers print nothing of what they are asked
  untold_lines_ = 0, partial_line_.clear();
  const std::int64_t started_ms = now_ms();
  std::int64_t ready_ms = 0, answered_ms = 0, next_probe_ms = started_ms;
  std::string ended;
  while (!stopping_ && ended.empty()) {
    const int wait_ms = static_cast<int>(std::clamp<std::int64_t>(next_probe_ms - now_ms(), 0, spec_.probe_interval_ms));
    std::array<pollfd, 3> events{{{child.pid_fd(), POLLIN, 0}, {child.output_fd(), POLLIN, 0}, {wake_fd_, POLLIN, 0}}};
    poll(events.data(), events.size(), wait_ms);
    if (events[1].revents != 0) listen_to(child, tells_all || ready_ms == 0);
    if (events[2].revents != 0) {
      std::uint64_t count = 0;
      [[maybe_unused]] const ssize_t drained = read(wake_fd_, &count, sizeof count);
      next_probe_ms = now_ms();
    }
    if (const auto exit = child.wait(0)) {
      ended = exit->describe();
      break;
    }
    if (now_ms() < next_probe_ms) continue;
    const auto status = probe(spec_.socket_path, ready_ms == 0 ? 200 : std::min(spec_.hang_timeout_ms, 2'000));
    const std::int64_t now = now_ms();
    if (status == 200) {
      answered_ms = now;
      if (ready_ms == 0) {
        listen_to(child, true);  // nobody has asked it anything yet
        ready_ms = now;
        set(EngineState::ready, "");
        listener_({EngineEventKind::ready, "ready after " + std::to_string(now - started_ms) + " ms"});
      }
      const std::uint64_t rss_bytes = resident_bytes(child.pid());
      MutexLock lock(mutex_);
      status_.rss_bytes = rss_bytes;
    } else if (ready_ms == 0 && now - started_ms > spec_.start_timeout_ms) {
      ended = "not ready after " + std::to_string(spec_.start_timeout_ms) + " ms";
    } else if (ready_ms != 0 && now - answered_ms > spec_.hang_timeout_ms) {
      ended = "gave no sign of life for " + std::to_string(spec_.hang_timeout_ms) + " ms";
    }
    next_probe_ms = now + (ready_ms == 0 ? kLoadingPollMs : spec_.probe_interval_ms);
  }
  listen_to(child, tells_all || ready_ms == 0);
  if (stopping_) {
    child.stop(spec_.stop_grace_ms);
    return false;
  }
  child.stop(0);
  ready_for_ms = ready_ms == 0 ? 0 : static_cast<int>(std::min<std::int64_t>(now_ms() - ready_ms, 1'000'000'000));
  set(EngineState::backing_off, ended);
  if (untold_lines_ > 0)
    ended += "; " + std::to_string(untold_lines_) + " lines that it printed while it served are not shown: they may hold what it was asked";
  listener_({EngineEventKind::down, ended});
  return true;
}

void Engine::listen_to(Child& child, bool tell) {
  std::array<char, 4096> buffer{};
  for (;;) {
    const ssize_t got = read(child.output_fd(), buffer.data(), buffer.size());
    if (got <= 0) return;
    for (const char c : std::string_view(buffer.data(), static_cast<std::size_t>(got))) {
      if (c != '\n') {
        if (partial_line_.size() < kLineBytes) partial_line_ += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
        continue;
      }
      if (!tell) ++untold_lines_;
      if (tell && !partial_line_.empty()) listener_({EngineEventKind::output, partial_line_});
      partial_line_.clear();
    }
  }
}

}  // namespace demarc::engine
