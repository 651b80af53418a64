// The redaction lane as endpoints of their own: POST /v1/redactions, and Presidio's shapes below /presidio/. Texts are detected, redacted or restored
// here, in this process; nothing leaves the building, so no policy is asked, but each call has its INTENT and OUTCOME, its receipt and its place in
// usage like any other (upstream "demarc", model "detectors").
//
// One loop per call. Texts beyond limits.examine_mib: 413.
#pragma once

#include "gateway/router.hpp"

namespace demarc::gateway {

void add_redaction_routes(Router& router, Services& services);

ApiError conversation_full();  // RedactionsError::vault_full, for the caller

}  // namespace demarc::gateway
