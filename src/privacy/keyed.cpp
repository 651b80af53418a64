#include "privacy/keyed.hpp"

#include <openssl/crypto.h>

#include <string>

#include "base/check.hpp"
#include "core/hmac.hpp"

namespace demarc::privacy {

Digest keyed(const Digest& key, std::initializer_list<std::string_view> parts) {
  std::string message;
  for (std::string_view part : parts) {
    const std::uint64_t size = part.size();
    for (unsigned shift = 0; shift < 64; shift += 8) message += static_cast<char>(size >> shift & 0xFFU);
    message += part;
  }
  const Digest out = hmac_sha256(bytes_of(key), message);
  OPENSSL_cleanse(message.data(), message.size());
  return out;
}

std::uint32_t Draw::below(std::uint32_t n) {
  CHECK(n > 0);
  std::uint64_t bits = 0;
  for (int i = 0; i < 8; ++i) {
    if (used_ == block_.size()) {
      const char round = static_cast<char>(++round_);
      block_ = keyed(seed_, {"draw", {&round, 1}}), used_ = 0;
    }
    bits = bits << 8U | block_[used_++];
  }
  return static_cast<std::uint32_t>(bits % n);
}

}  // namespace demarc::privacy
