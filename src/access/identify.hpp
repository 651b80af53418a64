// identify: from a request's headers to its Caller, or the 401 that says no more than it must.
//
//   Authorization: Bearer dmc_…      or      x-api-key: dmc_…      or both, equal (x-goog-api-key counts like x-api-key)
//
//   const auto keys = keyring.current();
//   const Caller caller = CO_TRY_REPLY(access::identify(request.headers, request.remote, *keys, now, rule));
//   access::strip_credentials(headers);                     // what goes upstream never carries the caller's key
//   TRY(access::may_name_workload(caller, workload, open_workloads, defined_workloads));
//
// Pure over its arguments; any thread.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "access/keys.hpp"

namespace demarc::access {

// Whether a caller on loopback or a Unix socket may come without a key (demarc.yaml `keys: optional`). A wrong key of ours is a 401 all
// the same; what is no key of ours at all ("sk-…", "unused": official SDKs insist on sending something) counts there as none.
enum class LoopbackRule : std::uint8_t { keys_required, keyless_allowed };

// `remote` as HttpRequest::remote: "127.0.0.1:51234", "[::1]:51234", "unix".
// Without a key, and allowed: the peer must be local, and the request must not come from a web page of another site or through a proxy (Host,
// Origin, Sec-Fetch-Site, Forwarded, X-Forwarded-For), so that neither DNS rebinding nor a reverse proxy turns strangers into the owner.
Result<Caller, ApiError> identify(const Headers& headers, std::string_view remote, const KeySet& keys, Instant now, LoopbackRule rule);

// The caller that a key is of, for work that it ordered earlier: by its id, "" for the owner without one. 401 where it is active no more.
Result<Caller, ApiError> caller_of_key(const KeySet& keys, std::string_view key_id, Instant now);

bool is_local_peer(std::string_view remote);

void strip_credentials(Headers& headers);

// 403 without the scope.
Result<void, ApiError> require_scope(const Caller& caller, std::string_view scope);

// A key may name the workloads that it lists and those that no permit of the policy mentions (`open`). A defined one outside of both is 403, one
// that demarc.yaml does not define is 400.
Result<void, ApiError> may_name_workload(const Caller& caller, std::string_view workload, std::span<const std::string> open,
                                         std::span<const std::string> defined);

}  // namespace demarc::access
