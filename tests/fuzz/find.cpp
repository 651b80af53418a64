// Findings are spans of whole characters, sorted, apart, of types that are covered, the same every time; and what stands far away changes none.
#include <algorithm>

#include "base/strings.hpp"
#include "fuzz.hpp"
#include "privacy/overlap.hpp"
#include "privacy/utf8.hpp"

namespace demarc::fuzz {
namespace {

bool same(const Finding& a, const Finding& b, std::size_t shift) {
  return a.type == b.type && a.kind == b.kind && a.begin + shift == b.begin && a.end + shift == b.end && a.score == b.score;
}

bool same(const std::vector<Finding>& a, const std::vector<Finding>& b, std::size_t shift) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [&](const Finding& x, const Finding& y) { return same(x, y, shift); });
}

bool on_boundary(std::string_view text, std::size_t at) { return at == text.size() || !privacy::is_utf8_tail(text[at]); }

// More words on either side than any rule looks at.
constexpr std::string_view kBefore = "the sun went down behind the hills and nobody said a word about it any more.\n\n";
constexpr std::string_view kAfter = "\n\n~ then it was quiet again and the night came over the valley as it always does ~";

}  // namespace
}  // namespace demarc::fuzz

FUZZ(find) {
  const std::string text = with_values(bytes);
  const std::vector<Finding> found = detectors().find(text);
  const bool valid = is_utf8(text);
  std::size_t last = 0;
  for (const Finding& finding : found) {
    CHECK(last <= finding.begin && finding.begin < finding.end && finding.end <= text.size());
    CHECK(detectors().covers(finding.type));
    CHECK(finding.score >= 0 && finding.score <= 1);
    if (valid) CHECK(on_boundary(text, finding.begin) && on_boundary(text, finding.end));
    last = finding.end;
  }
  if (bytes.size() % 4 == 0) CHECK(same(found, detectors().find(text), 0));  // of a quarter of the inputs: it searches all once more
  // As it is written; what a disguise hides may depend on what stands around it.
  CHECK(same(detectors().find_as_written({text}), detectors().find_as_written({std::string(kBefore) + text + std::string(kAfter)}), kBefore.size()));

  std::vector<Finding> backwards(found.rbegin(), found.rend());
  privacy::keep_best(text, backwards);
  CHECK(same(found, backwards, 0));
}
