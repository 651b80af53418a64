#define OPENSSL_SUPPRESS_DEPRECATED  // the EVP interface allocates and looks the algorithm up each time
#include "core/hmac.hpp"

#include <openssl/crypto.h>

#include <cstring>

namespace demarc {
namespace {

constexpr std::size_t kBlockBytes = 64;

void start(SHA256_CTX& context, std::array<std::uint8_t, kBlockBytes> key, std::uint8_t pad) {
  for (std::uint8_t& byte : key) byte ^= pad;
  SHA256_Init(&context);
  SHA256_Update(&context, key.data(), key.size());
  OPENSSL_cleanse(key.data(), key.size());
}

}  // namespace

HmacSha256::HmacSha256(std::string_view key) {  // NOLINT(cppcoreguidelines-pro-type-member-init): start() sets both
  std::array<std::uint8_t, kBlockBytes> block{};
  if (key.size() > block.size())
    SHA256(reinterpret_cast<const unsigned char*>(key.data()), key.size(), block.data());
  else
    std::memcpy(block.data(), key.data(), key.size());
  start(inner_, block, 0x36);
  start(outer_, block, 0x5c);
  OPENSSL_cleanse(block.data(), block.size());
}

HmacSha256::~HmacSha256() { OPENSSL_cleanse(this, sizeof *this); }

void HmacSha256::update(std::string_view piece) { SHA256_Update(&inner_, piece.data(), piece.size()); }

std::array<std::uint8_t, 32> HmacSha256::finish() {
  std::array<std::uint8_t, 32> digest{};
  SHA256_Final(digest.data(), &inner_);
  SHA256_Update(&outer_, digest.data(), digest.size());
  SHA256_Final(digest.data(), &outer_);
  return digest;
}

std::array<std::uint8_t, 32> hmac_sha256(std::string_view key, std::string_view content) {
  HmacSha256 mac(key);
  mac.update(content);
  return mac.finish();
}

}  // namespace demarc
