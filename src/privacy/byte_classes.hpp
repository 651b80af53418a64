// ByteClasses: which bytes of a text are letters, digits, gaps, …: a bit each, of 64 of them in a row. What Signs (signs.hpp) tells disguises by.
//
//   ByteClasses classes;
//   classify(SimdBy::portable, text.data(), 2, classes, 0);      // bytes 0 to 127; bytes 128 and 129 are looked at too
//   classes.digits[1];                                           // of bytes 64 to 127
//
// By AVX2 where the processor has it, else by what the build is for; both say the same. Pure; any thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace demarc::privacy {

struct ByteClasses {
  static constexpr std::size_t kMost = 72;  // blocks of 64 bytes
  using Blocks = std::array<std::uint64_t, kMost>;
  Blocks words, non_ascii;     // letters of ASCII and all that is not ASCII; the latter alone
  Blocks digits, hex;          // hexadecimal digits
  Blocks runs;                 // either alphabet of base64
  Blocks gaps;                 // is_gap of stretch.hpp
  Blocks escapes, may_follow;  // % & \ =; what may stand behind one of those
  Blocks pluses, brackets;     // + ; ( [ { <
  Blocks ats, line_ends;       // @ ; \n
  Blocks digit_words, dots;    // words that begin like a digit word, and like "dot"
};

enum class SimdBy : std::uint8_t { portable, avx2 };
SimdBy best_simd();  // what this processor allows

// Of so many blocks, noted from block `first` of `out` on. Two bytes behind them are read too.
void classify(SimdBy by, const char* bytes, std::size_t blocks, ByteClasses& out, std::size_t first);

// By which a word of these begins, in groups of which any first, second and third byte may come together: so chosen that few other words do.
inline constexpr std::array<std::string_view, 8> kWordBegins = {"nou one fou fiv",
                                                                "vie six sie tro uno",
                                                                "dos das dou neu deu",
                                                                "hui nue hyp zwe zwo tri dre tre",
                                                                "sec sei plu sev sep",
                                                                "nin cin eig ein ach och two nul qua cua",
                                                                "oh cer thr f\xC3\xBC un zer z\xC3\xA9",
                                                                "dot"};

}  // namespace demarc::privacy
