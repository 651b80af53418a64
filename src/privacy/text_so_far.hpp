// TextSoFar: decoded bytes as they come, for as long as they are text without control characters. TextCheck is the same without keeping them.
//
//   TextSoFar bytes(Encodings::likely);
//   while (more && bytes.take(next)) …
//   use(bytes.text(bytes.length()));
//
// Likely is UTF-8, and UTF-16 that begins with a byte order mark, ASCII or Latin-1. Possible is what more bytes could be that are no text: UTF-16
// that begins with other Latin, Greek, Cyrillic, Hebrew or Arabic letters, and Windows-1252, most of it ASCII. No thread but its owner's.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>

#include "privacy/chars.hpp"
#include "privacy/charset.hpp"
#include "privacy/decode.hpp"
#include "privacy/utf8.hpp"

namespace demarc::privacy {

class TextCheck {
 public:
  explicit TextCheck(Encodings as) : form_(as == Encodings::likely ? Form::utf8 : Form::windows_1252) {}

  [[gnu::always_inline]] bool take(char next) {  // false: with this byte it is no text
    const auto byte = static_cast<unsigned char>(next);
    if (size_ > 1 && form_ == Form::utf8) {  // nearly all
      if (!take_utf8(byte)) return false;
    } else {
      made_ = 0;
      if (size_ < 2 ? !take_first(byte) : is_wide() ? !take_half(byte) : !take_western(byte)) return false;
    }
    ++size_;
    return true;
  }
  [[nodiscard]] std::size_t size() const { return size_; }  // bytes taken
  [[nodiscard]] bool is_utf8() const { return form_ == Form::utf8; }
  [[nodiscard]] bool is_wide() const { return form_ == Form::utf16_le || form_ == Form::utf16_be; }
  [[nodiscard]] char32_t made() const { return made_; }  // the character that the last byte completed, unless they are UTF-8 already; 0: none

 private:
  enum class Form : std::uint8_t { utf8, utf16_le, utf16_be, windows_1252 };

  [[gnu::always_inline]] bool take_first(unsigned char byte) {
    if (size_ == 0) {
      first_ = byte;
      is_narrow_so_far_ = take_narrow(byte);
      return true;
    }
    const bool maybe_wide = form_ != Form::utf8 || first_ == 0 || byte == 0 || first_ >= 0xFE;
    return maybe_wide ? take_second(byte) : is_narrow_so_far_ && take_utf8(byte);
  }

  [[gnu::noinline]] bool take_second(unsigned char byte) {
    const bool marked = (first_ == 0xFF && byte == 0xFE) || (first_ == 0xFE && byte == 0xFF), likely = form_ == Form::utf8;
    const auto begins = [&](unsigned char upper) { return likely ? upper == 0 : is_of_alphabet(upper); };
    if (marked ? first_ == 0xFF : begins(byte))
      form_ = Form::utf16_le;
    else if (marked || begins(first_))
      form_ = Form::utf16_be;
    else
      return is_narrow_so_far_ && take_narrow(byte);
    most_others_ = marked ? kAll : likely ? kHalf : kNone;
    return marked || take_half(byte);
  }

  bool take_narrow(unsigned char byte) { return form_ == Form::utf8 ? take_utf8(byte) : take_western(byte); }

  bool take_utf8(unsigned char byte) {
    if (open_ > 0) return --open_, (byte & 0xC0U) == 0x80;
    if (byte < 0x80) return !is_control(static_cast<char>(byte));
    open_ = byte >= 0xF0 ? 3 : byte >= 0xE0 ? 2 : 1;
    return byte >= 0xC2 && byte <= 0xF4;
  }

  bool take_half(unsigned char byte) {
    if (size_ % 2 == 0) return first_ = byte, true;
    const char32_t unit = form_ == Form::utf16_le ? byte * 256U + first_ : first_ * 256U + byte;
    if (high_ != 0) {
      if (unit < 0xDC00 || unit > 0xDFFF) return false;
      made_ = 0x10000 + ((high_ - 0xD800) << 10U) + (unit - 0xDC00);
      high_ = 0;
      return true;
    }
    if (unit >= 0xD800 && unit < 0xDC00) return high_ = unit, take_other();
    made_ = unit;
    if (unit < 0x80) return !is_control(static_cast<char>(unit));
    if (unit < 0xA0 || (unit >= 0xDC00 && unit < 0xE000) || unit >= 0xFFFE) return false;
    return is_of_alphabet(static_cast<unsigned char>(unit >> 8U)) || unit >> 8U == 0x20 || take_other();
  }

  // A character of no alphabet: two bytes of ASCII are one, as are most others.
  bool take_other() { return ++others_ * kAll <= most_others_ * ((size_ + 1) / 2); }

  bool take_western(unsigned char byte) {
    constexpr std::size_t kFew = 3, kShare_inv = 3;  // so many at the begin, then one in so many may be beyond ASCII
    made_ = windows_1252(byte);
    if (byte < 0x80) return !is_control(static_cast<char>(byte));
    return made_ != 0 && (++foreign_ <= kFew || foreign_ * kShare_inv <= size_ + 1);
  }

  // The upper half of a character of Latin, Greek, Cyrillic, Hebrew or Arabic: random bytes that are one hardly go on so.
  static bool is_of_alphabet(unsigned char upper) { return upper <= 6 && upper != 2; }

  static constexpr std::size_t kNone = 0, kHalf = 1, kAll = 2;  // of the characters, in halves

  Form form_;
  bool is_narrow_so_far_ = false;                 // with the first byte
  unsigned char first_ = 0;                       // of two
  char32_t made_ = 0, high_ = 0;                  // high_: the first of a surrogate pair
  std::size_t size_ = 0, open_ = 0;               // open_: bytes that a character still lacks
  std::size_t foreign_ = 0;                       // beyond ASCII in Windows-1252
  std::size_t others_ = 0, most_others_ = kNone;  // in UTF-16, of no alphabet
};

class TextSoFar {
 public:
  explicit TextSoFar(Encodings as) : check_(as) {}

  // This many bytes that are text are no accident.
  static constexpr std::size_t kSure = 24;

  struct Length {
    std::size_t bytes = 0, said = 0;  // taken; of UTF-8
    [[nodiscard]] bool is_sure() const { return bytes >= kSure; }
  };

  bool take(char next) {
    const bool was_wide = check_.is_wide();
    if (!check_.take(next)) return false;
    if (check_.is_wide() && !was_wide) text_.clear();  // what the first byte seemed
    if (check_.is_utf8())
      text_ += next;
    else if (check_.made() != 0)
      append_utf8(text_, check_.made());
    return true;
  }
  [[nodiscard]] Length length() const { return {check_.size(), text_.size()}; }
  // What so much of it says. "": so few bytes that it may be chance, and mostly not ASCII. The last character may be cut off.
  [[nodiscard]] std::string text(Length length) const {
    std::string out = text_.substr(0, length.said);
    const auto beyond = static_cast<std::size_t>(std::ranges::count_if(out, [](char c) { return c < 0; }));
    return !length.is_sure() && beyond * 3 > out.size() ? std::string() : out;
  }

 private:
  TextCheck check_;
  std::string text_;
};

}  // namespace demarc::privacy
