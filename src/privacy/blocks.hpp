// Blocks: bit masks over 64 bytes of a text at a time, so that finding where nothing is costs no branch per byte.
//
//   const Blocks blocks(text);
//   for (std::size_t b = 0; b < blocks.size(); ++b) {
//     const Bits digits = blocks.wide(b, [](Bytes c) { return c >= '0' & c <= '9'; });   // bit i: byte 64·b + i, for 128 bytes
//   }
//
// Bytes beyond the text read as '\n'. Clang's vectors: SSE2, AVX2 or NEON, whatever the build is for. Pure; any thread.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace demarc::privacy {

using Bytes = unsigned char __attribute__((ext_vector_type(64)));
using ByteMask = decltype(Bytes{} == Bytes{});
using Bits = unsigned __int128;

inline ByteMask is_between(Bytes c, unsigned char first, unsigned char last) { return c - first <= static_cast<unsigned char>(last - first); }
inline ByteMask letters_of(Bytes c) { return is_between(c | 0x20, 'a', 'z'); }
inline ByteMask digits_of(Bytes c) { return is_between(c, '0', '9'); }

class Blocks {
 public:
  static constexpr std::size_t kSize = 64;
  explicit Blocks(std::string_view text) : text_(text) {
    const std::size_t whole = text.size() / kSize * kSize;
    std::memset(tail_, '\n', sizeof tail_);
    std::memcpy(tail_, text.data() + whole, text.size() - whole);
  }
  [[nodiscard]] std::size_t size() const { return (text_.size() + kSize - 1) / kSize; }
  [[nodiscard]] Bytes bytes(std::size_t block) const {
    Bytes out;
    const std::size_t at = block * kSize;
    std::memcpy(&out, at + kSize <= text_.size() ? text_.data() + at : at <= text_.size() ? tail_ : tail_ + kSize, kSize);
    return out;
  }
  template <typename Classify>
  [[nodiscard]] std::uint64_t bits(std::size_t block, Classify classify) const {
    using Bools = bool __attribute__((ext_vector_type(64)));
    return __builtin_bit_cast(std::uint64_t, __builtin_convertvector(classify(bytes(block)), Bools));
  }

 private:
  std::string_view text_;
  char tail_[2 * kSize];
};

// Walks a text with the masks of a block and the one behind it. visit(first byte, bits of this and the next block): the place of what was found at or
// behind `at`, or npos to go on.
template <typename Classify, typename Visit>
std::size_t walk_blocks(std::string_view text, std::size_t at, Classify classify, Visit visit) {
  const Blocks blocks(text);
  std::size_t block = at / Blocks::kSize;
  std::uint64_t here = block < blocks.size() ? blocks.bits(block, classify) : 0;
  for (; block < blocks.size(); ++block) {
    const std::uint64_t next = blocks.bits(block + 1, classify);
    const std::size_t found = visit(block * Blocks::kSize, static_cast<Bits>(next) << 64U | here);
    if (found != std::string_view::npos) return found;
    here = next;
  }
  return text.size();
}

// The first of these bits at or behind `at`, of a block that begins at `first`; npos: none in its 64.
inline std::size_t first_bit(Bits bits, std::size_t first, std::size_t at) {
  auto low = static_cast<std::uint64_t>(bits);
  if (at > first) low &= ~std::uint64_t{0} << (at - first);  // at - first < 64: the walk begins in at's block
  return low == 0 ? std::string_view::npos : first + static_cast<std::size_t>(std::countr_zero(low));
}

}  // namespace demarc::privacy
