// standing_of(): what one model of one upstream is up to, for people: a word, and why whenever it cannot be used.
//
//   const Standing standing = standing_of({.usable = false, .status = status, .model = "m", .rest_s = 7, .engine = &engine_status, .now = now});
//   standing.state;   // "up", "loading", "unloaded", "resting", "down", "unknown"
//   standing.why;     // "for 12 s", "server_error; tried again in 3 s"; "" only with "up"
//
// Pure; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/engine.hpp"
#include "upstream/states.hpp"

namespace demarc::admin {

struct Standing {
  std::string_view state;
  std::string why;
};

struct StandingOf {
  bool usable = false;
  const upstream::UpstreamStatus& status;
  std::string_view model;
  std::int64_t rest_s = 0;                       // until it may be usable again, as far as anybody knows
  const engine::EngineStatus* engine = nullptr;  // null: somebody else runs it
  std::string why_not{};                         // why it is not in memory
  Monotonic now;
};

Standing standing_of(const StandingOf& of);

}  // namespace demarc::admin
