// connect: a ready connection to an origin: resolved, connected over the first address that answers, through the proxy, with TLS verified.
// Internal to http/; the loop's thread only.
#pragma once

#include <memory>
#include <string>

#include "http/inner/stream.hpp"

struct ssl_session_st;

namespace demarc::http {

struct ConnectFailure {
  IoError kind = IoError::system;
  std::string detail;
};

// The newest TLS session of an origin, so that its next connection may be resumed.
struct TlsMemory {
  std::shared_ptr<ssl_session_st> session;
};

// Ends by `deadline` at the latest, and soon after `cancellation`.
Task<Result<StreamPtr, ConnectFailure>> connect(AsioLoop& loop, const Origin& origin, Monotonic deadline, Cancellation& cancellation,
                                                std::shared_ptr<TlsMemory> memory);

}  // namespace demarc::http
