#include "privacy/direct_first.hpp"

#include <algorithm>
#include <iterator>

#include "privacy/overlap.hpp"

namespace demarc::privacy {
namespace {

void add_rest(std::string_view text, const Finding& finding, std::size_t begin, std::size_t end, std::vector<Finding>& out) {
  const Span rest = without_signs(text, {begin, end});
  if (rest.size() == 0) return;
  out.push_back(finding);
  out.back().begin = rest.begin, out.back().end = rest.end;
}

// `findings` without what overlaps one of `firm` (sorted, not overlapping); what is left of each is added to `out`.
void add_around(std::string_view text, const std::vector<Finding>& findings, const std::vector<Finding>& firm, std::vector<Finding>& out) {
  for (const Finding& finding : findings) {
    std::size_t begin = finding.begin;
    for (const Finding& other : firm) {
      if (other.end <= begin || other.begin >= finding.end) continue;
      if (other.begin > begin) add_rest(text, finding, begin, other.begin, out);
      begin = std::max(begin, other.end);
    }
    if (begin == finding.begin)
      out.push_back(finding);  // as it was
    else if (begin < finding.end)
      add_rest(text, finding, begin, finding.end, out);
  }
}

// Those for which `first` holds stay in `findings`; the others are returned.
template <class First>
std::vector<Finding> take_others(std::vector<Finding>& findings, First first) {
  const auto rest = std::ranges::partition(findings, first);
  std::vector<Finding> others(std::make_move_iterator(rest.begin()), std::make_move_iterator(rest.end()));
  findings.erase(rest.begin(), rest.end());
  return others;
}

}  // namespace

void direct_first(std::string_view text, std::vector<Finding>& findings) {
  if (std::ranges::all_of(findings, is_direct, &Finding::type)) return keep_best(text, findings);  // nearly every text
  std::vector<Finding> others = take_others(findings, [](const Finding& finding) { return is_direct(finding.type); });
  keep_best(text, findings);
  keep_best(text, others);
  std::vector<Finding> all = findings;
  add_around(text, others, findings, all);
  std::ranges::sort(all, {}, &Finding::begin);
  findings = std::move(all);
}

void join_tiers(std::string_view text, std::vector<Finding>& findings) {
  std::vector<Finding> models = take_others(findings, [](const Finding& finding) { return finding.tier == DetectorTier::structured; });
  direct_first(text, findings);
  std::erase_if(models, [&](const Finding& model) {
    return std::ranges::any_of(findings, [&](const Finding& firm) { return firm.begin <= model.begin && model.end <= firm.end; });
  });
  std::vector<Finding> firm;
  std::ranges::copy_if(findings, std::back_inserter(firm), [](const Finding& finding) { return is_direct(finding.type); });
  add_around(text, models, firm, findings);
  direct_first(text, findings);
}

}  // namespace demarc::privacy
