// What may become of the plan: many draws of its uncertain inputs, the whole model for each.
//
//   auto outcome = simulate(model, plan.correlations, {.draws = 100'000, .seed = 1});
//   outcome->npv.p50, outcome->payback_within(12)
//
// The same seed gives the same figures, whatever the number of threads. The only doubles of the business case.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "planning/model/build_model.hpp"

namespace demarc::planning {

struct SimulateOptions {
  std::uint64_t draws = 100'000;  // rounded up to whole lanes
  std::uint64_t seed = 1;
  unsigned threads = 0;  // 0: as many as there are cores, at most 8
};
inline constexpr std::uint64_t kMostDraws = 10'000'000;

struct Percentiles {
  double p5 = 0, p10 = 0, p50 = 0, p90 = 0, p95 = 0;
};

struct Outcome {
  std::uint64_t draws = 0, seed = 0;
  std::size_t drawn_inputs = 0, instructions = 0;
  double seconds = 0;
  Percentiles npv, payback_months, investment;                                          // of payback: never counts as later than all
  double npv_positive = 0;                                                              // shares of the draws
  double payback_within_12 = 0, payback_within_24 = 0, payback_ever = 0, worth_it = 0;  // worth_it: pays back and NPV above 0
  std::vector<Percentiles> cumulative;                                                  // by month, from 0
};

Result<Outcome, std::string> simulate(const Model& model, const std::vector<Correlation>& correlations, const SimulateOptions& options);

std::string print(const Outcome& outcome);
std::string to_json(const Outcome& outcome);

}  // namespace demarc::planning
