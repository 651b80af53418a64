// serve_request(): one request from birth to receipt. The whole story stands in serve_request.cpp, on one screen; each step is a file of its own.
//
// Runs on the exchange's loop; answers the exchange exactly once, whatever happens.
#pragma once

#include "gateway/context.hpp"

namespace demarc::gateway {

Task<void> serve_request(Exchange& client, Services& services, const dialect::Dialect& dialect, const Inherited* inherited = nullptr,
                         const Errand* errand = nullptr);

// The steps.
Result<void, ApiError> identify(RequestContext& context);          // caller, and what the headers say        (understand.cpp)
Task<Result<void, ApiError>> understand(RequestContext& context);  // the body: Request, what can be found in it here (understand.cpp)
void enter_session(RequestContext& context);                       // an editor's: what it asked before is cancelled (serve_request.cpp)
Task<void> examine_names(RequestContext& context);                 // what only a model finds: names, places     (understand.cpp)
void describe(RequestContext& context);                            // Attributes for policy, facts for the log   (understand.cpp)
Result<void, ApiError> place_in_line(RequestContext& context);     // its class, by policy, workload or kind     (judge.cpp)
Task<void> judge(RequestContext& context);                         // Decision, engines asked to count if need be (judge.cpp)
Task<void> refuse(RequestContext& context);                        // a DENY record, then 403, 404 or 503        (refuse.cpp)
// A DENY of a request that the policy permitted and that nothing was tried for: no budget, no slot. (refuse.cpp)
Task<void> record_refusal(RequestContext& context, const ApiError& error);
Task<void> reply_error(RequestContext& context, ApiError error);  // in the caller's dialect                  (refuse.cpp)
Task<void> carry_out(RequestContext& context);                    // the plan, attempt after attempt            (carry_out.cpp)

}  // namespace demarc::gateway
