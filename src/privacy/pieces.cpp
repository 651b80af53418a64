#include "privacy/pieces.hpp"

#include "privacy/direct_first.hpp"

namespace demarc::privacy {
namespace {

constexpr std::size_t kLeft = 1 << 10;    // context before a finding
constexpr std::size_t kRight = 20 << 10;  // the longest finding and what stands after it

}  // namespace

bool is_late(const ExamineLimits& limits) { return limits.clock != nullptr && limits.deadline.passed(limits.clock->monotonic()); }

std::optional<std::vector<Finding>> find_in_pieces(const Text& text, const Detectors& detectors, const ExamineLimits& limits) {
  if (is_late(limits)) return std::nullopt;
  if (text.text.size() <= kPiece) return detectors.find(text);
  std::vector<Finding> all;
  for (std::size_t from = 0;; from += kPiece - kRight - kLeft) {
    const std::string_view piece = text.text.substr(from, kPiece);
    const bool last = from + piece.size() == text.text.size();
    const std::size_t begin = from == 0 ? 0 : kLeft, end = last ? piece.size() : piece.size() - kRight;  // whose findings are this piece's
    for (Finding& finding : detectors.find({piece, text.label})) {
      if (finding.begin < begin || finding.begin >= end) continue;
      if (!last && finding.end == piece.size()) return std::nullopt;
      finding.begin += from;
      finding.end += from;
      all.push_back(std::move(finding));
    }
    if (last) break;
    if (is_late(limits)) return std::nullopt;
  }
  direct_first(text.text, all);
  return all;
}

}  // namespace demarc::privacy
