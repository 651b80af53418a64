#include "privacy/overlap.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <tuple>

namespace demarc::privacy {
namespace {

auto rank(const Finding& f) {
  return std::make_tuple(-static_cast<std::ptrdiff_t>(f.end - f.begin), -f.score, f.begin, std::string_view(f.type), std::string_view(f.kind));
}

bool is_secret(const Finding& finding) { return finding.type == "SECRET"; }

// Each run of findings of which one overlaps the next, with a secret among them and none that covers all the others, becomes one secret.
void join_secrets(std::vector<Finding>& findings) {
  if (std::ranges::none_of(findings, is_secret)) return;
  std::ranges::sort(findings, {}, &Finding::begin);
  std::vector<Finding> out;
  for (auto first = findings.begin(); first != findings.end();) {
    const std::size_t begin = first->begin;
    std::size_t end = first->end;
    auto last = std::next(first);
    for (; last != findings.end() && last->begin < end; ++last) end = std::max(end, last->end);
    const bool is_covered = std::any_of(first, last, [&](const Finding& finding) { return finding.begin == begin && finding.end == end; });
    auto best = last;
    for (auto one = first; one != last; ++one)
      if (is_secret(*one) && (best == last || rank(*one) < rank(*best))) best = one;
    if (is_covered || best == last) {
      std::move(first, last, std::back_inserter(out));
    } else {
      best->begin = begin, best->end = end;
      out.push_back(std::move(*best));
    }
    first = last;
  }
  findings = std::move(out);
}

}  // namespace

void keep_best(std::vector<Finding>& findings) {
  if (findings.size() < 2) return;
  join_secrets(findings);
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
