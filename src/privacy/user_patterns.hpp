// load_detectors: the structured detectors, and those of files of somebody's own patterns, dictionaries and words (docs/reference/patterns.md).
//
//   auto detectors = load_detectors({"/etc/demarc/patterns.yaml"}, real_disk());
//   if (!detectors) print(detectors.error());
//
// The examples of each entry are run: one that is not found, or a counter-example that is, is a problem like any other, so that a mistake in a
// pattern shows when it is written and not when data has left. Blocks (files); a dictionary of two million terms takes a second or two.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "core/io/disk.hpp"
#include "privacy/detector.hpp"
#include "privacy/pattern_file.hpp"

namespace demarc::privacy {

inline constexpr std::size_t kMaxPatternFileBytes = std::size_t{4} << 20, kMaxTermsFileBytes = std::size_t{1} << 30, kMaxPatternEntries = 100;

Result<Detectors, std::vector<PatternProblem>> load_detectors(std::span<const std::string> files, Disk& disk);

}  // namespace demarc::privacy
