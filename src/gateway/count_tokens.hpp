// count_tokens(): asks the engines that decide() named for their own count of this request's tokens and puts it into their CandidateState.
//
//   while (!decision.to_count.empty()) { co_await count_tokens(context, states); decide again }
//
// Only engines that are children of this process, over their Unix sockets: nothing leaves the building, so no INTENT is needed. All counts of one
// request share limits.count_ms; an engine that does not answer in time, or cannot, leaves the estimate in force. On the request's loop.
#pragma once

#include "gateway/context.hpp"
#include "policy/decide.hpp"

namespace demarc::gateway {

// Whether this upstream's engine can count, and for this operation.
bool counts_tokens(const UpstreamSpec& spec, Operation operation);

Task<void> count_tokens(RequestContext& context, policy::States& states);

}  // namespace demarc::gateway
