// seal() and unseal(): AES-256-GCM (NIST SP 800-38D) of one record, under a nonce of 96 random bits that stands before it.
//
//   std::string sealed = seal(key, "conversation 7, record 3", plain, random);      // nonce, ciphertext, tag
//   std::optional<std::string> plain = unseal(key, "conversation 7, record 3", sealed);
//
// nullopt: another key, other associated data, or a byte was changed. Pure but for the random bytes; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/io/loop.hpp"
#include "privacy/keyed.hpp"

namespace demarc::privacy {

inline constexpr std::size_t kNonceBytes = 12, kTagBytes = 16, kSealBytes = kNonceBytes + kTagBytes;  // longer than the plain text

std::string seal(const Digest& key, std::string_view associated, std::string_view plain, Random& random);
std::optional<std::string> unseal(const Digest& key, std::string_view associated, std::string_view sealed);

}  // namespace demarc::privacy
