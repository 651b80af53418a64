#include "core/money.hpp"

#include <algorithm>

#include "base/check.hpp"

namespace demarc {

std::optional<Money> Money::parse(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  const std::size_t point = text.find('.');
  const std::string_view whole = text.substr(0, point);
  const std::string_view fraction = point == std::string_view::npos ? std::string_view{} : text.substr(point + 1);
  if (whole.empty() || whole.size() > 20 || fraction.size() > 12 || (point != std::string_view::npos && fraction.empty())) return {};
  Pico pico = 0;
  const auto take = [&pico](std::string_view digits) {
    return std::all_of(digits.begin(), digits.end(), [&pico](char c) {
      pico = pico * 10 + (c - '0');
      return c >= '0' && c <= '9';
    });
  };
  if (!take(whole) || !take(fraction)) return {};
  for (std::size_t i = fraction.size(); i < 12; ++i) pico *= 10;
  return Money(negative ? -pico : pico);
}

std::string Money::print() const {
  auto rest = static_cast<unsigned __int128>(pico_ < 0 ? -pico_ : pico_);
  std::string reversed;
  for (int i = 0; i < 13 || rest > 0; ++i, rest /= 10) {
    if (i == 12) reversed += '.';
    reversed += static_cast<char>('0' + static_cast<int>(rest % 10));
  }
  if (pico_ < 0) reversed += '-';
  std::reverse(reversed.begin(), reversed.end());
  return reversed;
}

Money Money::times_ratio(std::int64_t numerator, std::int64_t denominator) const {
  CHECK(denominator > 0);
  const Pico product = pico_ * numerator;
  Pico quotient = product / denominator;  // toward zero
  const Pico rest = product % denominator;
  const Pico twice = (rest < 0 ? -rest : rest) * 2;
  if (twice > denominator || (twice == denominator && quotient % 2 != 0)) quotient += product < 0 ? -1 : 1;
  return Money(quotient);
}

}  // namespace demarc
