// Vitals: whether an engine that says nothing works, waits or hangs. Judged by progress: an engine that answers late is not hung while it gets on
// with its work, and one that answers /health is, if what it was asked to do does not move.
//
//   Vitals vitals(limits, now);
//   if (auto why = vitals.observe({.answered = true, .counter = tokens, .cpu_ms = cpu, .in_flight = 2}, now)) …kill it, for that reason
//
// With work in flight it must move its counter within `hang`, or at least use the processor (a long prompt's batch, a window of sound) or stand in
// line for one on a machine that is too busy; for longer than `stuck` that alone is not enough. Without work it must answer, or the same. Pure; time
// comes in as a value.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "base/time.hpp"

namespace demarc::engine {

struct Signs {
  bool answered = false;
  std::uint64_t counter = 0;   // of whatever moves as work gets on: tokens, pieces, requests done
  std::int64_t cpu_ms = 0;     // of the process, ever
  std::int64_t queued_ms = 0;  // its threads stood in line for a processor, together, ever
  std::uint32_t in_flight = 0;
};

struct VitalLimits {
  std::chrono::nanoseconds hang = std::chrono::seconds(30), stuck = std::chrono::minutes(30);
};

class Vitals {
 public:
  Vitals(const VitalLimits& limits, Monotonic now) : limits_(limits), moved_at_(now), cpu_at_(now) {}
  // Why it counts as hung; nullopt: it does not.
  std::optional<std::string> observe(const Signs& signs, Monotonic now);

 private:
  const VitalLimits limits_;
  Monotonic moved_at_, cpu_at_;  // when it last got on, and when it was last seen to use the processor, or to want it
  std::optional<Signs> last_;
  std::int64_t cpu_mark_ms_ = 0, queued_mark_ms_ = 0;
};

}  // namespace demarc::engine
