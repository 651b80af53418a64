// Engine: one model runtime as a supervised child process behind a Unix socket. It is started, asked for its health, restarted with back-off when it
// ends or hangs, and its words go to the log: a stock runtime's only until it is ready. From then on it may print what it is asked (llama-server
// quotes grammars and schemas that it does not like), so its lines are counted, not told. Whoever wants to use it looks at status().socket_path and
// sends it ordinary HTTP.
//
//   Engine engine({.name = "chat-local", .kind = EngineKind::llama, …}, [](const EngineEvent& event) { … });
//   engine.status().state == EngineState::ready
//   engine.stop();                      // the destructor does it too; whoever else still holds this Engine finds it stopped
//
// One thread per Engine inside; status() from any thread; the callback runs on that inner thread, must not block and is not called any more once
// stop() is done. stop() from one thread at a time, never from the callback.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "base/mutex.hpp"
#include "base/time.hpp"
#include "core/operation.hpp"
#include "engine/child.hpp"

namespace demarc::engine {

struct EngineSpec {
  std::string name;  // of the upstream
  EngineKind kind = EngineKind::llama;
  std::vector<std::string> argv;  // see command.hpp
  std::string socket_path;        // ends in ".sock", in a folder of mode 0700
  std::uint64_t memory_limit_bytes = 0;
  int start_timeout_ms = 120'000;  // loading included
  int probe_interval_ms = 2'000;
  int hang_timeout_ms = 15'000;  // no answer to /health for this long, once ready: killed
  int stop_grace_ms = 3'000;
  int backoff_first_ms = 100, backoff_most_ms = 30'000;
};

enum class EngineState : std::uint8_t { starting, ready, backing_off, stopped };
std::string_view to_string(EngineState);

struct EngineStatus {
  EngineState state = EngineState::starting;
  Monotonic since;  // it is in that state
  pid_t pid = -1;
  std::uint32_t restarts = 0;
  std::string last_error;       // why it last ended or would not start; no contents
  std::uint64_t rss_bytes = 0;  // resident memory at the last probe
};

enum class EngineEventKind : std::uint8_t { ready, down, output };
struct EngineEvent {
  EngineEventKind kind;
  std::string text;  // down: why; output: one line of the child's stdout or stderr, at most 500 bytes
};

class Engine {
 public:
  using Listener = std::function<void(const EngineEvent&)>;
  Engine(EngineSpec spec, Listener listener);
  ~Engine();  // stops
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  [[nodiscard]] const EngineSpec& spec() const { return spec_; }
  [[nodiscard]] EngineStatus status() const;
  // Somebody saw it die or misbehave: look now instead of at the next probe. Any thread.
  void suspect();
  void ask_to_stop();  // returns at once, so that several engines can end side by side. Any thread
  void stop();         // asks, and returns when the child is reaped and the callback has been called for the last time

 private:
  void run();
  bool run_once(int& ready_since_ms);  // one life of the child; false: stop was asked for
  void listen_to(Child& child, bool tell);
  void set(EngineState state, std::string error);
  bool pause(int ms);  // false: stop was asked for
  void wake();

  const EngineSpec spec_;
  const Listener listener_;
  mutable Mutex mutex_;
  EngineStatus status_ GUARDED_BY(mutex_);
  std::uint64_t untold_lines_ = 0;  // of this life of the child
  std::string partial_line_;        // inner thread only
  std::atomic<bool> stopping_{false};
  int wake_fd_ = -1;  // eventfd
  std::thread thread_;
};

// GET /health over the Unix socket. The HTTP status, or nothing if there is no answer within the time.
std::optional<int> probe(const std::string& socket_path, int timeout_ms);

}  // namespace demarc::engine
