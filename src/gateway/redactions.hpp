// The redaction lane as endpoints of their own: POST /v1/redactions, and Presidio's shapes below /presidio/. Texts are detected, redacted or restored
// here, in this process; nothing leaves the building, so no policy is asked, but each call has its INTENT and OUTCOME, its receipt and its place in
// usage like any other (upstream "demarc", model "detectors").
//
// One loop per call. Texts beyond limits.examine_mib: 413.
#pragma once

#include <string>
#include <vector>

#include "gateway/router.hpp"

namespace demarc::gateway {

void add_redaction_routes(Router& router, Services& services);

ApiError conversation_full();  // RedactionsError::vault_full, for the caller

struct RequestContext;
// What is hidden of a document or a recording: the types that the policy masks in answers, and those that the client asked for. Empty: all.
std::vector<std::string> hidden_types(const RequestContext& context);

// What the policy masks nobody restores, not even as a part of something longer: a cover that overlaps one of `masked` takes its type. Both are
// sorted, none of a list overlapping another of it.
template <class Cover>
void take_masked_types(std::vector<Cover>& covers, const std::vector<Cover>& masked) {
  auto next = masked.begin();
  for (Cover& cover : covers) {
    while (next != masked.end() && next->end <= cover.begin) ++next;
    if (next != masked.end() && next->begin < cover.end) cover.type = next->type;
  }
}

}  // namespace demarc::gateway
