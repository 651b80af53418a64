#include <algorithm>

#include "privacy/detector.hpp"
#include "privacy/overlap.hpp"
#include "privacy/readings.hpp"

namespace demarc::privacy {
namespace {

// Beside what a plainer reading saw: more of it, or something else. Of the same type the plain one knows the value's ends better.
bool adds(const Finding& finding, const std::vector<Finding>& plainer) {
  return std::ranges::none_of(plainer, [&](const Finding& known) {
    if (finding.end <= known.begin || known.end <= finding.begin) return false;
    const bool wider = finding.begin <= known.begin && known.end <= finding.end && finding.end - finding.begin > known.end - known.begin;
    return finding.type == known.type || !wider;
  });
}

}  // namespace

bool Detectors::covers(std::string_view type) const {
  const auto all = types();
  return std::binary_search(all.begin(), all.end(), type);
}

std::vector<std::string_view> Detectors::types() const {
  std::vector<std::string_view> all;
  for (const auto& detector : detectors_) {
    for (std::string_view type : detector->covers()) all.push_back(type);
  }
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  return all;
}

std::vector<Finding> Detectors::find(const Text& text) const {
  const Readings readings(text.text);
  std::vector<Finding> found, here;
  for (std::size_t i = 0; i < readings.size(); ++i) {
    here.clear();
    for (const auto& detector : detectors_) detector->find({readings[i].text, text.label}, here);
    const std::size_t plainer = found.size();
    for (Finding& finding : here) {
      const Span span = readings.original(i, {finding.begin, finding.end});
      finding.begin = span.begin;
      finding.end = span.end;
    }
    keep_best(here);
    std::vector<Finding> more;
    for (Finding& finding : here) {
      if (plainer > 0 && !adds(finding, found)) continue;
      if (i > 0) finding.reason = std::string(readings[i].disguise) + (finding.reason.empty() ? "" : ": ") + finding.reason;
      more.push_back(std::move(finding));
    }
    std::ranges::move(more, std::back_inserter(found));
  }
  keep_best(found);
  return found;
}

}  // namespace demarc::privacy
