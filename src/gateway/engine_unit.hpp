// EngineUnit: one engine of ours with its queue, its place in the ledger, and what those who use it report. The Fleet keeps them; a Snapshot holds
// those that its upstreams use.
//
//   auto slot = co_await unit.queue.acquire(loop, cancellation, deadline, work);    // waits while the model is being loaded
//   auto flight = unit.flights.enter(digest);
//   …
//   unit.suspect();                                                                // its connection broke: nothing more goes there until it was
//   looked at
//
// Any thread.
#pragma once

#include <atomic>
#include <optional>
#include <string>

#include "base/mutex.hpp"
#include "core/usage.hpp"
#include "engine/command.hpp"
#include "engine/engine.hpp"
#include "engine/ledger.hpp"
#include "engine/quarantine.hpp"
#include "engine/queue.hpp"
#include "upstream/states.hpp"

namespace demarc::gateway {

// What an engine did, for people and their monitoring. Any thread; one mutex.
class EngineMeter {
 public:
  struct Reading {
    std::uint64_t served = 0;
    std::int64_t prompt_tokens = 0, cached_tokens = 0, generated_tokens = 0, audio_ms = 0;
    double tokens_per_s = 0;      // generated (read, where nothing is generated) by the second that a slot was held, of the last answers; 0: none yet
    double real_time_factor = 0;  // seconds of work for a second of sound, likewise
  };
  void served(const Usage& usage, std::chrono::nanoseconds held);
  [[nodiscard]] Reading read() const;

 private:
  mutable Mutex mutex_;
  Reading reading_ GUARDED_BY(mutex_);
};

class EngineUnit {
 public:
  using Listener = std::function<void(EngineUnit& unit, const engine::EngineEvent& event)>;
  EngineUnit(engine::EnginePlan plan_in, engine::EngineSpec spec, std::size_t queue_limit, engine::Quarantine& quarantine, Listener listener,
             std::function<void()> on_demand);
  EngineUnit(const EngineUnit&) = delete;
  EngineUnit& operator=(const EngineUnit&) = delete;

  // Whether the policy may count on it: a model that is not loaded can be, unless there is no room for it at all.
  [[nodiscard]] upstream::EngineHealth health() const;
  [[nodiscard]] std::string why_not() const;  // why it is not in memory, for people; "" if it is, or nobody has wanted it
  // Until it could serve the first of those who wait, were nothing to go wrong; 0 if it is ready.
  [[nodiscard]] std::int64_t load_wait_ms(Monotonic now) const;
  // When to come again, for one who was refused: in seconds, from 1.
  [[nodiscard]] std::int64_t retry_after_s(Monotonic now) const;
  void suspect();

  const engine::EnginePlan plan;
  const std::string key;  // in the ledger
  std::atomic<std::uint64_t> moved{0};
  EngineMeter meter;
  engine::Queue queue;
  engine::Flights flights;
  engine::Engine engine;  // last: it ends first

 private:
  friend class Fleet;
  enum class Phase : std::uint8_t { out, loading, in, leaving };
  void settle_gate() EXCLUDES(mutex_);

  mutable Mutex mutex_;
  Phase phase_ GUARDED_BY(mutex_) = Phase::out;
  bool wanted_ GUARDED_BY(mutex_) = false;       // also while nobody waits: to be loaded at the start
  bool on_demand_ GUARDED_BY(mutex_) = false;    // who comes may wait for its loading
  bool only_beside_ GUARDED_BY(mutex_) = false;  // nothing else goes for it: it is to replace another in a moment
  bool draining_ GUARDED_BY(mutex_) = false;     // takes nothing new: another is to have its place
  bool suspected_ GUARDED_BY(mutex_) = false, never_ GUARDED_BY(mutex_) = false, no_room_ GUARDED_BY(mutex_) = false;
  std::string why_not_ GUARDED_BY(mutex_);
  std::optional<Monotonic> room_at_ GUARDED_BY(mutex_), wished_since_ GUARDED_BY(mutex_);
  std::chrono::nanoseconds load_ GUARDED_BY(mutex_){0};  // how long its loading takes, as far as is known
};

}  // namespace demarc::gateway
