#include "access/identify.hpp"

#include <openssl/crypto.h>

#include <algorithm>

namespace demarc::access {
namespace {

constexpr std::string_view kBearer = "bearer ";

ApiError unauthenticated(std::string message, std::string hint) {
  ApiError error{ErrorKind::unauthenticated, std::move(message)};
  error.hint = std::move(hint);
  return error;
}

ApiError wrong_key() {
  return unauthenticated("The API key is not valid.", "Send a key made with `demarc keys create` as 'Authorization: Bearer …' or 'x-api-key: …'.");
}

bool same(std::string_view a, std::string_view b) { return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0; }

// The credential that the headers carry; "" if none. One that is sent twice, or in two ways that differ, is nobody's.
Result<std::string_view, ApiError> credential_of(const Headers& headers) {
  std::optional<std::string_view> found;
  for (const auto& [name, raw] : headers) {
    std::string_view value = trim(raw);
    if (name == "authorization") {
      if (value.size() <= kBearer.size() || !equals_ignoring_case(value.substr(0, kBearer.size()), kBearer)) return fail(wrong_key());
      value = trim(value.substr(kBearer.size()));
    } else if (name != "x-api-key" && name != "x-goog-api-key") {
      continue;
    }
    if (value.empty() || (found && !same(*found, value))) return fail(wrong_key());
    found = value;
  }
  return found.value_or(std::string_view{});
}

// "127.0.0.1:8400" → "127.0.0.1", "[::1]:8400" → "::1", "::1:51234" (an address printed without brackets) → "::1"
std::string_view host_of(std::string_view authority) {
  if (authority.starts_with('[')) return authority.substr(1, authority.find(']') - 1);
  const std::size_t colon = authority.rfind(':');
  return colon == std::string_view::npos ? authority : authority.substr(0, colon);
}

bool is_loopback(std::string_view host) {
  if (host.starts_with("::ffff:")) host.remove_prefix(7);
  const bool dotted = std::ranges::all_of(host, [](char c) { return (c >= '0' && c <= '9') || c == '.'; });
  return host == "::1" || equals_ignoring_case(host, "localhost") || (dotted && host.starts_with("127.") && std::ranges::count(host, '.') == 3);
}

// scheme "://" authority, with a loopback authority: a page that this machine serves itself.
bool is_local_origin(std::string_view origin) {
  const std::size_t mark = origin.find("://");
  return mark != std::string_view::npos && is_loopback(host_of(origin.substr(mark + 3)));
}

// Why somebody without a key is not the person at this machine; "" if it may well be.
std::string_view stranger(const Headers& headers, std::string_view remote) {
  if (!is_local_peer(remote)) return "a key is needed from other machines";
  for (const auto& [name, value] : headers) {
    if (name == "forwarded" || name == "x-forwarded-for" || name == "x-forwarded-host" || name == "x-real-ip" || name == "via")
      return "a request that came through a proxy needs a key";
    if (name == "host" && remote != "unix" && !is_loopback(host_of(value))) return "without a key, the Host must be a loopback address";
    if (name == "origin" && !is_local_origin(value)) return "a web page of another site needs a key";
    if (name == "sec-fetch-site" && value != "same-origin" && value != "none") return "a web page of another site needs a key";
  }
  return {};
}

Caller owner() {
  Caller caller;
  for (const ScopeSpec& scope : scopes()) caller.scopes.emplace(scope.name);
  return caller;
}

Caller caller_of(const KeyRecord& record) { return {record.id, record.team, record.role, record.scopes, record.workloads, record.sensitivity}; }

}  // namespace

bool is_local_peer(std::string_view remote) { return remote == "unix" || is_loopback(host_of(remote)); }

Result<Caller, ApiError> identify(const Headers& headers, std::string_view remote, const KeySet& keys, Instant now, LoopbackRule rule) {
  std::string_view credential = TRY(credential_of(headers));
  if (rule == LoopbackRule::keyless_allowed && !credential.starts_with("dmc_") && is_local_peer(remote)) credential = {};
  if (credential.empty()) {
    const std::string_view why = rule == LoopbackRule::keys_required ? "this server wants a key from everybody" : stranger(headers, remote);
    if (why.empty()) return owner();
    return fail(unauthenticated("No API key was sent: " + std::string(why) + ".", wrong_key().hint));
  }
  const KeyRecord* record = keys.find(credential);
  if (record == nullptr) return fail(wrong_key());
  switch (state_of(*record, now)) {  // only who holds the whole key learns its state
    case KeyState::active: return caller_of(*record);
    case KeyState::expired:
      return fail(unauthenticated("The API key expired on " + format_rfc3339(record->expires) + ".", "Make a new one: `demarc keys create`."));
    case KeyState::revoked: return fail(unauthenticated("The API key was revoked.", "Make a new one: `demarc keys create`."));
  }
  return fail(wrong_key());
}

Result<Caller, ApiError> caller_of_key(const KeySet& keys, std::string_view key_id, Instant now) {
  if (key_id.empty()) return owner();
  const KeyRecord* record = keys.record(key_id);
  if (record != nullptr && state_of(*record, now) == KeyState::active) return caller_of(*record);
  return fail(unauthenticated("The API key that ordered this is " + std::string(record == nullptr ? "gone" : to_string(state_of(*record, now))) + ".",
                              "Order it again with another key."));
}

void strip_credentials(Headers& headers) {
  for (const char* name : {"authorization", "x-api-key", "proxy-authorization", "cookie", "x-goog-api-key", "api-key"}) headers.remove(name);
}

Result<void, ApiError> require_scope(const Caller& caller, std::string_view scope) {
  if (caller.may(scope)) return {};
  ApiError error{ErrorKind::forbidden, "This API key lacks the scope " + std::string(scope) + "."};
  error.hint = "Use a key made with `--scope " + std::string(scope) + "`.";
  return fail(std::move(error));
}

Result<void, ApiError> may_name_workload(const Caller& caller, std::string_view workload, std::span<const std::string> open,
                                         std::span<const std::string> defined) {
  const auto in = [&](const auto& names) { return std::ranges::find(names, workload) != names.end(); };
  if (!in(defined))
    return fail(ApiError{ErrorKind::bad_request, "The named workload is not defined.", "workload", "Workloads stand in demarc.yaml."});
  if (in(open) || in(caller.workloads)) return {};
  return fail(ApiError{ErrorKind::forbidden, "This API key may not name this workload.", "workload",
                       "A permit of the policy depends on it: make a key that lists it, `demarc keys create --workload NAME`."});
}

}  // namespace demarc::access
