#include "engine/engine.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <limits>

#include "core/io/loop.hpp"
#include "engine/vitals.hpp"

namespace demarc::engine {
namespace {

constexpr int kLoadingPollMs = 50;
constexpr std::size_t kLineBytes = 500;
constexpr std::size_t kReplyBytes = 64 << 10;
constexpr int kProbeMs = 2'000;

std::int64_t now_ms() { return system_clock().monotonic().ns / 1'000'000; }

// The number behind `name` in a body of lines or of JSON; 0: none.
std::uint64_t number_after(std::string_view body, std::string_view name) {
  const auto at = body.find(name);
  if (at == std::string_view::npos) return 0;
  const char* from = body.data() + at + name.size();
  std::uint64_t number = 0;
  std::from_chars(from, body.data() + body.size(), number);
  return number;
}

EngineCounters read_counters(EngineKind kind, std::string_view body) {
  if (kind != EngineKind::llama) return {.steps = number_after(body, "\"done\":") + number_after(body, "\"steps\":")};
  return {.steps = number_after(body, "\nllamacpp:n_decode_total "),
          .prompt_tokens = number_after(body, "\nllamacpp:prompt_tokens_total "),
          .cached_tokens = number_after(body, "\nllamacpp:prompt_tokens_cached_total "),
          .generated_tokens = number_after(body, "\nllamacpp:tokens_predicted_total ")};
}

// llama-server's lines begin with a time and a level: "0.03.196.294 I llama_kv_cache: …". 0: this one does not.
char level_of(std::string_view line) {
  const auto space = line.find(' ');
  if (space == std::string_view::npos || space < 8 || space + 2 >= line.size() || line[space + 2] != ' ') return 0;
  for (const char c : line.substr(0, space))
    if (c != '.' && (c < '0' || c > '9')) return 0;
  return line[space + 1];
}

}  // namespace

std::string_view to_string(EngineState state) {
  switch (state) {
    case EngineState::unloaded: return "unloaded";
    case EngineState::starting: return "starting";
    case EngineState::ready: return "ready";
    case EngineState::backing_off: return "backing_off";
    case EngineState::resting: return "resting";
    case EngineState::stopped: return "stopped";
  }
  return "stopped";
}

std::optional<ProbeReply> probe(const std::string& socket_path, std::string_view target, int timeout_ms) {
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
  const std::string request = "GET " + std::string(target) + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
  if (send(fd, request.data(), request.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(request.size())) return {};
  std::string answer;
  std::array<char, 4096> piece{};
  while (answer.size() < kReplyBytes) {
    const ssize_t got = recv(fd, piece.data(), piece.size(), 0);
    if (got < 0) return {};
    if (got == 0) break;
    answer.append(piece.data(), static_cast<std::size_t>(got));
  }
  const auto body = answer.find("\r\n\r\n");
  if (body == std::string::npos || !answer.starts_with("HTTP/1.") || answer.size() < 12) return {};
  return ProbeReply{.status = std::atoi(answer.c_str() + 9), .body = answer.substr(body + 4)};
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

void Engine::load(std::vector<std::string> more) {
  {
    MutexLock lock(mutex_);
    more_arguments_ = std::move(more);
  }
  wanted_ = true;
  wake();
}

void Engine::unload() {
  wanted_ = false;
  wake();
}

void Engine::suspect() {
  suspected_ = true;
  wake();
}

void Engine::wake() {
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = write(wake_fd_, &one, sizeof one);
}

bool Engine::take_wake() {
  std::uint64_t count = 0;
  return read(wake_fd_, &count, sizeof count) == sizeof count;
}

void Engine::pause(std::int64_t ms, bool wanted) {
  const std::int64_t until = now_ms() + ms;
  for (std::int64_t left = ms; left > 0 && !stopping_ && wanted_ == wanted; left = until - now_ms()) {
    pollfd woken{wake_fd_, POLLIN, 0};
    if (poll(&woken, 1, static_cast<int>(std::min<std::int64_t>(left, 1'000'000))) > 0) take_wake();
  }
}

void Engine::set(EngineState state, std::string error) {
  MutexLock lock(mutex_);
  if (status_.state != state) status_.since = system_clock().monotonic();
  status_.state = state;
  if (!error.empty()) status_.last_error = std::move(error);
}

void Engine::run() {
  std::int64_t backoff_ms = spec_.backoff_first_ms, rest_ms = spec_.rest_first_ms;
  std::deque<std::int64_t> deaths;
  while (!stopping_) {
    if (!wanted_) {
      if (status().state != EngineState::unloaded) {
        backoff_ms = spec_.backoff_first_ms;
        set(EngineState::unloaded, "");
        listener_({EngineEventKind::unloaded, ""});
      }
      pause(std::numeric_limits<std::int32_t>::max(), false);
      continue;
    }
    std::int64_t ready_for_ms = 0;
    const auto why = run_once(ready_for_ms);
    if (!why) continue;
    if (ready_for_ms > 60'000) backoff_ms = spec_.backoff_first_ms;  // it had settled: start over at the shortest wait
    if (ready_for_ms > spec_.deaths_window_ms) rest_ms = spec_.rest_first_ms;
    deaths.push_back(now_ms());
    while (deaths.front() < now_ms() - spec_.deaths_window_ms) deaths.pop_front();
    const bool rests = deaths.size() >= static_cast<std::size_t>(spec_.deaths_most);
    const std::int64_t wait_ms = rests ? rest_ms : backoff_ms;
    {
      MutexLock lock(mutex_);
      status_.pid = -1;
      status_.rests_until = system_clock().monotonic() + std::chrono::milliseconds(wait_ms);
    }
    set(rests ? EngineState::resting : EngineState::backing_off, *why);
    listener_({EngineEventKind::down,
               *why + (rests ? "; " + std::to_string(deaths.size()) + " ends in a short time: it rests for " + std::to_string(rest_ms / 1000) + " s"
                             : "")});
    pause(wait_ms, true);
    if (rests) {
      rest_ms = std::min<std::int64_t>(rest_ms * 2, spec_.rest_most_ms);
      for (std::int64_t& death : deaths) death = now_ms();  // the next life is a trial: if it ends within the window, it was one too many
    } else {
      backoff_ms = std::min<std::int64_t>(backoff_ms * 2, spec_.backoff_most_ms);
    }
    MutexLock lock(mutex_);
    ++status_.restarts;
  }
  set(EngineState::stopped, "");
  unlink(spec_.socket_path.c_str());
}

// What is known of one life of the child.
struct Engine::Life {
  std::int64_t started_ms, ready_ms = 0;
  pid_t pid;
  Vitals vitals;
  std::string ended{};
};

std::optional<std::string> Engine::run_once(std::int64_t& ready_for_ms) {
  unlink(spec_.socket_path.c_str());  // a stale socket keeps a stock llama-server from starting
  set(EngineState::starting, "");
  std::vector<std::string> argv = spec_.argv;
  {
    MutexLock lock(mutex_);
    argv.insert(argv.end(), more_arguments_.begin(), more_arguments_.end());
  }
  auto started = start_child({.argv = std::move(argv), .memory_limit_bytes = spec_.memory_limit_bytes});
  if (!started) return started.error();
  Child child = std::move(started).value();
  took_ = {}, untold_lines_ = 0, partial_line_.clear(), tells_line_ = true, suspected_ = false;
  {
    MutexLock lock(mutex_);
    status_.pid = child.pid(), status_.took = {}, status_.counters = {};
  }
  const bool tells_all = spec_.kind != EngineKind::llama;  // our own workers print nothing of what they are asked
  Life life{.started_ms = now_ms(),
            .pid = child.pid(),
            .vitals = Vitals({std::chrono::milliseconds(spec_.hang_timeout_ms), std::chrono::milliseconds(spec_.stuck_timeout_ms)},
                             system_clock().monotonic())};
  std::int64_t next_probe_ms = life.started_ms;
  while (is_wanted() && life.ended.empty()) {
    const int wait_ms = static_cast<int>(std::clamp<std::int64_t>(next_probe_ms - now_ms(), 0, spec_.probe_interval_ms));
    std::array<pollfd, 3> events{{{child.pid_fd(), POLLIN, 0}, {child.output_fd(), POLLIN, 0}, {wake_fd_, POLLIN, 0}}};
    poll(events.data(), events.size(), wait_ms);
    if (events[1].revents != 0) hear(child, tells_all || life.ready_ms == 0);
    if (events[2].revents != 0 && take_wake()) next_probe_ms = now_ms();
    if (const auto exit = child.wait(0)) {
      life.ended = exit->describe();
      break;
    }
    if (now_ms() < next_probe_ms) continue;
    const bool was_loading = life.ready_ms == 0;
    probe_once(life);
    if (was_loading && life.ready_ms != 0) {
      hear(child, true);                                                           // nobody has asked it anything yet
      took_.load_ms = std::max<std::int64_t>(1, life.ready_ms - life.started_ms);  // 0 would say that nobody knows
      {
        MutexLock lock(mutex_);
        took_.ready_bytes = took_.ram_bytes = status_.took.ram_bytes;
        status_.took = took_;
      }
      set(EngineState::ready, "");
      listener_({EngineEventKind::ready, "ready after " + std::to_string(took_.load_ms) + " ms"});
    }
    next_probe_ms = now_ms() + (life.ready_ms == 0 ? kLoadingPollMs : spec_.probe_interval_ms);
  }
  hear(child, tells_all || life.ready_ms == 0);
  const bool asked = life.ended.empty();
  child.stop(asked ? spec_.stop_grace_ms : 0);
  if (asked) return {};
  ready_for_ms = life.ready_ms == 0 ? 0 : now_ms() - life.ready_ms;
  if (untold_lines_ > 0)
    life.ended += "; " + std::to_string(untold_lines_) + " lines that it printed while it served are not shown: they may hold what it was asked";
  return life.ended;
}

// Sets what it finds: ready, or why the child is to end.
void Engine::probe_once(Life& life) {
  const bool loading = life.ready_ms == 0;
  const bool suspected = suspected_.exchange(false);  // what comes up while this one is under way, the next one answers
  const Activity activity = spec_.activity ? spec_.activity() : Activity{};
  const bool counts = !loading && activity.in_flight > 0;
  const auto reply = probe(spec_.socket_path, counts && spec_.kind == EngineKind::llama ? "/metrics" : "/health",
                           loading ? 200 : std::min(spec_.hang_timeout_ms, kProbeMs));
  const bool answered = reply && reply->status == 200;
  const std::int64_t now = now_ms();
  const ProcessMemory memory = spec_.kind == EngineKind::document ? measure_family(life.pid) : measure_process(life.pid);
  std::uint64_t steps = 0;
  {
    MutexLock lock(mutex_);
    status_.rss_bytes = memory.resident_bytes, status_.anonymous_bytes = memory.anonymous_bytes;
    status_.took.ram_bytes = std::max(status_.took.ram_bytes, memory.peak_bytes);
    if (answered && counts) status_.counters = read_counters(spec_.kind, reply->body);
    steps = status_.counters.steps;
  }
  if (answered && loading) life.ready_ms = now;
  if (suspected && answered && !loading && !suspected_)
    listener_({EngineEventKind::well, ""});
  else if (suspected && !loading)
    suspected_ = true;
  if (loading) {
    if (!answered && now - life.started_ms > spec_.start_timeout_ms) life.ended = "not ready after " + std::to_string(spec_.start_timeout_ms) + " ms";
    return;
  }
  const Signs signs{.answered = answered,
                    .counter = steps + activity.moved,
                    .cpu_ms = cpu_ms_of_process(life.pid),
                    .queued_ms = queued_ms_of_process(life.pid),
                    .in_flight = activity.in_flight};
  if (auto why = life.vitals.observe(signs, system_clock().monotonic())) life.ended = std::move(*why);
}

void Engine::hear(Child& child, bool tell) {
  std::array<char, 4096> buffer{};
  for (;;) {
    const ssize_t got = read(child.output_fd(), buffer.data(), buffer.size());
    if (got <= 0) return;
    for (const char c : std::string_view(buffer.data(), static_cast<std::size_t>(got))) {
      if (c != '\n') {
        if (partial_line_.size() < kLineBytes) partial_line_ += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
        continue;
      }
      hear_line(tell);
      partial_line_.clear();
    }
  }
}

// Of what llama-server says at the verbosity at which it names its memory, people get its warnings and errors, and what it says before it has begun
// to log at all. A line without a level goes on with the one before.
void Engine::hear_line(bool tell) {
  if (!tell) {
    ++untold_lines_;
    return;
  }
  if (spec_.kind == EngineKind::llama) {
    read_load_line(partial_line_, took_);
    if (const char level = level_of(partial_line_); level != 0) tells_line_ = level == 'W' || level == 'E';
  }
  if (tells_line_ && !partial_line_.empty()) listener_({EngineEventKind::output, partial_line_});
}

}  // namespace demarc::engine
