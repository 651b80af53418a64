// find_in_pieces: Detectors::find for a text of any length, with a look at the clock between pieces, so that one huge text cannot hold a loop.
//
//   std::optional<std::vector<Finding>> found = find_in_pieces(text, detectors, limits);   // nullopt: the deadline passed, or a finding was endless
//
// Pieces overlap by more than any finding and its context are long. Pure but for the clock; any thread.
#pragma once

#include <optional>
#include <vector>

#include "privacy/detector.hpp"
#include "privacy/examine.hpp"

namespace demarc::privacy {

inline constexpr std::size_t kPiece = 256 << 10;

bool is_late(const ExamineLimits& limits);
std::optional<std::vector<Finding>> find_in_pieces(const Text& text, const Detectors& detectors, const ExamineLimits& limits);

}  // namespace demarc::privacy
