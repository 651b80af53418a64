#include "planning/model/decimal.hpp"

#include <algorithm>
#include <cmath>

#include "base/check.hpp"

namespace demarc::planning {
namespace {

using Units = Decimal::Units;
using Wide = unsigned __int128;

constexpr Units kLargest = (Units{1} << 126) - 1;

Wide magnitude(Units units) { return units < 0 ? -static_cast<Wide>(units) : static_cast<Wide>(units); }

// An unsigned number of 256 bits, as far as a product and a quotient need one.
struct Long {
  Wide high = 0, low = 0;
};

Long product(Wide a, Wide b) {
  constexpr Wide kHalf = ~std::uint64_t{0};
  const Wide ll = (a & kHalf) * (b & kHalf), lh = (a & kHalf) * (b >> 64), hl = (a >> 64) * (b & kHalf), hh = (a >> 64) * (b >> 64);
  const Wide middle = (ll >> 64) + (lh & kHalf) + (hl & kHalf);
  return {hh + (lh >> 64) + (hl >> 64) + (middle >> 64), (middle << 64) | (ll & kHalf)};
}

struct Divided {
  Wide quotient = 0, rest = 0;
};

// By a divisor of at most 127 bits; nullopt if the quotient does not fit.
std::optional<Divided> divided(Long value, Wide by) {
  if (value.high >= by) return {};
  if (value.high == 0) return Divided{value.low / by, value.low % by};
  if (by <= ~std::uint64_t{0}) {  // two steps of the machine's own division
    const Wide upper = (value.high << 64) | (value.low >> 64);
    const Wide lower = ((upper % by) << 64) | (value.low & ~std::uint64_t{0});
    return Divided{((upper / by) << 64) | (lower / by), lower % by};
  }
  Wide rest = value.high, quotient = 0;
  for (int bit = 127; bit >= 0; --bit) {
    rest = (rest << 1) | ((value.low >> bit) & 1);
    quotient <<= 1;
    if (rest >= by) rest -= by, quotient |= 1;
  }
  return Divided{quotient, rest};
}

std::optional<Decimal> rounded(const std::optional<Divided>& found, Wide by, bool negative) {
  if (!found) return {};
  const bool up = found->rest > by - found->rest || (found->rest == by - found->rest && (found->quotient & 1) != 0);
  const Wide result = found->quotient + (up ? 1 : 0);
  if (result > static_cast<Wide>(kLargest)) return {};
  return Decimal::from_units(negative ? -static_cast<Units>(result) : static_cast<Units>(result));
}

std::optional<Decimal> within(Units units) {
  if (units > kLargest || units < -kLargest) return {};
  return Decimal::from_units(units);
}

// Half to even, to a multiple of 10^(18 − places), as that multiple's count.
Wide rounded_to(Wide units, int places) {
  Wide step = 1;
  for (int i = places; i < 18; ++i) step *= 10;
  const Wide rest = units % step;
  Wide count = units / step;
  if (rest * 2 > step || (rest * 2 == step && (count & 1) != 0)) ++count;
  return count;
}

std::string digits_of(Wide number) {
  std::string out;
  do out += static_cast<char>('0' + static_cast<int>(number % 10)), number /= 10;
  while (number > 0);
  std::reverse(out.begin(), out.end());
  return out;
}

}  // namespace

std::optional<Decimal> Decimal::parse(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  const std::size_t point = text.find('.');
  const std::string_view whole = text.substr(0, point);
  const std::string_view fraction = point == std::string_view::npos ? std::string_view{} : text.substr(point + 1);
  if (whole.empty() || whole.size() > 15 || fraction.size() > 18 || (point != std::string_view::npos && fraction.empty())) return {};
  Units units = 0;
  for (const std::string_view digits : {whole, fraction})
    for (const char c : digits) {
      if (c < '0' || c > '9') return {};
      units = units * 10 + (c - '0');
    }
  for (std::size_t i = fraction.size(); i < 18; ++i) units *= 10;
  return Decimal(negative ? -units : units);
}

Decimal Decimal::nearest(double number) {
  CHECK(std::abs(number) < 1e15);
  const double whole = std::trunc(number);
  return Decimal(Units{static_cast<std::int64_t>(whole)} * kUnitsPerOne + static_cast<std::int64_t>((number - whole) * 1e18));
}

Money Decimal::money() const {
  const auto pico = static_cast<Units>(rounded_to(magnitude(units_), 12));
  return Money::from_pico(units_ < 0 ? -pico : pico);
}

double Decimal::to_double() const { return static_cast<double>(units_) / 1e18; }

std::string Decimal::print() const {
  std::string out = print(18);
  if (out.find('.') != std::string::npos) {
    while (out.back() == '0') out.pop_back();
    if (out.back() == '.') out.pop_back();
  }
  return out;
}

std::string Decimal::print(int places) const {
  CHECK(places >= 0 && places <= 18);
  const Wide count = rounded_to(magnitude(units_), places);
  std::string digits = digits_of(count);
  if (digits.size() <= static_cast<std::size_t>(places)) digits.insert(0, static_cast<std::size_t>(places) + 1 - digits.size(), '0');
  if (places > 0) digits.insert(digits.size() - static_cast<std::size_t>(places), ".");
  return (units_ < 0 && count != 0 ? "-" : "") + digits;
}

std::string Decimal::with_commas(int places) const {
  std::string out = print(places);
  const std::size_t first = out.starts_with('-') ? 1 : 0;
  const std::size_t point = std::min(out.find('.'), out.size());
  for (std::size_t at = point; at > first + 3;) out.insert(at -= 3, ",");
  return out;
}

std::optional<Decimal> add(Decimal a, Decimal b) { return within(a.units() + b.units()); }
std::optional<Decimal> subtract(Decimal a, Decimal b) { return within(a.units() - b.units()); }

std::optional<Decimal> multiply(Decimal a, Decimal b) {
  const Long whole = product(magnitude(a.units()), magnitude(b.units()));
  return rounded(divided(whole, Decimal::kUnitsPerOne), Decimal::kUnitsPerOne, (a.units() < 0) != (b.units() < 0));
}

std::optional<Decimal> divide(Decimal a, Decimal b) {
  if (b.units() == 0) return {};
  const Wide by = magnitude(b.units());
  return rounded(divided(product(magnitude(a.units()), Decimal::kUnitsPerOne), by), by, (a.units() < 0) != (b.units() < 0));
}

std::optional<Decimal> root(Decimal a, int degree) {
  CHECK(degree >= 1 && degree <= 64);
  if (a.units() < 0) return {};
  if (a.units() == 0 || degree == 1) return a;
  const auto power = [](Decimal base, int exponent) -> std::optional<Decimal> {
    Decimal out = Decimal::of(1);
    for (int i = 0; i < exponent; ++i) {
      const auto next = multiply(out, base);
      if (!next) return {};
      out = *next;
    }
    return out;
  };
  // Newton's steps in whole numbers from a guess near by: what comes out does not depend on how good the guess was.
  Decimal x = Decimal::nearest(std::pow(a.to_double(), 1.0 / degree));
  if (x.units() == 0) x = Decimal::from_units(1);
  for (int step = 0; step < 16; ++step) {
    const auto below = power(x, degree - 1);
    if (!below || below->units() == 0) return x;
    const auto wanted = divide(a, *below);  // what x would have to be, were the other factors right
    if (!wanted) return {};
    const Units change = (wanted->units() - x.units()) / degree;
    if (change == 0) break;
    x = Decimal::from_units(x.units() + change);
  }
  return x;
}

Decimal ceiling(Decimal a) {
  const Units rest = a.units() % Decimal::kUnitsPerOne;
  return Decimal::from_units(a.units() - rest + (rest > 0 ? Decimal::kUnitsPerOne : 0));
}

}  // namespace demarc::planning
