// Keyed digests of several parts, and choices drawn from one: what the vault makes its words of.
//
//   Digest key = keyed(secret, {"conversation", caller, conversation});
//   Draw draw(keyed(key, {"surrogate", type, value}));
//   names[draw.below(names.size())]               // the same each time; nobody without the key can foresee it
//
// keyed(): pure, any thread. A Draw belongs to one thread.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <string_view>

namespace demarc::privacy {

using Digest = std::array<std::uint8_t, 32>;

// HMAC-SHA256 over the parts, each with its length before it, so that no two lists of parts read the same.
Digest keyed(const Digest& key, std::initializer_list<std::string_view> parts);

class Draw {
 public:
  explicit Draw(const Digest& seed) : seed_(seed), block_(seed) {}
  std::uint32_t below(std::uint32_t n);  // n > 0; bias below 2^-32
  char digit() { return static_cast<char>('0' + below(10)); }
  char capital() { return static_cast<char>('A' + below(26)); }

 private:
  Digest seed_, block_;
  std::size_t used_ = 0;
  std::uint8_t round_ = 0;
};

}  // namespace demarc::privacy
