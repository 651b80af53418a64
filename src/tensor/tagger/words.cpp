#include "tensor/tagger/words.hpp"

#include <utf8proc.h>

#include <algorithm>

namespace demarc::tensor::tagger {
namespace {

enum class Sort : std::uint8_t { space, letter, digit, other };

struct Letter {
  char32_t code;
  Sort sort;
  char shape;
};

Letter letter_of(char32_t code) {
  switch (utf8proc_category(static_cast<utf8proc_int32_t>(code))) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LT: return {code, Sort::letter, 'X'};
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_MC:
    case UTF8PROC_CATEGORY_ME: return {code, Sort::letter, 'x'};
    case UTF8PROC_CATEGORY_ND: return {code, Sort::digit, 'd'};
    case UTF8PROC_CATEGORY_ZS:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP:
    case UTF8PROC_CATEGORY_CC:
    case UTF8PROC_CATEGORY_CF: return {code, Sort::space, ' '};
    case UTF8PROC_CATEGORY_CN:
    case UTF8PROC_CATEGORY_NL:
    case UTF8PROC_CATEGORY_NO:
    case UTF8PROC_CATEGORY_PC:
    case UTF8PROC_CATEGORY_PD:
    case UTF8PROC_CATEGORY_PS:
    case UTF8PROC_CATEGORY_PE:
    case UTF8PROC_CATEGORY_PI:
    case UTF8PROC_CATEGORY_PF:
    case UTF8PROC_CATEGORY_PO:
    case UTF8PROC_CATEGORY_SM:
    case UTF8PROC_CATEGORY_SC:
    case UTF8PROC_CATEGORY_SK:
    case UTF8PROC_CATEGORY_SO:
    case UTF8PROC_CATEGORY_CS:
    case UTF8PROC_CATEGORY_CO: break;
  }
  return {code, Sort::other, code < 0x80 ? static_cast<char>(code) : '~'};
}

void add(Word& word, const Letter& letter) {
  word.small.push_back(static_cast<char32_t>(utf8proc_tolower(static_cast<utf8proc_int32_t>(letter.code))));
  word.shape.push_back(letter.shape);
  if (word.short_shape.empty() || word.short_shape.back() != letter.shape) word.short_shape.push_back(letter.shape);
}

}  // namespace

std::vector<Word> split_words(std::string_view utf8) {
  std::vector<Word> out;
  std::uint8_t lines = 0;
  Sort before = Sort::space;
  for (std::size_t at = 0; at < utf8.size();) {
    utf8proc_int32_t code = 0;
    const auto rest = static_cast<utf8proc_ssize_t>(std::min<std::size_t>(utf8.size() - at, 4));
    utf8proc_ssize_t size = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(utf8.data()) + at, rest, &code);
    if (size < 1) size = 1, code = 0xFFFD;
    const Letter letter = letter_of(static_cast<char32_t>(code));
    const auto end = static_cast<std::uint32_t>(at + static_cast<std::size_t>(size));
    if (letter.sort == Sort::space) {
      if (code == '\n') lines = static_cast<std::uint8_t>(std::min(lines + 1, 2));
    } else if (letter.sort == before && letter.sort != Sort::other) {
      add(out.back(), letter);
      out.back().end = end;
    } else {
      out.push_back({.begin = static_cast<std::uint32_t>(at), .end = end, .lines_before = lines, .glued = before != Sort::space});
      add(out.back(), letter);
      lines = 0;
    }
    before = letter.sort;
    at = end;
  }
  return out;
}

}  // namespace demarc::tensor::tagger
