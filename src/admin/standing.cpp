#include "admin/standing.hpp"

#include <algorithm>

namespace demarc::admin {
namespace {

std::string seconds(std::chrono::nanoseconds duration) { return std::to_string(std::max<std::int64_t>(0, to_ms(duration) / 1000)) + " s"; }

Standing of_engine(const engine::EngineStatus& engine, bool usable, const std::string& why_not, Monotonic now) {
  const std::string before = engine.last_error.empty() ? "" : "; before that: " + engine.last_error;
  const std::string restarts = engine.restarts == 0 ? "" : "; restarts: " + std::to_string(engine.restarts);
  switch (engine.state) {
    case engine::EngineState::unloaded:
      if (!usable && why_not.empty()) return {"loading", "in a moment"};
      return {"unloaded", why_not.empty() ? "loaded with the next request" : why_not};
    case engine::EngineState::resting:
      return {"down", engine.last_error + "; it ended too often, tried again in " + seconds(engine.rests_until - now) + restarts};
    case engine::EngineState::starting: return {"loading", "for " + seconds(now - engine.since) + before + restarts};
    case engine::EngineState::backing_off: return {"down", (engine.last_error.empty() ? "ended" : engine.last_error) + restarts};
    case engine::EngineState::stopped: return {"down", "stopped"};
    case engine::EngineState::ready: break;
  }
  return {"loading", "ready, taken into service in a moment"};
}

}  // namespace

Standing standing_of(const StandingOf& of) {
  if (of.engine != nullptr && of.engine->state != engine::EngineState::ready) return of_engine(*of.engine, of.usable, of.why_not, of.now);
  if (of.usable) return {"up", ""};
  const std::string again = "; again in " + std::to_string(of.rest_s) + " s";
  const std::string reason = of.status.reason.empty() ? "failures" : of.status.reason;
  if (std::ranges::find(of.status.cooling, of.model) != of.status.cooling.end())
    return {"resting", "it asked for a pause (429, Retry-After)" + again};
  if (of.status.breaker != upstream::BreakerState::closed) return {"resting", "after " + reason + again};
  if (of.engine != nullptr) return of_engine(*of.engine, of.usable, of.why_not, of.now);
  if (!of.status.healthy) return {"unknown", of.status.reason.empty() ? "no news from it" : of.status.reason};
  const std::string since = of.status.since ? " for " + seconds(of.now - *of.status.since) : "";
  return {"down", reason + since};
}

}  // namespace demarc::admin
