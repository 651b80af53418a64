// Reader: takes little-endian numbers and strings off the front of bytes from a stranger. Every length is checked against what is left before it is
// used, and no sum or product can wrap.
//
//   Reader in(bytes, "header");
//   const std::uint64_t tensors = TRY(in.number<std::uint64_t>("the number of tensors"));
//   const std::string_view name = TRY(in.take(size, "a tensor's name"));
//
// A view; one thread.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace demarc::models::format {

static_assert(std::endian::native == std::endian::little, "the formats read here are little-endian");

template <class T>
using Checked = Result<T, std::string>;  // what is wrong with the file, for people; it never repeats the file's own bytes unescaped

constexpr bool add_overflows(std::uint64_t a, std::uint64_t b, std::uint64_t& sum) { return __builtin_add_overflow(a, b, &sum); }
constexpr bool multiply_overflows(std::uint64_t a, std::uint64_t b, std::uint64_t& product) { return __builtin_mul_overflow(a, b, &product); }

// A name out of the file, fit for a terminal: at most 60 characters, anything odd as '?'.
inline std::string shown(std::string_view name) {
  std::string out = "'";
  for (const char c : name.substr(0, 60)) out += c >= 0x20 && c < 0x7f ? c : '?';
  return out + (name.size() > 60 ? "…'" : "'");
}

class Reader {
 public:
  explicit Reader(std::string_view bytes) : all_(bytes) {}

  [[nodiscard]] std::uint64_t at() const { return at_; }
  [[nodiscard]] std::uint64_t left() const { return all_.size() - at_; }

  Checked<std::string_view> take(std::uint64_t size_bytes, std::string_view what) {
    if (size_bytes > left())
      return fail(std::string(what) + " at byte " + std::to_string(at_) + " would need " + std::to_string(size_bytes) + " bytes, but the file has " +
                  std::to_string(left()) + " left");
    const std::string_view taken = all_.substr(at_, size_bytes);
    at_ += size_bytes;
    return taken;
  }

  template <class Number>
  Checked<Number> number(std::string_view what) {
    const std::string_view raw = TRY(take(sizeof(Number), what));
    Number value;
    std::memcpy(&value, raw.data(), sizeof value);
    return value;
  }

 private:
  std::string_view all_;
  std::uint64_t at_ = 0;
};

}  // namespace demarc::models::format
