// TextSoFar: decoded bytes as they come, for as long as they are text: UTF-8 without control characters, or UTF-16 of Latin letters. TextCheck is the
// same without keeping them.
//
//   TextSoFar bytes;
//   while (more && bytes.take(next)) …
//   use(bytes.text(bytes.size()));
//
// No thread but its owner's.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>

#include "privacy/chars.hpp"

namespace demarc::privacy {

class TextCheck {
 public:
  bool take(char next) {  // false: with this byte it is no text
    const auto byte = static_cast<unsigned char>(next);
    if (byte == 0 && size_ < 2 && open_ == 0 && zeros_ == kNone) zeros_ = size_;
    if (!(zeros_ == kNone ? is_utf8(byte) : is_half(byte))) return false;
    ++size_;
    return true;
  }
  [[nodiscard]] std::size_t size() const { return size_; }        // bytes taken
  [[nodiscard]] bool is_wide() const { return zeros_ != kNone; }  // UTF-16

 private:
  static constexpr std::size_t kNone = 2;
  bool is_utf8(unsigned char byte) {
    if (open_ > 0) return --open_, (byte & 0xC0U) == 0x80;
    if (byte < 0x80) return !is_control(static_cast<char>(byte));
    open_ = byte >= 0xF0 ? 3 : byte >= 0xE0 ? 2 : 1;
    return byte >= 0xC2 && byte <= 0xF4;
  }
  [[nodiscard]] bool is_half(unsigned char byte) const {  // of two bytes, one of which is zero
    return size_ % 2 == zeros_ ? byte == 0 : byte < 0x80 && !is_control(static_cast<char>(byte));
  }

  std::size_t size_ = 0, open_ = 0, zeros_ = kNone;  // open_: bytes that a character still lacks; zeros_: which of two bytes is zero
};

class TextSoFar {
 public:
  // This many bytes that are text are no accident.
  static constexpr std::size_t kSure = 24;

  bool take(char next) {
    if (!check_.take(next)) return false;
    if (next != 0) text_ += next;
    return true;
  }
  [[nodiscard]] std::size_t size() const { return check_.size(); }  // bytes taken
  // What the first `size` bytes say. "": so few that it may be chance, and mostly not ASCII. The last character may be cut off.
  [[nodiscard]] std::string text(std::size_t size) const {
    std::string out = text_.substr(0, check_.is_wide() ? (size + 1) / 2 : size);
    const auto beyond = static_cast<std::size_t>(std::ranges::count_if(out, [](char c) { return c < 0; }));
    return size < kSure && beyond * 3 > out.size() ? std::string() : out;
  }

 private:
  TextCheck check_;
  std::string text_;
};

}  // namespace demarc::privacy
