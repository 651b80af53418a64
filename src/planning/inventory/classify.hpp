// classify: boring (bounded, checkable, steady: local-friendly) or strategic (open-ended, long: cloud-required), by stated features, each with what
// it speaks for; or nothing said, where too little is known. People's corrections win, and move the weights for the rest.
//
//   Weights weights = learned(kStartWeights, corrections);
//   Classified found = classify(workload, hints, weights);
//
// Pure; any thread.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "planning/inventory/inventory.hpp"

namespace demarc::planning {

enum class Feature : std::uint8_t {
  bounded_output,
  fixed_schema,
  short_context,
  steady_volume,
  high_volume,
  no_hurry,
  sensitive,
  few_tools,
  tolerant
};
inline constexpr std::size_t kFeatures = 9;
std::string_view to_string(Feature);
std::optional<Feature> parse_feature(std::string_view);

// What people or code say beside the counts: 1 speaks for boring, 0 against. From corrections, and from what `plan inventory --code` found.
using Hints = std::map<Feature, double>;

struct Weights {
  std::array<double, kFeatures> of{};
  double bias = 0;
};
extern const Weights kStartWeights;

struct Reason {
  Feature feature = Feature::bounded_output;
  double value = 0;  // 0 to 1; 1 speaks for boring
  double weight = 0;
  std::string says;  // "p95 of output is 210 tokens"
};

enum class Side : std::uint8_t { boring, strategic, unknown };
std::string_view to_string(Side);

struct Classified {
  Side side = Side::unknown;
  double score = 0.5;   // probability of boring under the weights
  double evidence = 0;  // share of the weights about which something is known
  bool corrected = false;
  std::string by;               // who corrected it, and why
  std::vector<Reason> reasons;  // strongest first
};

struct Correction {
  std::string workload;
  Side side = Side::boring;
  std::string who, why, date;
  std::vector<std::pair<Feature, double>> features;  // the workload's, when it was corrected: what is learned from
};

Classified classify(const Workload& workload, const Hints& hints, const Weights& weights);
// Logistic regression on the corrections, held near the start weights: two corrections move little, twenty much.
Weights learned(const Weights& start, const std::vector<Correction>& corrections);

}  // namespace demarc::planning
