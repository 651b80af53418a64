#include "gateway/serve_request.hpp"

#include <openssl/hmac.h>

#include "base/encode.hpp"
#include "base/ids.hpp"

namespace demarc::gateway {

Task<void> serve_request(Exchange& client, Services& services, const dialect::Dialect& dialect, const Inherited* inherited) {
  RequestContext context(client, services, dialect, inherited);
  if (auto known = identify(context); !known) co_return co_await reply_error(context, std::move(known).error());
  if (auto understood = understand(context); !understood) co_return co_await reply_error(context, std::move(understood).error());
  judge(context);
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

std::string keyed_digest(std::string_view key, std::string_view purpose, std::string_view content) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> purpose_key{}, digest{};  // a key of its own per purpose keeps equal contents of different fields apart
  unsigned int purpose_size = 0, size = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), reinterpret_cast<const unsigned char*>(purpose.data()), purpose.size(), purpose_key.data(), &purpose_size);
  HMAC(EVP_sha256(), purpose_key.data(), static_cast<int>(purpose_size), reinterpret_cast<const unsigned char*>(content.data()), content.size(), digest.data(), &size);
  return to_base64({reinterpret_cast<const char*>(digest.data()), size});
}

}  // namespace demarc::gateway
