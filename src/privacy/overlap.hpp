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
#include "core/request.hpp"

namespace demarc::privacy {

void keep_best(std::string_view text, std::vector<Finding>& findings);

// `span` without spaces and signs at its ends; empty if it holds nothing else.
Span without_signs(std::string_view text, Span span);

}  // namespace demarc::privacy
