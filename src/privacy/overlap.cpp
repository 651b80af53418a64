#include "privacy/overlap.hpp"

#include <algorithm>
#include <map>
#include <tuple>

namespace demarc::privacy {
namespace {

auto rank(const Finding& f) {
  return std::make_tuple(-static_cast<std::ptrdiff_t>(f.end - f.begin), -f.score, f.begin, std::string_view(f.type), std::string_view(f.kind));
}

}  // namespace

void keep_best(std::vector<Finding>& findings) {
  if (findings.size() < 2) return;
  std::sort(findings.begin(), findings.end(), [](const Finding& a, const Finding& b) { return rank(a) < rank(b); });
  std::multimap<std::size_t, Finding*> kept;  // by begin, disjoint; a list of thousands must cost no more for each than a short one
  for (Finding& finding : findings) {
    const auto after = kept.upper_bound(finding.begin);
    const bool free_left = after == kept.begin() || std::prev(after)->second->end <= finding.begin;
    const bool free_right = after == kept.end() || finding.end <= after->first;
    if (free_left && free_right) kept.emplace_hint(after, finding.begin, &finding);
  }
  std::vector<Finding> best;
  best.reserve(kept.size());
  for (const auto& [begin, finding] : kept) best.push_back(std::move(*finding));
  findings = std::move(best);
}

}  // namespace demarc::privacy
