#include "gateway/serve_request.hpp"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/params.h>

#include <array>

#include "access/identify.hpp"
#include "base/encode.hpp"
#include "base/ids.hpp"

namespace demarc::gateway {

Task<void> serve_request(Exchange& client, Services& services, const dialect::Dialect& dialect, const Inherited* inherited) {
  RequestContext context(client, services, dialect, inherited);
  if (auto known = identify(context); !known) co_return co_await reply_error(context, std::move(known).error());
  if (auto understood = understand(context); !understood) co_return co_await reply_error(context, std::move(understood).error());
  co_await judge(context);
  if (context.decision.effect != Effect::permit) co_return co_await refuse(context);
  co_await carry_out(context);
}

RequestContext::RequestContext(Exchange& client_in, Services& services_in, const dialect::Dialect& dialect_in, const Inherited* inherited_in)
    : client(client_in),
      services(services_in),
      dialect(dialect_in),
      inherited(inherited_in),
      snapshot(inherited_in != nullptr ? inherited_in->snapshot : services_in.snapshots.current()),
      id(make_id("req", client_in.loop().clock().now(), system_random().bytes<10>())),
      received(client_in.loop().clock().now()),
      began(client_in.loop().now()) {}

Result<Caller, ApiError> identify_peer(const HttpRequest& http, const access::KeySet& keys, Instant now, config::KeysRule rule) {
  const bool owner = http.remote == kAdminPeer;
  const auto loopback = owner || rule == config::KeysRule::optional ? access::LoopbackRule::keyless_allowed : access::LoopbackRule::keys_required;
  return access::identify(http.headers, owner ? "unix" : http.remote, keys, now, loopback);
}

// A key of its own per purpose keeps equal contents of different fields apart.
KeyedDigest::KeyedDigest(std::string_view key, std::string_view purpose) {
  static EVP_MAC* const hmac = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
  std::array<unsigned char, EVP_MAX_MD_SIZE> purpose_key{};
  unsigned int size = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), reinterpret_cast<const unsigned char*>(purpose.data()), purpose.size(),
       purpose_key.data(), &size);
  context_.reset(EVP_MAC_CTX_new(hmac));
  std::array<char, 8> digest_name{"SHA256"};
  const std::array parameters = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest_name.data(), 0), OSSL_PARAM_construct_end()};
  CHECK(EVP_MAC_init(context_.get(), purpose_key.data(), size, parameters.data()) == 1);
}

void KeyedDigest::Free::operator()(evp_mac_ctx_st* context) const { EVP_MAC_CTX_free(context); }

void KeyedDigest::add(std::string_view piece) { EVP_MAC_update(context_.get(), reinterpret_cast<const unsigned char*>(piece.data()), piece.size()); }

std::string KeyedDigest::finish() {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  std::size_t size = 0;
  CHECK(EVP_MAC_final(context_.get(), digest.data(), &size, digest.size()) == 1);
  return to_base64({reinterpret_cast<const char*>(digest.data()), size});
}

std::string keyed_digest(std::string_view key, std::string_view purpose, std::string_view content) {
  KeyedDigest digest(key, purpose);
  digest.add(content);
  return digest.finish();
}

}  // namespace demarc::gateway
