// Trial: whether a candidate is as good as the present model on one workload, decided before looking: pairs of answers to the same requests, a
// margin, an interval. "Not shown" is an answer, and not the same as "worse".
//
//   std::int64_t n = pairs_needed({.margin = 0.03, .discordant = 0.10});
//   Comparison found = compare_pairs(counts, 0.03);
//   found.verdict == TrialVerdict::as_good
//
// Formulas: paired difference by Newcombe's method 10 (Statistics in Medicine 17, 1998), sample size for paired proportions with equal quality
// expected. Pure; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace demarc::planning {

struct PairCounts {  // of pairs that were judged
  std::int64_t both = 0, only_present = 0, only_candidate = 0, neither = 0;
  [[nodiscard]] std::int64_t all() const { return both + only_present + only_candidate + neither; }
};

struct Needed {
  double margin = 0.03;      // how much worse is still as good, in shares of the requests
  double discordant = 0.10;  // share of pairs in which one answer is accepted and the other is not
  double power = 0.8;        // chance to show it if they are equal
};
std::int64_t pairs_needed(const Needed& needed);  // two-sided 95 % interval

enum class TrialVerdict : std::uint8_t { as_good, worse, not_shown };
std::string_view to_string(TrialVerdict);

struct Comparison {
  double present = 0, candidate = 0;         // accepted shares
  double difference = 0, low = 0, high = 0;  // candidate − present, 95 %
  TrialVerdict verdict = TrialVerdict::not_shown;
};
Comparison compare_pairs(const PairCounts& counts, double margin);

struct Wilson {
  double low = 0, high = 0;
};
Wilson wilson(std::int64_t accepted, std::int64_t all);  // 95 %

// Which of `sizes` (lengths of requests) to take: `wanted` of them, in proportion from each quarter of lengths, the same for the same seed. Sorted.
struct Stratum {
  std::size_t up_to = 0;  // its largest size
  std::int64_t all = 0, taken = 0;
};
struct Sample {
  std::vector<std::size_t> taken;
  std::vector<Stratum> strata;
  std::vector<int> stratum_of;  // of each of `sizes`
};
Sample stratified(const std::vector<std::size_t>& sizes, std::size_t wanted, std::uint64_t seed);

}  // namespace demarc::planning
