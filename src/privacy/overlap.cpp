#include "privacy/overlap.hpp"

#include <algorithm>
#include <tuple>

namespace demarc::privacy {
namespace {

auto rank(const Finding& f) {
  return std::make_tuple(-static_cast<std::ptrdiff_t>(f.end - f.begin), -f.score, f.begin, std::string_view(f.type), std::string_view(f.kind));
}

bool begins_before(const Finding& a, const Finding& b) { return a.begin < b.begin; }

}  // namespace

void keep_best(std::vector<Finding>& findings) {
  if (findings.size() < 2) return;
  std::sort(findings.begin(), findings.end(), [](const Finding& a, const Finding& b) { return rank(a) < rank(b); });
  std::vector<Finding> kept;  // sorted by begin, disjoint
  for (Finding& finding : findings) {
    const auto after = std::upper_bound(kept.begin(), kept.end(), finding, begins_before);
    const bool free_left = after == kept.begin() || std::prev(after)->end <= finding.begin;
    const bool free_right = after == kept.end() || finding.end <= after->begin;
    if (free_left && free_right) kept.insert(after, std::move(finding));
  }
  findings = std::move(kept);
}

}  // namespace demarc::privacy
