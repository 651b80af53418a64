// keep_best: of findings that overlap, the longest stays, then the one of higher score, then the one that begins first, then the first type by name.
// Of the others what no better one covers stays too, or a part of a value that was seen would be left in plain; without spaces and signs at its ends
// (with them where `text` is empty, for who does not have it). A secret that overlaps another in part is one with it
// (-----END PRIVATE KEY-----ada@example.org).
//
//   "no. 90-1769-5786": INSURANCE_ID 4-16, PHONE_NUMBER 0-11      ->  PHONE_NUMBER "no", INSURANCE_ID "90-1769-5786"
//
// So the outcome depends on the findings only, never on the order in which detectors ran. The result is sorted by where it begins. Pure; any thread.
#pragma once

#include <string_view>
#include <vector>

#include "core/finding.hpp"

namespace demarc::privacy {

// `level`: one of a lower level stays whatever the length of those of a higher one; secrets are joined on level 0.
using Level = int (*)(const Finding&);
void keep_best(std::string_view text, std::vector<Finding>& findings, Level level = [](const Finding&) { return 0; });

}  // namespace demarc::privacy
