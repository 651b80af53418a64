// HmacSha256: HMAC-SHA256 (RFC 2104, FIPS 180-4) of content that comes piece by piece, without an allocation. Every request makes several: OpenSSL's
// EVP_MAC costs some microseconds each to set up, which is more than the hashing.
//
//   HmacSha256 mac(key);
//   mac.update(piece);
//   std::array<std::uint8_t, 32> digest = mac.finish();   // once
//
// One owner. Wiped when it dies.
#pragma once

#include <openssl/sha.h>

#include <array>
#include <cstdint>
#include <string_view>

namespace demarc {

class HmacSha256 {
 public:
  explicit HmacSha256(std::string_view key);
  ~HmacSha256();
  HmacSha256(const HmacSha256&) = delete;
  HmacSha256& operator=(const HmacSha256&) = delete;
  void update(std::string_view piece);
  std::array<std::uint8_t, 32> finish();

 private:
  SHA256_CTX inner_, outer_;
};

std::array<std::uint8_t, 32> hmac_sha256(std::string_view key, std::string_view content);

// Its bytes as text, for to_hex() and to_base64().
inline std::string_view bytes_of(const std::array<std::uint8_t, 32>& digest) { return {reinterpret_cast<const char*>(digest.data()), digest.size()}; }

}  // namespace demarc
