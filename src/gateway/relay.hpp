// The answer's way back: from the upstream's bytes through translation, restoring and masking to the client, sealed before its end.
//
// Each takes an Attempt whose send() succeeded and settles it. One loop.
#pragma once

#include "gateway/attempt.hpp"

namespace demarc::gateway {

enum class Relayed : std::uint8_t {
  answered,  // the client has its answer, whole
  next,      // nothing reached the client: the next attempt may try
  again,     // it gave its place to others, or its engine broke off: the same candidate once more
  over,      // the client has an error, or is gone
};

struct RelayResult {
  Relayed what = Relayed::answered;
  ApiError error{};  // with `next`: what to tell the caller if no attempt follows
};

Task<RelayResult> relay_stream(Attempt& attempt, Ends ends_if_failed);
Task<RelayResult> relay_whole(Attempt& attempt, Ends ends_if_failed);

}  // namespace demarc::gateway
