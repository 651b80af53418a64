#include "privacy/signs.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

namespace demarc::privacy {
namespace {

constexpr std::size_t kBlock = 64;
using Bits = unsigned __int128;

// The classes of blocks, one after the other; beyond the text they are those of line ends.
class Source {
 public:
  Source(std::string_view text, Classify classify) : text_(text), classify_(classify) {
    direct_ = text.size() < 2 ? 0 : (text.size() - 2) / kBlock;
    std::memset(tail_, '\n', sizeof tail_);
    std::memcpy(tail_, text.data() + direct_ * kBlock, text.size() - direct_ * kBlock);
  }
  void read(std::size_t block, std::size_t count, ByteClasses* out) const {
    const std::size_t direct = block < direct_ ? std::min(count, direct_ - block) : 0;
    if (direct > 0) classify_(text_.data() + block * kBlock, direct, out);
    if (direct < count) classify_(tail_ + (block + direct - direct_) * kBlock, count - direct, out + direct);
  }

 private:
  std::string_view text_;
  Classify classify_;
  std::size_t direct_;  // blocks that can be read where they stand
  char tail_[3 * kBlock + 2];
};

Bits both(std::uint64_t here, std::uint64_t next) { return static_cast<Bits>(next) << 64U | here; }
std::uint64_t low(Bits bits) { return static_cast<std::uint64_t>(bits); }

std::uint64_t run_signs(Bits runs) {
  for (const unsigned shift : {1U, 2U, 4U, 4U}) runs &= runs >> shift;  // twelve in a row from here
  return low(runs);
}

std::uint64_t pair_signs(Bits hex) {
  Bits pairs = hex & hex >> 1U & ~(hex >> 2U);
  pairs &= pairs >> 3U;
  if (low(pairs) == 0) return 0;
  for (const unsigned shift : {6U, 12U}) pairs &= pairs >> shift;  // eight in a row from here
  return low(pairs);
}

template <int kCount>
bool has_at_least(std::uint64_t bits) {
  for (int i = 1; i < kCount; ++i) bits &= bits - 1;
  return bits != 0;
}

std::uint64_t chain_signs(std::uint64_t before, Bits gaps) {
  const Bits all = (gaps << 1U | before >> 63U) & ~gaps & gaps >> 1U;
  if (low(all) == 0 || (!has_at_least<4>(low(all)) && !has_at_least<4>(low(all >> 64U)))) return 0;  // seven span 25 bytes at most
  Bits singles = all;
  for (int i = 0; i < 6; ++i) singles = all & (singles >> 2U | singles >> 3U | singles >> 4U);
  return low(singles);
}

// Seven words or digits in a row reach over three blocks at most: four begin in one of them.
bool is_crowd(const ByteClasses& block) { return has_at_least<4>(block.digit_words | block.digits); }

}  // namespace

Signs::Signs(std::string_view text, Classify classify)
    : size_(text.size()), blocks_((text.size() + kBlock - 1) / kBlock), bits_(std::make_unique_for_overwrite<std::uint64_t[]>(kSigns * blocks_)) {
  constexpr std::size_t kAtOnce = 64;
  const Source source(text, classify);
  std::array<ByteClasses, kAtOnce + 1> classes;
  std::uint64_t gaps = ~std::uint64_t{0}, telling = 0;  // of the block before
  bool crowd = false;
  for (std::size_t first = 0; first < blocks_; first += kAtOnce) {
    const std::size_t count = std::min(kAtOnce, blocks_ - first);
    source.read(first, count + 1, classes.data());
    for (std::size_t i = 0; i < count; ++i) {
      const ByteClasses &here = classes[i], &next = classes[i + 1];
      const auto note = [&, block = first + i](Sign sign, std::uint64_t bits) { bits_[static_cast<std::size_t>(sign) * blocks_ + block] = bits; };
      const std::uint64_t telling_here = here.digits | here.ats;
      const bool crowd_here = is_crowd(here);
      note(Sign::non_ascii, here.non_ascii);
      note(Sign::escape, here.escapes & low(both(here.may_follow, next.may_follow) >> 1U));
      note(Sign::run, run_signs(both(here.runs, next.runs)));
      note(Sign::pairs, pair_signs(both(here.hex, next.hex)));
      note(Sign::chain, chain_signs(gaps, both(here.gaps, next.gaps)));
      note(Sign::digit_word, crowd || crowd_here || is_crowd(next) ? here.digit_words : 0);
      note(Sign::dot, here.dots);
      note(Sign::bracket, here.brackets);
      note(Sign::line_break, (telling | telling_here | next.digits | next.ats) != 0 ? here.line_ends : 0);
      note(Sign::plus, here.pluses);
      gaps = here.gaps, telling = telling_here, crowd = crowd_here;
    }
  }
  for (std::size_t sign = 0; sign < kSigns; ++sign) {
    std::uint64_t any = 0;
    for (std::size_t block = 0; block < blocks_; ++block) any |= bits_[sign * blocks_ + block];
    any_ |= (any != 0 ? 1U : 0U) << sign;
  }
}

std::size_t Signs::next(Sign sign, std::size_t at) const {
  if (at >= size_ || !has(sign)) return size_;
  const std::uint64_t* const bits = bits_.get() + static_cast<std::size_t>(sign) * blocks_;
  std::size_t block = at / kBlock;
  std::uint64_t left = bits[block] >> (at % kBlock) << (at % kBlock);
  while (left == 0) {
    if (++block == blocks_) return size_;
    left = bits[block];
  }
  return std::min(size_, block * kBlock + static_cast<std::size_t>(std::countr_zero(left)));
}

}  // namespace demarc::privacy
