// Quantity and Input: a number of the business case with where it comes from. Nothing enters the model without a source, a date and a confidence.
//
//   requests_per_month: 120000
//   usd_per_kwh: {value: 0.22, low: 0.18, high: 0.30, source: contract with the utility, date: 2026-09-01, confidence: high}
//
// Pure values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "planning/model/decimal.hpp"

namespace demarc::planning {

enum class Confidence : std::uint8_t { measured, high, medium, low };
std::string_view to_string(Confidence);
std::optional<Confidence> parse_confidence(std::string_view);

enum class Unit : std::uint8_t { usd, percent, count, months, watts, factor, hours, gigabytes, per_second };
std::string_view to_string(Unit);

// How Monte Carlo draws between low and high.
enum class Spread : std::uint8_t {
  triangular,      // low and high are the ends, value the mode
  lognormal,       // low and high are the 5th and 95th percentile, value the median
  log_triangular,  // triangular in the logarithm of 1 + value %: for yearly changes of a price
  beta,            // PERT: between low and high, mode at value
  bernoulli,       // happens in a month or not, with probability value %
};
std::string_view to_string(Spread);
std::optional<Spread> parse_spread(std::string_view);

struct Quantity {
  Decimal value;
  std::optional<Decimal> low, high;  // both or none
  Spread spread = Spread::triangular;
  std::string source, date;  // a date is 2026-11-28
  Confidence confidence = Confidence::low;
  int line = 0;  // of plan.yaml; 0: not from there
};

struct Input {
  std::string name;  // "workload.triage.requests_per_month": its place in plan.yaml
  std::string label;
  Unit unit = Unit::count;
  Quantity quantity;
  Decimal lowest, highest = Decimal::of(1'000'000'000'000);  // what the plan may say
  bool per_month = false;                                    // bernoulli: one of a series that are drawn apart
};

}  // namespace demarc::planning
