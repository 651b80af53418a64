#include "planning/pilot/trial.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/check.hpp"

namespace demarc::planning {
namespace {

constexpr double kZ = 1.959963984540054;  // two-sided 95 %

std::uint64_t mixed(std::uint64_t x) {  // splitmix64
  x += 0x9e3779b97f4a7c15ULL;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
  return x ^ (x >> 31);
}

}  // namespace

std::string_view to_string(TrialVerdict verdict) {
  switch (verdict) {
    case TrialVerdict::as_good: return "as good, within the margin";
    case TrialVerdict::worse: return "worse by more than the margin";
    case TrialVerdict::not_shown: return "not shown: more pairs are needed";
  }
  return "";
}

std::int64_t pairs_needed(const Needed& needed) {
  CHECK(needed.margin > 0 && needed.power > 0.5 && needed.power < 1);
  // The normal quantile of the power, by bisection: one number, once.
  double low = 0, high = 6;
  for (int step = 0; step < 60; ++step) {
    const double middle = (low + high) / 2;
    (0.5 * std::erfc(-middle / std::sqrt(2.0)) < needed.power ? low : high) = middle;
  }
  return static_cast<std::int64_t>(std::ceil((kZ + low) * (kZ + low) * needed.discordant / (needed.margin * needed.margin) - 1e-9));
}

Wilson wilson(std::int64_t accepted, std::int64_t all) {
  if (all == 0) return {0, 1};
  const auto n = static_cast<double>(all);
  const double p = static_cast<double>(accepted) / n, z2 = kZ * kZ;
  const double centre = (p + z2 / (2 * n)) / (1 + z2 / n), half = kZ * std::sqrt(p * (1 - p) / n + z2 / (4 * n * n)) / (1 + z2 / n);
  return {std::max(0.0, centre - half), std::min(1.0, centre + half)};
}

Comparison compare_pairs(const PairCounts& c, double margin) {
  Comparison out;
  if (c.all() == 0) return out;
  const auto n = static_cast<double>(c.all());
  const auto a = static_cast<double>(c.both), b = static_cast<double>(c.only_present), d = static_cast<double>(c.only_candidate),
             e = static_cast<double>(c.neither);
  out.present = (a + b) / n, out.candidate = (a + d) / n, out.difference = (d - b) / n;
  const Wilson present = wilson(c.both + c.only_present, c.all()), candidate = wilson(c.both + c.only_candidate, c.all());
  const double product = (a + b) * (d + e) * (a + d) * (b + e);
  const double phi = product > 0 ? (a * e - b * d) / std::sqrt(product) : 0;
  const double down = out.candidate - candidate.low, up = present.high - out.present;
  out.low = out.difference - std::sqrt(std::max(0.0, down * down - 2 * phi * down * up + up * up));
  const double above = candidate.high - out.candidate, below = out.present - present.low;
  out.high = out.difference + std::sqrt(std::max(0.0, above * above - 2 * phi * above * below + below * below));
  out.verdict = out.low > -margin ? TrialVerdict::as_good : out.high < -margin ? TrialVerdict::worse : TrialVerdict::not_shown;
  return out;
}

Sample stratified(const std::vector<std::size_t>& sizes, std::size_t wanted, std::uint64_t seed) {
  Sample out;
  out.stratum_of.resize(sizes.size());
  if (sizes.empty()) return out;
  std::vector<std::size_t> order(sizes.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::ranges::sort(order, [&](std::size_t x, std::size_t y) { return sizes[x] != sizes[y] ? sizes[x] < sizes[y] : x < y; });
  constexpr std::size_t kStrata = 4;
  std::array<std::vector<std::size_t>, kStrata> members;
  for (std::size_t rank = 0; rank < order.size(); ++rank) {
    const std::size_t stratum = rank * kStrata / order.size();
    members.at(stratum).push_back(order[rank]), out.stratum_of[order[rank]] = static_cast<int>(stratum);
  }
  const std::size_t take = std::min(wanted, sizes.size());
  std::size_t before = 0, members_so_far = 0;
  for (std::size_t s = 0; s < kStrata; ++s) {
    members_so_far += members.at(s).size();
    const std::size_t count = take * members_so_far / sizes.size() - before;
    std::ranges::sort(members.at(s), [&](std::size_t x, std::size_t y) { return mixed(seed ^ mixed(x)) < mixed(seed ^ mixed(y)); });
    Stratum stratum{.all = static_cast<std::int64_t>(members.at(s).size()), .taken = static_cast<std::int64_t>(count)};
    for (const std::size_t member : members.at(s)) stratum.up_to = std::max(stratum.up_to, sizes[member]);
    out.taken.insert(out.taken.end(), members.at(s).begin(), members.at(s).begin() + static_cast<std::ptrdiff_t>(count));
    out.strata.push_back(stratum);
    before += count;
  }
  std::ranges::sort(out.taken);
  return out;
}

}  // namespace demarc::planning
