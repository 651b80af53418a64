#include <algorithm>

#include "dialect/json/reader.hpp"

namespace demarc::dialect {
namespace {

std::optional<std::uint16_t> hex4(std::string_view digits) {
  std::uint16_t value = 0;
  for (const char c : digits) {
    const int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
    if (digit < 0) return {};
    value = static_cast<std::uint16_t>(value * 16 + digit);
  }
  return value;
}

void append_utf8(std::string& out, std::uint32_t point) {
  if (point < 0x80) {
    out += static_cast<char>(point);
  } else if (point < 0x800) {
    out += static_cast<char>(0xc0 | (point >> 6));
    out += static_cast<char>(0x80 | (point & 0x3f));
  } else if (point < 0x10000) {
    out += static_cast<char>(0xe0 | (point >> 12));
    out += static_cast<char>(0x80 | ((point >> 6) & 0x3f));
    out += static_cast<char>(0x80 | (point & 0x3f));
  } else {
    out += static_cast<char>(0xf0 | (point >> 18));
    out += static_cast<char>(0x80 | ((point >> 12) & 0x3f));
    out += static_cast<char>(0x80 | ((point >> 6) & 0x3f));
    out += static_cast<char>(0x80 | (point & 0x3f));
  }
}

constexpr std::uint32_t kReplacement = 0xfffd;
bool is_high(std::uint16_t unit) { return unit >= 0xd800 && unit < 0xdc00; }
bool is_low(std::uint16_t unit) { return unit >= 0xdc00 && unit < 0xe000; }

// Joins UTF-16 code units; `pending` is a high surrogate that waits for the next unit.
class Units {
 public:
  Units(std::string& out, HalfPair pending) : out_(out), pending_(pending) {}
  void unit(std::uint16_t unit) {
    if (pending_ && is_low(unit)) {
      append_utf8(out_, 0x10000U + ((*pending_ - 0xd800U) << 10U) + (unit - 0xdc00U));
      pending_.reset();
      return;
    }
    settle();
    if (is_high(unit)) {
      pending_ = unit;
    } else {
      append_utf8(out_, is_low(unit) ? kReplacement : unit);
    }
  }
  void settle() {  // something else follows: the half stays alone
    if (pending_) append_utf8(out_, kReplacement);
    pending_.reset();
  }
  HalfPair pending() const { return pending_; }

 private:
  std::string& out_;
  HalfPair pending_;
};

}  // namespace

bool unescape(std::string_view inside, std::string& out, HalfPair* carry) {
  Units units(out, carry != nullptr ? *carry : HalfPair{});
  std::size_t i = 0;
  while (i < inside.size()) {
    const std::size_t slash = std::min(inside.find('\\', i), inside.size());
    if (slash > i) units.settle(), out.append(inside, i, slash - i);
    if (slash == inside.size()) break;
    if (slash + 1 >= inside.size()) return false;
    const char c = inside[slash + 1];
    i = slash + 2;
    if (c == 'u') {
      const auto unit = i + 4 <= inside.size() ? hex4(inside.substr(i, 4)) : std::nullopt;
      if (!unit) return false;
      units.unit(*unit);
      i += 4;
      continue;
    }
    units.settle();
    switch (c) {
      case '"': out += '"'; break;
      case '\\': out += '\\'; break;
      case '/': out += '/'; break;
      case 'b': out += '\b'; break;
      case 'f': out += '\f'; break;
      case 'n': out += '\n'; break;
      case 'r': out += '\r'; break;
      case 't': out += '\t'; break;
      default: return false;
    }
  }
  if (carry != nullptr) {
    *carry = units.pending();
  } else {
    units.settle();
  }
  return true;
}

}  // namespace demarc::dialect
