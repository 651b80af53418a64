// examine_again(): the third detector. A language model of the local tier reads the request's texts, piece by piece, as sub-requests with records of
// their own; what it adds to the findings is there before policy decides for good (privacy/review.hpp).
//
// Asked only for a client's own request that is as sensitive as detectors.review says and could go to the cloud tier as it stands. Without an answer
// in time findings are unknown. One loop.
#pragma once

#include "gateway/context.hpp"

namespace demarc::gateway {

bool needs_review(const RequestContext& context);  // once the request has been judged
Task<void> examine_again(RequestContext& context);

}  // namespace demarc::gateway
