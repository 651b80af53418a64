// keep_best: of findings that overlap, the longest stays, then the one of higher score, then the one that begins first, then the first type by name.
// A secret that overlaps another in part is one with it, or a part of one of them would be left in plain (-----END PRIVATE KEY-----ada@example.org).
// So the outcome depends on the findings only, never on the order in which detectors ran. The result is sorted by where it begins. Pure; any thread.
#pragma once

#include <vector>

#include "core/finding.hpp"

namespace demarc::privacy {

void keep_best(std::vector<Finding>& findings);

}  // namespace demarc::privacy
