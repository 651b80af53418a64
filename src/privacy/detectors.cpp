#include <algorithm>

#include "privacy/detector.hpp"
#include "privacy/fold.hpp"
#include "privacy/overlap.hpp"

namespace demarc::privacy {

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

std::vector<Finding> Detectors::find_overlapping(const Text& text) const {
  const Folded folded(text.text);
  std::vector<Finding> found;
  for (const auto& detector : detectors_) detector->find({folded.text(), text.label}, found);
  for (Finding& finding : found) {
    const Span span = folded.original({finding.begin, finding.end});
    finding.begin = span.begin;
    finding.end = span.end;
  }
  return found;
}

std::vector<Finding> Detectors::find(const Text& text) const {
  std::vector<Finding> found = find_overlapping(text);
  keep_best(found);
  return found;
}

std::vector<Finding> Detectors::find_only(std::span<const std::string> types, const Text& text) const {
  std::vector<Finding> found = find_overlapping(text);
  std::erase_if(found, [&](const Finding& finding) { return std::ranges::find(types, finding.type) == types.end(); });
  keep_best(found);
  return found;
}

}  // namespace demarc::privacy
