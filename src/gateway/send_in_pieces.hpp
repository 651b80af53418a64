// send_in_pieces(): one request to an engine as several, one after the other, so that others get in between; their answers come back as one.
//
//   auto reply = co_await send_in_pieces({.http = http, .origin = origin, .request = request, .limits = limits, .cancellation = stop}, bodies, gate,
//   [&] { … });
//
// `between` is awaited before each piece but the first, and ends the whole with its error; there the place at the engine can be given away and taken
// again. An answer that is no success ends it too, and is the answer to the whole. One loop.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/io/http.hpp"

namespace demarc::gateway {

struct PieceCall {
  HttpClient& http;
  const Origin& origin;
  const OutgoingRequest& request;  // but its body
  const SendLimits& limits;        // of each piece
  Cancellation& cancellation;
};
using BetweenPieces = std::function<Task<Result<void, IoError>>()>;

// At least one body; they live until it is done.
Task<Result<std::unique_ptr<IncomingReply>, SendError>> send_in_pieces(PieceCall call, const std::vector<std::string>& bodies, Task<bool> gate,
                                                                       BetweenPieces between);

}  // namespace demarc::gateway
