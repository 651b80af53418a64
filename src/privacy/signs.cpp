#include "privacy/signs.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

namespace demarc::privacy {
namespace {

constexpr std::size_t kBlock = 64, kAtOnce = 64;  // bytes; blocks
using Four = std::uint64_t __attribute__((ext_vector_type(4)));
constexpr std::size_t round_up(std::size_t blocks) { return (blocks + 3) / 4 * 4; }

// The classes of blocks, one after the other; beyond the text they are those of line ends.
class Source {
 public:
  Source(std::string_view text, SimdBy by) : text_(text), by_(by), direct_(text.size() < 2 ? 0 : (text.size() - 2) / kBlock) {
    std::memset(tail_, '\n', sizeof tail_);
    std::memcpy(tail_, text.data() + direct_ * kBlock, text.size() - direct_ * kBlock);
  }
  void read(std::size_t block, std::size_t count, ByteClasses& out) const {
    const std::size_t direct = block < direct_ ? std::min(count, direct_ - block) : 0;
    if (direct > 0) classify(by_, text_.data() + block * kBlock, direct, out, 1);
    if (direct < count) classify(by_, tail_ + (block + direct - direct_) * kBlock, count - direct, out, 1 + direct);
  }

 private:
  std::string_view text_;
  SimdBy by_;
  std::size_t direct_;         // blocks that can be read where they stand
  char tail_[6 * kBlock + 2];  // of what is left two are begun at most, one is looked ahead, and four are taken at once
};

// Bits of four blocks and of the ones behind each.
struct Ahead {
  Four here, next;
  [[gnu::always_inline]] Ahead shifted(unsigned by) const { return {here >> by | next << (64 - by), next >> by}; }
  [[gnu::always_inline]] Ahead operator&(const Ahead& other) const { return {here & other.here, next & other.next}; }
  [[gnu::always_inline]] Ahead operator|(const Ahead& other) const { return {here | other.here, next | other.next}; }
  [[gnu::always_inline]] Ahead operator~() const { return {~here, ~next}; }
};

[[gnu::always_inline]] inline Four four(const ByteClasses::Blocks& blocks, std::size_t i) {
  Four out;
  std::memcpy(&out, blocks.data() + i, sizeof out);
  return out;
}
[[gnu::always_inline]] inline Ahead ahead(const ByteClasses::Blocks& blocks, std::size_t i) { return {four(blocks, i), four(blocks, i + 1)}; }

[[gnu::always_inline]] inline Four run_signs(Ahead runs) {
  for (const unsigned shift : {1U, 2U, 4U, 4U}) runs = runs & runs.shifted(shift);  // twelve in a row from here
  return runs.here;
}

[[gnu::always_inline]] inline Four pair_signs(const Ahead& hex) {
  Ahead pairs = hex & hex.shifted(1) & ~hex.shifted(2);
  for (const unsigned shift : {3U, 6U, 12U}) pairs = pairs & pairs.shifted(shift);  // eight in a row from here
  return pairs.here;
}

[[gnu::always_inline]] inline Four chain_signs(const Four& before, const Ahead& gaps) {
  const Ahead behind_gap{gaps.here << 1U | before >> 63U, gaps.next << 1U | gaps.here >> 63U};
  const Ahead all = behind_gap & ~gaps & gaps.shifted(1);
  Ahead singles = all;
  for (int i = 0; i < 6; ++i) singles = all & (singles.shifted(2) | singles.shifted(3) | singles.shifted(4));
  return singles.here;
}

[[gnu::always_inline]] inline Four gap_signs(const Four& before, const Ahead& digits, const Ahead& gaps) {
  const Ahead behind_digit{digits.here << 1U | before >> 63U, digits.next << 1U | digits.here >> 63U};
  const Ahead alone = digits & ~behind_digit & ~digits.shifted(1);
  return (alone & gaps.shifted(1) & alone.shifted(2)).here;
}

// All ones where a block has a bit, and where it has four.
[[gnu::always_inline]] inline Four any(const Four& bits) { return __builtin_convertvector(bits != 0, Four); }
// Seven words or digits in a row reach over three blocks at most: four begin in one of them.
[[gnu::always_inline]] inline Four crowds(const ByteClasses& classes, std::size_t i) {
  Four bits = four(classes.digit_words, i) | four(classes.digits, i);
  for (int n = 1; n < 4; ++n) bits &= bits - 1;
  return any(bits);
}

// Of `count` blocks from number 1 on; number 0 is the one before. To `out`, a row of so many for each sign.
[[gnu::always_inline]] inline void tell(const ByteClasses& classes, std::size_t count, std::uint64_t* out, std::size_t stride) {
  for (std::size_t i = 1; i <= count; i += 4) {
    const auto note = [&](Sign sign, const Four& bits)
                          __attribute__((always_inline)) { std::memcpy(out + static_cast<std::size_t>(sign) * stride + i - 1, &bits, sizeof bits); };
    const Ahead telling = {four(classes.digits, i) | four(classes.ats, i), four(classes.digits, i + 1) | four(classes.ats, i + 1)};
    const Four telling_before = four(classes.digits, i - 1) | four(classes.ats, i - 1);
    note(Sign::non_ascii, four(classes.non_ascii, i));
    note(Sign::escape, four(classes.escapes, i) & ahead(classes.may_follow, i).shifted(1).here);
    note(Sign::run, run_signs(ahead(classes.runs, i)));
    note(Sign::pairs, pair_signs(ahead(classes.hex, i)));
    note(Sign::chain, chain_signs(four(classes.gaps, i - 1), ahead(classes.gaps, i)));
    note(Sign::digit_gap, gap_signs(four(classes.digits, i - 1), ahead(classes.digits, i), ahead(classes.gaps, i)));
    note(Sign::digit_word, four(classes.digit_words, i) & (crowds(classes, i - 1) | crowds(classes, i) | crowds(classes, i + 1)));
    note(Sign::dot, four(classes.dots, i));
    note(Sign::bracket, four(classes.brackets, i));
    note(Sign::line_break, four(classes.line_ends, i) & any(telling_before | telling.here | telling.next));
    note(Sign::plus, four(classes.pluses, i));
  }
}

void tell_portably(const ByteClasses& classes, std::size_t count, std::uint64_t* out, std::size_t stride) { tell(classes, count, out, stride); }
#if defined(__x86_64__)
[[gnu::target("avx2")]] void tell_by_avx2(const ByteClasses& classes, std::size_t count, std::uint64_t* out, std::size_t stride) {
  tell(classes, count, out, stride);
}
#else
constexpr auto tell_by_avx2 = tell_portably;
#endif

}  // namespace

Signs::Signs(std::string_view text, SimdBy by)
    : size_(text.size()),
      blocks_((text.size() + kBlock - 1) / kBlock),
      stride_(round_up(blocks_)),
      bits_(std::make_unique_for_overwrite<std::uint64_t[]>(kSigns * stride_)) {
  const Source source(text, by);
  ByteClasses classes;
  classes.gaps[0] = ~std::uint64_t{0};
  classes.digits[0] = classes.ats[0] = classes.digit_words[0] = 0;
  for (std::size_t first = 0; first < blocks_; first += kAtOnce) {
    const std::size_t count = round_up(std::min(kAtOnce, blocks_ - first));
    source.read(first, count + 1, classes);
    (by == SimdBy::avx2 ? tell_by_avx2 : tell_portably)(classes, count, bits_.get() + first, stride_);
    for (ByteClasses::Blocks* blocks : {&classes.gaps, &classes.digits, &classes.ats, &classes.digit_words}) (*blocks)[0] = (*blocks)[count];
  }
  for (std::size_t sign = 0; sign < kSigns; ++sign) {
    std::uint64_t any = 0;
    for (std::size_t block = 0; block < blocks_; ++block) any |= bits_[sign * stride_ + block];
    any_ |= (any != 0 ? 1U : 0U) << sign;
  }
}

std::size_t Signs::next(Sign sign, std::size_t at) const {
  if (at >= size_ || !has(sign)) return size_;
  const std::uint64_t* const bits = bits_.get() + static_cast<std::size_t>(sign) * stride_;
  std::size_t block = at / kBlock;
  std::uint64_t left = bits[block] >> (at % kBlock) << (at % kBlock);
  while (left == 0) {
    if (++block == blocks_) return size_;
    left = bits[block];
  }
  return std::min(size_, block * kBlock + static_cast<std::size_t>(std::countr_zero(left)));
}

}  // namespace demarc::privacy
