#include "privacy/direct_first.hpp"

#include <algorithm>
#include <iterator>

#include "privacy/overlap.hpp"

namespace demarc::privacy {
namespace {

bool is_structured(const Finding& finding) { return finding.tier == DetectorTier::structured; }

}  // namespace

void direct_first(std::string_view text, std::vector<Finding>& findings) {
  keep_best(text, findings, [](const Finding& finding) { return is_direct(finding.type) ? 0 : 1; });
}

void join_tiers(std::string_view text, std::vector<Finding>& findings) {
  std::vector<Finding> firm;
  std::ranges::copy_if(findings, std::back_inserter(firm), is_structured);
  direct_first(text, firm);
  std::erase_if(findings, [&](const Finding& finding) {
    if (is_structured(finding)) return true;
    const auto behind = std::ranges::upper_bound(firm, finding.begin, {}, &Finding::begin);
    return behind != firm.begin() && finding.end <= std::prev(behind)->end;
  });
  std::ranges::move(firm, std::back_inserter(findings));
  keep_best(text, findings, [](const Finding& finding) { return !is_direct(finding.type) ? 2 : is_structured(finding) ? 0 : 1; });
}

}  // namespace demarc::privacy
