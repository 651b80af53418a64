#include "privacy/byte_classes.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include "base/check.hpp"
#include "privacy/chars.hpp"

namespace demarc::privacy {
namespace {

constexpr unsigned kDot = 0x80;  // the last group
constexpr std::string_view kGaps = " \t\r\n-._/,*|;:~+", kRunSigns = "+/-_", kEscapes = "%&\\=", kFollowing = "#\r\n_@.-+/:()", kBrackets = "([{<";

// By half a byte: the groups in which it is half of the first, second, third byte of a word's begin.
struct Halves {
  std::array<std::array<unsigned char, 16>, 3> low{}, high{};
  [[nodiscard]] constexpr unsigned groups_of(std::size_t i, unsigned char c) const { return low[i][c & 15U] & high[i][c >> 4U]; }
};
constexpr Halves kHalves = [] {
  Halves out;
  const auto add = [&](std::size_t i, unsigned group, unsigned c) {
    out.low[i][c & 15U] = static_cast<unsigned char>(out.low[i][c & 15U] | 1U << group);
    out.high[i][c >> 4U] = static_cast<unsigned char>(out.high[i][c >> 4U] | 1U << group);
  };
  for (unsigned group = 0; group < kWordBegins.size(); ++group)
    for (std::string_view left = kWordBegins[group]; !left.empty();) {
      const std::string_view word = left.substr(0, left.find(' '));
      left.remove_prefix(std::min(left.size(), word.size() + 1));
      for (std::size_t i = 0; i < 3; ++i) {
        for (const char c : i < word.size() ? word.substr(i, 1) : kGaps) {  // gaps: behind "oh"
          add(i, group, static_cast<unsigned char>(c));
          if (is_letter(c)) add(i, group, static_cast<unsigned char>(c - 32));
        }
      }
    }
  return out;
}();

std::uint64_t starts_of(std::uint64_t words) { return words & ~(words << 1U); }  // the first byte of a block may be within one

// ---- By whatever the build is for: Clang's vectors are SSE2 or NEON then.

using Bytes = unsigned char __attribute__((ext_vector_type(64)));
using ByteMask = decltype(Bytes{} == Bytes{});

ByteMask is_between(Bytes c, unsigned char first, unsigned char last) { return c - first <= static_cast<unsigned char>(last - first); }
std::uint64_t bits_of(ByteMask mask) {
  using Bools = bool __attribute__((ext_vector_type(64)));
  return __builtin_bit_cast(std::uint64_t, __builtin_convertvector(mask, Bools));
}

std::uint64_t any_of(Bytes c, std::string_view set) {
  ByteMask out = c == static_cast<unsigned char>(set[0]);
  for (const char one : set.substr(1)) out |= c == static_cast<unsigned char>(one);
  return bits_of(out);
}

void classify_portably(const char* bytes, std::size_t blocks, ByteClasses& out, std::size_t first) {
  for (std::size_t block = first; block < first + blocks; ++block, bytes += 64) {
    Bytes c;
    std::memcpy(&c, bytes, 64);
    out.digit_words[block] = out.dots[block] = 0;
    const std::uint64_t letters = bits_of(is_between(c | 0x20, 'a', 'z'));
    out.non_ascii[block] = bits_of(c >= 0x80);
    out.words[block] = letters | out.non_ascii[block];
    out.digits[block] = bits_of(is_between(c, '0', '9'));
    out.hex[block] = out.digits[block] | bits_of(is_between(c | 0x20, 'a', 'f'));
    out.runs[block] = letters | out.digits[block] | any_of(c, kRunSigns);
    out.gaps[block] = any_of(c, kGaps);
    out.escapes[block] = any_of(c, kEscapes);
    out.may_follow[block] = letters | out.digits[block] | any_of(c, kFollowing);
    out.pluses[block] = any_of(c, "+");
    out.brackets[block] = any_of(c, kBrackets);
    out.ats[block] = any_of(c, "@");
    out.line_ends[block] = any_of(c, "\n");
    for (std::uint64_t left = starts_of(out.words[block]); left != 0; left &= left - 1) {
      const auto at = static_cast<std::size_t>(std::countr_zero(left));
      unsigned groups = 0xFF;
      for (std::size_t i = 0; i < 3; ++i) groups &= kHalves.groups_of(i, static_cast<unsigned char>(bytes[at + i]));
      out.digit_words[block] |= static_cast<std::uint64_t>((groups & ~kDot) != 0) << at;
      out.dots[block] |= static_cast<std::uint64_t>((groups & kDot) != 0) << at;
    }
  }
}

// ---- By AVX2.

#if defined(__x86_64__)
#define DEMARC_AVX2 __attribute__((target("avx2"), always_inline)) inline

// Sets of which each half byte is the lower half of few: for each the character that would have it, as often as needed.
template <std::size_t kDeep>
struct ByLowHalf {
  std::array<std::array<char, 16>, kDeep> tables{};
};
template <std::size_t kDeep>
constexpr ByLowHalf<kDeep> by_low_half(std::string_view set) {
  ByLowHalf<kDeep> out;
  std::array<std::size_t, 16> used{};
  for (auto& table : out.tables) table[0] = 1;  // no character of that half
  for (const char c : set) {
    const auto half = static_cast<std::size_t>(c & 15);
    out.tables.at(used[half]++)[half] = c;
  }
  return out;
}

struct Pair {
  __m256i a, b;
};
DEMARC_AVX2 __m256i repeated(const void* sixteen) { return _mm256_broadcastsi128_si256(_mm_loadu_si128(static_cast<const __m128i*>(sixteen))); }
DEMARC_AVX2 std::uint64_t tops(Pair c) {
  return static_cast<std::uint32_t>(_mm256_movemask_epi8(c.a)) | static_cast<std::uint64_t>(static_cast<std::uint32_t>(_mm256_movemask_epi8(c.b)))
                                                                     << 32U;
}
DEMARC_AVX2 Pair load(const char* at) {
  return {_mm256_loadu_si256(reinterpret_cast<const __m256i*>(at)), _mm256_loadu_si256(reinterpret_cast<const __m256i*>(at + 32))};
}
DEMARC_AVX2 std::uint64_t equal(Pair c, char to) {
  const __m256i all = _mm256_set1_epi8(to);
  return tops({_mm256_cmpeq_epi8(c.a, all), _mm256_cmpeq_epi8(c.b, all)});
}
DEMARC_AVX2 __m256i between_one(__m256i c, char first, char last) {
  const __m256i moved = _mm256_sub_epi8(c, _mm256_set1_epi8(first));
  return _mm256_cmpeq_epi8(_mm256_min_epu8(moved, _mm256_set1_epi8(static_cast<char>(last - first))), moved);
}
DEMARC_AVX2 std::uint64_t between(Pair c, char first, char last) { return tops({between_one(c.a, first, last), between_one(c.b, first, last)}); }
template <std::size_t kDeep>
DEMARC_AVX2 std::uint64_t in_set(Pair c, const ByLowHalf<kDeep>& set) {
  Pair out{_mm256_setzero_si256(), _mm256_setzero_si256()};
  for (const auto& table : set.tables) {
    const __m256i all = repeated(table.data());
    out.a = _mm256_or_si256(out.a, _mm256_cmpeq_epi8(_mm256_shuffle_epi8(all, c.a), c.a));
    out.b = _mm256_or_si256(out.b, _mm256_cmpeq_epi8(_mm256_shuffle_epi8(all, c.b), c.b));
  }
  return tops(out);
}
DEMARC_AVX2 __m256i groups_one(__m256i c, std::size_t i) {
  const __m256i half = _mm256_set1_epi8(15);
  const __m256i low = _mm256_shuffle_epi8(repeated(kHalves.low[i].data()), _mm256_and_si256(c, half));
  return _mm256_and_si256(low, _mm256_shuffle_epi8(repeated(kHalves.high[i].data()), _mm256_and_si256(_mm256_srli_epi16(c, 4), half)));
}
DEMARC_AVX2 Pair groups_of(const char* at) {
  Pair out = load(at);
  out = {groups_one(out.a, 0), groups_one(out.b, 0)};
  for (std::size_t i = 1; i < 3; ++i) {
    const Pair c = load(at + i);
    out = {_mm256_and_si256(out.a, groups_one(c.a, i)), _mm256_and_si256(out.b, groups_one(c.b, i))};
  }
  return out;
}

__attribute__((target("avx2"))) void classify_by_avx2(const char* bytes, std::size_t blocks, ByteClasses& out, std::size_t first) {
  static constexpr auto kGapSet = by_low_half<3>(kGaps);
  static constexpr auto kRunSet = by_low_half<2>(kRunSigns);
  static constexpr auto kEscapeSet = by_low_half<1>(kEscapes);
  static constexpr auto kFollowingSet = by_low_half<2>(kFollowing);
  static constexpr auto kBracketSet = by_low_half<2>(kBrackets);
  for (std::size_t block = first; block < first + blocks; ++block, bytes += 64) {
    const Pair c = load(bytes);
    const __m256i bit = _mm256_set1_epi8(0x20);
    const Pair small{_mm256_or_si256(c.a, bit), _mm256_or_si256(c.b, bit)};
    const std::uint64_t letters = between(small, 'a', 'z');
    out.non_ascii[block] = tops(c);
    out.words[block] = letters | out.non_ascii[block];
    out.digits[block] = between(c, '0', '9');
    out.hex[block] = out.digits[block] | between(small, 'a', 'f');
    out.runs[block] = letters | out.digits[block] | in_set(c, kRunSet);
    out.gaps[block] = in_set(c, kGapSet);
    out.escapes[block] = in_set(c, kEscapeSet);
    out.may_follow[block] = letters | out.digits[block] | in_set(c, kFollowingSet);
    out.pluses[block] = equal(c, '+');
    out.brackets[block] = in_set(c, kBracketSet);
    out.ats[block] = equal(c, '@');
    out.line_ends[block] = equal(c, '\n');
    const Pair groups = groups_of(bytes);
    const __m256i digits = _mm256_set1_epi8(static_cast<char>(0xFF & ~kDot)), none = _mm256_setzero_si256();
    const std::uint64_t no_digit =
        tops({_mm256_cmpeq_epi8(_mm256_and_si256(groups.a, digits), none), _mm256_cmpeq_epi8(_mm256_and_si256(groups.b, digits), none)});
    const std::uint64_t starts = starts_of(out.words[block]);
    out.digit_words[block] = starts & ~no_digit;
    out.dots[block] = starts & tops(groups);
  }
}
#endif

}  // namespace

SimdBy best_simd() {
#if defined(__x86_64__)
  static const SimdBy by = __builtin_cpu_supports("avx2") != 0 ? SimdBy::avx2 : SimdBy::portable;
  return by;
#else
  return SimdBy::portable;
#endif
}

void classify(SimdBy by, const char* bytes, std::size_t blocks, ByteClasses& out, std::size_t first) {
#if defined(__x86_64__)
  if (by == SimdBy::avx2) return classify_by_avx2(bytes, blocks, out, first);
#endif
  CHECK(by == SimdBy::portable);
  classify_portably(bytes, blocks, out, first);
}

}  // namespace demarc::privacy
