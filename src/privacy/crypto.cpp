// Addresses of Bitcoin (base58check, bech32 of BIP 173, bech32m of BIP 350) and Ethereum (EIP-55, or hexadecimal digits of one letter case).
#include <openssl/sha.h>

#include <algorithm>
#include <array>
#include <string>

#include "base/strings.hpp"
#include "privacy/chars.hpp"
#include "privacy/keccak.hpp"
#include "privacy/number_rules.hpp"

namespace demarc::privacy {
namespace {

constexpr std::string_view kBase58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
constexpr std::string_view kBech32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";

// One byte of version, twenty of a hash, four of the double SHA-256 over both.
bool is_base58check(std::string_view word) {
  std::array<unsigned char, 25> bytes{};
  for (char c : word) {
    const std::size_t digit = kBase58.find(c);
    if (digit == std::string_view::npos) return false;
    unsigned carry = static_cast<unsigned>(digit);
    for (std::size_t i = bytes.size(); i-- > 0;) {
      carry += 58U * bytes[i];
      bytes[i] = static_cast<unsigned char>(carry & 0xFFU);
      carry >>= 8U;
    }
    if (carry != 0) return false;
  }
  if (bytes[0] != 0 && bytes[0] != 5) return false;  // to a key's hash, to a script's
  std::array<unsigned char, SHA256_DIGEST_LENGTH> once{}, twice{};
  SHA256(bytes.data(), 21, once.data());
  SHA256(once.data(), once.size(), twice.data());
  return std::equal(twice.begin(), twice.begin() + 4, bytes.begin() + 21);
}

std::uint32_t bech32_step(std::uint32_t sum, std::uint32_t value) {
  constexpr std::uint32_t kGenerator[] = {0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3};
  const std::uint32_t top = sum >> 25U;
  sum = (sum & 0x1ffffffU) << 5U ^ value;
  for (std::uint32_t i = 0; i < 5; ++i) {
    if ((top >> i & 1U) != 0) sum ^= kGenerator[i];
  }
  return sum;
}

bool is_bech32(std::string_view word) {
  const std::string small = to_lower(word);
  const bool mixed = small != word && std::any_of(word.begin(), word.end(), [](char c) { return c >= 'a' && c <= 'z'; });
  if (mixed || (!small.starts_with("bc1") && !small.starts_with("tb1"))) return false;
  std::uint32_t sum = 1;
  for (char c : small.substr(0, 2)) sum = bech32_step(sum, static_cast<std::uint32_t>(c) >> 5U);
  sum = bech32_step(sum, 0);
  for (char c : small.substr(0, 2)) sum = bech32_step(sum, static_cast<std::uint32_t>(c) & 31U);
  for (char c : small.substr(3)) {
    const std::size_t value = kBech32.find(c);
    if (value == std::string_view::npos) return false;
    sum = bech32_step(sum, static_cast<std::uint32_t>(value));
  }
  return sum == 1 || sum == 0x2bc830a3;
}

enum class Hex { none, one_case, checked };

Hex ethereum(std::string_view forty) {
  if (!std::all_of(forty.begin(), forty.end(), is_hex)) return Hex::none;
  const std::string small = to_lower(forty);
  const auto capital = [](char c) { return c >= 'A' && c <= 'F'; };
  const auto letters = std::count_if(forty.begin(), forty.end(), is_letter), capitals = std::count_if(forty.begin(), forty.end(), capital);
  if (letters < 4) return Hex::none;  // a number
  if (capitals == 0 || capitals == letters) return Hex::one_case;
  const auto hash = keccak_256(small);
  for (std::size_t i = 0; i < small.size(); ++i) {
    const unsigned nibble = hash[i / 2] >> (i % 2 == 0 ? 4U : 0U) & 15U;
    if (is_letter(small[i]) && capital(forty[i]) != (nibble >= 8)) return Hex::none;
  }
  return Hex::checked;
}

}  // namespace

std::optional<Finding> match_crypto(std::string_view text, std::size_t begin, std::size_t end) {
  const std::string_view word = text.substr(begin, end - begin);
  const auto found = [&](float score, const char* reason) {
    return Finding{.type = "CRYPTO", .begin = begin, .end = end, .score = score, .reason = reason};
  };
  if (word.size() < 26 || word.size() > 90) return std::nullopt;
  if (word.size() == 42 && word[0] == '0' && (word[1] == 'x' || word[1] == 'X')) {
    switch (ethereum(word.substr(2))) {
      case Hex::none: return std::nullopt;
      case Hex::one_case: return found(0.6F, "hexadecimal of one letter case");
      case Hex::checked: return found(1.0F, "EIP-55");
    }
  }
  if (word.size() <= 35 && (word[0] == '1' || word[0] == '3') && is_base58check(word)) return found(1.0F, "base58check");
  if ((word[0] == 'b' || word[0] == 'B' || word[0] == 't' || word[0] == 'T') && is_bech32(word)) return found(1.0F, "bech32");
  return std::nullopt;
}

}  // namespace demarc::privacy
