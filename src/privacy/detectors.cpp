#include <algorithm>

#include "privacy/chars.hpp"
#include "privacy/detector.hpp"
#include "privacy/direct_first.hpp"
#include "privacy/readings.hpp"

namespace demarc::privacy {
namespace {

// A key that goes on behind a line break, of which a part alone is a key as well.
bool is_more_of_it(std::string_view text, const Finding& wider, const Finding& known) {
  constexpr std::size_t kLeast = 8;
  if (wider.type != "SECRET" || wider.begin != known.begin) return false;
  const std::string_view more = text.substr(known.end, wider.end - known.end);
  return std::ranges::count_if(more, is_alnum) >= static_cast<std::ptrdiff_t>(kLeast) && has_digit_and_letter(more);
}

// Whether a digit stands on either side of a gap that begins there: "park5 0@", "iI3 9".
bool is_gap_of_digits(std::string_view text, std::size_t gap) {
  return gap > 0 && gap + 1 < text.size() && is_digit(text[gap - 1]) && !is_alnum(text[gap]) && is_digit(text[gap + 1]);
}

// What goes on behind such a gap, or has begun before it.
bool goes_on(std::string_view text, const Finding& wider, const Finding& known) {
  const bool before = wider.end == known.end && known.begin > 0 && is_gap_of_digits(text, known.begin - 1);
  return before || (wider.begin == known.begin && is_gap_of_digits(text, known.end));
}

// A number whose first digits stand on the line before: "+49 30 3\n170 0922".
bool begins_before(std::string_view text, const Finding& wider, const Finding& known) {
  const std::string_view more = text.substr(wider.begin, known.begin - wider.begin);
  return wider.end == known.end && more.find('\n') != std::string_view::npos && std::ranges::any_of(more, is_digit) &&
         std::ranges::none_of(more, is_letter);
}

// What an escape or a tag parts from it: "ada\_lovelace@example.org", "ada&#95;lovelace@example.org", "ada<b>lovelace</b>@example.org".
bool goes_over_escape(std::string_view text, const Finding& wider, const Finding& known) {
  const auto is_parted = [&](std::string_view more) {
    return more.find('>') != std::string_view::npos ||
           (more.find_first_of("\\&=%") != std::string_view::npos && std::ranges::none_of(more, is_blank));
  };
  return is_parted(text.substr(wider.begin, known.begin - wider.begin)) || is_parted(text.substr(known.end, wider.end - known.end));
}

// Beside what a plainer reading saw (sorted, disjoint): more of it, or something else. Of the same type the plain one knows the value's ends better,
// unless what it took for an end is a letter in disguise. What counts only where policy names it, say an address of the web, hides nothing direct.
bool adds(std::string_view text, const Finding& finding, bool letters_only, const std::vector<Finding>& plainer) {
  auto known = std::ranges::upper_bound(plainer, finding.begin, {}, &Finding::end);
  for (; known != plainer.end() && known->begin < finding.end; ++known) {
    if (is_direct(finding.type) && !is_direct(known->type)) continue;
    const bool wider = finding.begin <= known->begin && known->end <= finding.end && finding.end - finding.begin > known->end - known->begin;
    if (!wider || (finding.type == known->type && !letters_only && !is_more_of_it(text, finding, *known) && !goes_on(text, finding, *known) &&
                   !begins_before(text, finding, *known) && !goes_over_escape(text, finding, *known)))
      return false;
  }
  return true;
}

}  // namespace

void Detectors::add(std::unique_ptr<const Detector> detector) {
  std::ranges::copy(detector->covers(), std::back_inserter(types_));
  std::ranges::sort(types_);
  types_.erase(std::ranges::unique(types_).begin(), types_.end());
  detectors_.push_back(std::move(detector));
}

bool Detectors::covers(std::string_view type) const { return std::ranges::binary_search(types_, type); }

// What the detectors see in one reading, none overlapping another; spans are those of the text as given.
std::vector<Finding> Detectors::find_in(const Text& text, const Readings& readings, std::size_t i, std::span<const std::string> only) const {
  std::vector<Finding> found;
  for (const auto& detector : detectors_) detector->find({readings[i].text, text.label}, found);
  const std::string_view read = readings[i].text;
  std::erase_if(found, [&](const Finding& finding) {
    if (i > 0 && Mapped::is_parted(read.substr(finding.begin, finding.end - finding.begin))) return true;
    return !only.empty() && std::ranges::find(only, finding.type) == only.end();
  });
  for (Finding& finding : found) {
    const Span span = readings.original(i, {finding.begin, finding.end});
    finding.begin = span.begin;
    finding.end = span.end;
  }
  direct_first(text.text, found);
  return found;
}

std::vector<Finding> Detectors::find(const Text& text, std::span<const std::string> only) const {
  const Readings readings(text.text);
  std::vector<Finding> found = find_in(text, readings, 0, only);
  for (std::size_t i = 1; i < readings.size(); ++i) {
    std::vector<Finding> here = find_in(text, readings, i, only);
    const std::string_view disguise = readings[i].disguise;
    std::erase_if(here, [&](const Finding& finding) { return !adds(text.text, finding, disguise == kLookAlikes, found); });
    if (here.empty()) continue;
    for (Finding& finding : here) {
      finding.reason.insert(0, std::string(disguise) + (finding.reason.empty() ? "" : ": "));
      found.push_back(std::move(finding));
    }
    direct_first(text.text, found);
  }
  return found;
}

std::vector<Finding> Detectors::find_as_written(const Text& text, std::span<const std::string> only) const {
  return find_in(text, Readings(text.text, Readings::Until::folded), 0, only);
}

}  // namespace demarc::privacy
