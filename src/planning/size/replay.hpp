// replay: an arrival trace against machines of one profile, event by event: who waits, who is served, how long it took.
//
//   Replay found = replay(trace, profile, 2);
//   found.first_token_s.p99, found.utilisation
//
// A machine reads one prompt at a time, and while it does so writes nothing (which is what happens to those already being served, and a little worse
// than engines that mix both); the requests it writes for share its measured rate for that many. A request goes to the machine with the fewest. The
// same trace gives the same figures. Pure; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "planning/size/engine_profile.hpp"

namespace demarc::planning {

struct Arrival {
  double at_s = 0;
  std::int64_t input_tokens = 0, output_tokens = 0;
};

struct LatencyPercentiles {
  double mean = 0, p50 = 0, p95 = 0, p99 = 0, most = 0;
};

struct Replay {
  std::int64_t requests = 0;
  LatencyPercentiles first_token_s, total_s;
  double utilisation = 0;  // tokens written ÷ the most the machines could write in that time
  double busy = 0;         // share of the time in which a machine had anything to do, mean over machines
  double span_s = 0;       // from the first arrival to the last answer
  std::int64_t most_waiting = 0;
};

// `speed`: how many times faster requests arrive than in the trace. Arrivals need not be sorted.
Replay replay(const std::vector<Arrival>& trace, const EngineProfile& profile, int machines, double speed = 1);

enum class TargetAt : std::uint8_t { p50, p95, p99 };
struct Target {
  std::optional<double> first_token_s, total_s;
  TargetAt at = TargetAt::p99;
};
bool meets(const Replay& replay, const Target& target);

struct TraceShape {
  double mean_per_s = 0, peak_to_mean = 0;  // busiest minute
  std::vector<double> per_minute;
};
TraceShape shape_of(const std::vector<Arrival>& trace);

struct Sizing {
  int machines = 0;  // that meet the target at this trace's own peaks
  Replay at_that;
  double capacity_per_s = 0;  // the mean rate of arrivals of this shape that one machine serves within the target: mu of the plan
  TraceShape shape;
};
// nullopt: not even `most` machines meet it, because one request alone takes longer than the target.
std::optional<Sizing> size_for(const std::vector<Arrival>& trace, const EngineProfile& profile, const Target& target, double growth = 1,
                               int most = 256);

// Formulas of published cost meters: dollars per million output tokens of hardware that costs that much an hour, and the arrival rate above which it
// is cheaper than an API (nullopt: never, as it cannot write that many tokens a second).
double usd_per_million(double usd_per_hour, double tokens_per_s);
std::optional<double> crossover_per_s(double usd_per_hour, double usd_per_million_tokens, double tokens_per_request, double most_tokens_per_s);
// Machines for a mean rate: ⌈mean × peak_to_mean ÷ capacity⌉ + spares.
int machines_for(double mean_per_s, double peak_to_mean, double capacity_per_s, int spares);

}  // namespace demarc::planning
