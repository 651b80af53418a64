#include "privacy/digits.hpp"

#include <algorithm>
#include <bit>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "privacy/chars.hpp"

namespace demarc::privacy {
namespace {

constexpr std::size_t kBlock = 64;

#if defined(__SSE2__)
std::uint64_t digits_of_block(const char* block) {
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < kBlock; i += 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(block + i));
    // '0' to '9' moved to the ten lowest signed numbers
    const __m128i moved = _mm_add_epi8(bytes, _mm_set1_epi8(static_cast<char>(0x80 - '0')));
    const auto mask = static_cast<unsigned>(_mm_movemask_epi8(_mm_cmplt_epi8(moved, _mm_set1_epi8(static_cast<char>(0x80 + 10)))));
    bits |= static_cast<std::uint64_t>(mask) << i;
  }
  return bits;
}
#else
std::uint64_t digits_of_block(const char* block) {
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < kBlock; ++i) bits |= static_cast<std::uint64_t>(is_digit(block[i])) << i;
  return bits;
}
#endif

bool is_separator(char c) { return c == ' ' || c == '-' || c == '.' || c == '/' || c == '(' || c == ')'; }

// Whether five digits at most end there: "030 / 901820". What follows a whole number is another one: "030 901820 / 0171 2345678".
bool is_area(std::string_view text, std::size_t end) {
  std::size_t begin = end;
  while (begin > 0 && end - begin < 6 && is_digit(text[begin - 1])) --begin;
  return end - begin < 6;
}

// Where the next group begins, or npos if the run ends here.
std::size_t next_group(std::string_view text, std::size_t end) {
  std::size_t at = end;
  while (at < text.size() && at - end < 3 && is_separator(text[at])) ++at;
  const std::size_t gap = at - end;
  if (gap == 0 || at >= text.size() || !is_digit(text[at])) return std::string_view::npos;
  if (gap == 1) return at;
  const std::string_view between = text.substr(end, gap);
  const bool bracket = between.find_first_of("()") != std::string_view::npos;
  return bracket || between == " - " || (between == " / " && is_area(text, end) && text[at] != '0') ? at : std::string_view::npos;
}

}  // namespace

Digits::Digits(std::string_view text) : size_(text.size()), bits_((text.size() + kBlock - 1) / kBlock) {
  std::size_t block = 0;
  for (; (block + 1) * kBlock <= text.size(); ++block) bits_[block] = digits_of_block(text.data() + block * kBlock);
  for (std::size_t at = block * kBlock; at < text.size(); ++at) bits_[block] |= static_cast<std::uint64_t>(is_digit(text[at])) << (at % kBlock);
}

std::size_t Digits::next(std::size_t at) const {
  if (at >= size_) return size_;
  std::size_t block = at / kBlock;
  std::uint64_t bits = bits_[block] >> (at % kBlock) << (at % kBlock);
  while (bits == 0) {
    if (++block == bits_.size()) return size_;
    bits = bits_[block];
  }
  return block * kBlock + static_cast<std::size_t>(std::countr_zero(bits));
}

std::size_t Digits::next_joint(std::size_t at) const {
  for (std::size_t block = at / kBlock; block < bits_.size(); ++block) {
    const std::uint64_t here = bits_[block];
    if (here == 0) continue;  // one at its begin or end is seen with the digit inside
    const std::uint64_t left = here << 1U | (block > 0 ? bits_[block - 1] >> (kBlock - 1) : 0);
    const std::uint64_t right = here >> 1U | (block + 1 < bits_.size() ? bits_[block + 1] << (kBlock - 1) : 0);
    std::uint64_t joints = left & right & ~here;
    if (block == at / kBlock) joints = joints >> (at % kBlock) << (at % kBlock);
    if (joints != 0) return block * kBlock + static_cast<std::size_t>(std::countr_zero(joints));
  }
  return size_;
}

bool next_run(std::string_view text, const Digits& digits, std::size_t& at, DigitRun& run) {
  run.group_count = run.digit_count = 0;
  for (at = digits.next(at); at < text.size(); at = digits.next(at)) {
    while (at != std::string_view::npos && run.group_count < DigitRun::kGroups) {
      std::size_t end = at;
      while (end < text.size() && is_digit(text[end])) ++end;
      const bool glued = (is_alnum(before(text, at)) || before(text, at) == '_') || is_letter(after(text, end)) || after(text, end) == '_';
      const bool extension = after(text, end) == 'x' && is_digit(after(text, end + 1)) && !is_alnum(before(text, at));  // 555-1234x42
      if ((glued && !extension) || run.digit_count + (end - at) > DigitRun::kDigits) {
        if (run.group_count == 0) at = end;
        break;
      }
      run.groups[run.group_count++] = {at, end, static_cast<std::uint8_t>(run.digit_count)};
      std::copy(text.begin() + static_cast<std::ptrdiff_t>(at), text.begin() + static_cast<std::ptrdiff_t>(end),
                run.digits.begin() + static_cast<std::ptrdiff_t>(run.digit_count));
      run.digit_count += end - at;
      at = extension ? std::string_view::npos : next_group(text, end);
    }
    if (run.group_count > 0) {
      at = run.groups[run.group_count - 1].end;
      return true;
    }
  }
  return false;
}

}  // namespace demarc::privacy
