// ByteClasses: which of 64 bytes are letters, digits, gaps, …: a bit each. What Signs (signs.hpp) tells disguises by.
//
//   std::array<ByteClasses, 2> classes;
//   best_classifier()(text.data(), 2, classes.data());      // bytes 0 to 127; byte 128 and 129 are looked at too
//
// By AVX2 where the processor has it, else by what the build is for; both say the same. Pure; any thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace demarc::privacy {

struct ByteClasses {
  std::uint64_t words, non_ascii;     // letters of ASCII and all that is not ASCII; the latter alone
  std::uint64_t digits, hex;          // hexadecimal digits
  std::uint64_t runs;                 // either alphabet of base64
  std::uint64_t gaps;                 // is_gap of stretch.hpp
  std::uint64_t escapes, may_follow;  // % & \ =; what may stand behind one of those
  std::uint64_t pluses, brackets;     // + ; ( [ { <
  std::uint64_t ats, line_ends;       // @ ; \n
  std::uint64_t digit_words, dots;    // words that begin like a digit word, and like "dot"
  bool operator==(const ByteClasses&) const = default;
};

using Classify = void (*)(const char* bytes, std::size_t blocks, ByteClasses* out);  // reads two bytes more than 64 · blocks
Classify best_classifier();
Classify portable_classifier();

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
