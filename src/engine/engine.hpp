// Engine: one model runtime as a supervised child process behind a Unix socket. It is loaded when asked, watched for progress (vitals.hpp), restarted
// with back-off when it ends or hangs, and its words go to the log: a stock runtime's only until it is ready. From then on it may print what it is
// asked (llama-server quotes grammars and schemas that it does not like), so its lines are counted, not told. Whoever wants to use it sends ordinary
// HTTP to spec().socket_path.
//
//   Engine engine({.name = "chat-local", .kind = EngineKind::llama, …}, [](const EngineEvent& event) { … });
//   engine.load({"--gpu-layers", "12"});
//   engine.status().state == EngineState::ready
//   engine.unload();                    // its memory is free once EngineEventKind::unloaded was told
//   engine.stop();                      // the destructor does it too; whoever else still holds this Engine finds it stopped
//
// One that dies `deaths_most` times within `deaths_window_ms` rests for `rest_first_ms`, then is tried once more; if that life is short too, it rests
// twice as long.
//
// One thread per Engine inside; status() from any thread; the callback runs on that inner thread, must not block and is not called any more once
// stop() is done. stop() from one thread at a time, never from the callback.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/mutex.hpp"
#include "base/time.hpp"
#include "core/operation.hpp"
#include "engine/child.hpp"
#include "engine/measure.hpp"

namespace demarc::engine {

// What those who use it see of its work.
struct Activity {
  std::uint32_t in_flight = 0;
  std::uint64_t moved = 0;  // rises with every request that ends and every piece of an answer
};

// Of its own counters, as far as it has some: since its process began.
struct EngineCounters {
  std::uint64_t steps = 0;  // batches, windows, requests: whatever rises while it works
  std::uint64_t prompt_tokens = 0, cached_tokens = 0, generated_tokens = 0;
};

struct EngineSpec {
  std::string name;  // of the upstream
  EngineKind kind = EngineKind::llama;
  std::vector<std::string> argv;  // see command.hpp
  std::string socket_path;        // ends in ".sock", in a folder of mode 0700
  std::uint64_t memory_limit_bytes = 0;
  int start_timeout_ms = 120'000;  // loading included
  int probe_interval_ms = 2'000;
  int hang_timeout_ms = 30'000;        // no progress for this long, once ready: killed (vitals.hpp)
  int stuck_timeout_ms = 30 * 60'000;  // the same though it uses the processor
  int stop_grace_ms = 3'000;
  int backoff_first_ms = 100, backoff_most_ms = 30'000;
  int deaths_most = 5, deaths_window_ms = 5 * 60'000;
  int rest_first_ms = 30'000, rest_most_ms = 10 * 60'000;
  std::function<Activity()> activity = {};  // any thread; none: it never has work in flight
};

enum class EngineState : std::uint8_t { unloaded, starting, ready, backing_off, resting, stopped };
std::string_view to_string(EngineState);

struct EngineStatus {
  EngineState state = EngineState::unloaded;
  Monotonic since;        // it is in that state
  Monotonic rests_until;  // with resting
  pid_t pid = -1;
  std::uint32_t restarts = 0;
  std::string last_error;                            // why it last ended or would not start; no contents
  std::uint64_t rss_bytes = 0, anonymous_bytes = 0;  // resident memory at the last probe, and what of it lies in no file
  Profile took;                                      // of this life: what it said while it loaded, and its peak so far
  EngineCounters counters;
};

enum class EngineEventKind : std::uint8_t {
  ready,
  well,  // it was suspected, and answers
  down,
  unloaded,
  output,
};
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
  // Asked for, it is loaded and kept running; `more` stands behind the spec's arguments, from its next start on. Any thread.
  void load(std::vector<std::string> more = {});
  void unload();
  // Somebody saw it die or misbehave: look now instead of at the next probe, and say what is found (down or well). Any thread.
  void suspect();
  void ask_to_stop();  // returns at once, so that several engines can end side by side. Any thread
  void stop();         // asks, and returns when the child is reaped and the callback has been called for the last time

 private:
  struct Life;
  void run();
  std::optional<std::string> run_once(std::int64_t& ready_for_ms);  // one life of the child; why it ended, unless that was asked for
  void probe_once(Life& life);
  bool take_wake();
  void hear(Child& child, bool tell);
  void hear_line(bool tell);
  void set(EngineState state, std::string error);
  void pause(std::int64_t ms, bool wanted);  // so long, or until `wanted_` is no longer that, or stop()
  [[nodiscard]] bool is_wanted() const { return wanted_ && !stopping_; }
  void wake();

  const EngineSpec spec_;
  const Listener listener_;
  mutable Mutex mutex_;
  EngineStatus status_ GUARDED_BY(mutex_);
  std::vector<std::string> more_arguments_ GUARDED_BY(mutex_);
  std::uint64_t untold_lines_ = 0;  // of this life of the child; inner thread only, as the next three
  std::string partial_line_;
  Profile took_;
  bool tells_line_ = true;  // see hear_line()
  std::atomic<bool> stopping_{false}, wanted_{false}, suspected_{false};
  int wake_fd_ = -1;  // eventfd
  std::thread thread_;
};

struct ProbeReply {
  int status = 0;
  std::string body;
};
// GET over the Unix socket; nothing if there is no whole answer within the time.
std::optional<ProbeReply> probe(const std::string& socket_path, std::string_view target, int timeout_ms);

}  // namespace demarc::engine
