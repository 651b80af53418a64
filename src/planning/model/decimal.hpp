// Decimal: a whole number of 10⁻¹⁸, for what a business case counts besides money: rates, shares, watts, months, and amounts before they are rounded.
//
//   Decimal growth = *Decimal::parse("1.15");
//   std::optional<Decimal> a_month = root(growth, 12);            // 1.011714916919853…, the same digits on every machine
//   std::optional<Decimal> usd = multiply(tokens, price);         // rounded half to even at the 18th place; nullopt: too large
//
// No binary fraction is involved, so two computers, and a spreadsheet that rounds to cents, agree. Range ±1.7·10²⁰. Pure; any thread.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/money.hpp"

namespace demarc::planning {

class Decimal {
 public:
  using Units = __int128;
  static constexpr std::int64_t kUnitsPerOne = 1'000'000'000'000'000'000;

  constexpr Decimal() = default;
  static constexpr Decimal from_units(Units units) { return Decimal(units); }
  static constexpr Decimal of(std::int64_t whole) { return Decimal(Units{whole} * kUnitsPerOne); }
  static Decimal of(Money money) { return Decimal(money.pico() * 1'000'000); }
  // [-] digits [ "." digits{1,18} ], at most 15 digits before the point; nullopt for anything else.
  static std::optional<Decimal> parse(std::string_view text);
  static Decimal nearest(double number);  // for what was only ever a double; |number| < 10¹⁵

  [[nodiscard]] constexpr Units units() const { return units_; }
  [[nodiscard]] Money money() const;                        // half to even at the pico-dollar
  [[nodiscard]] double to_double() const;                   // for charts and draws, never for money
  [[nodiscard]] std::string print() const;                  // as short as it can be and exact
  [[nodiscard]] std::string print(int places) const;        // rounded half to even, that many places
  [[nodiscard]] std::string with_commas(int places) const;  // 1,234,567.89

  friend constexpr auto operator<=>(Decimal a, Decimal b) { return a.units_ <=> b.units_; }
  friend constexpr bool operator==(Decimal a, Decimal b) { return a.units_ == b.units_; }

 private:
  constexpr explicit Decimal(Units units) : units_(units) {}
  Units units_ = 0;
};

// nullopt: beyond the range, or a division by zero.
std::optional<Decimal> add(Decimal a, Decimal b);
std::optional<Decimal> subtract(Decimal a, Decimal b);
std::optional<Decimal> multiply(Decimal a, Decimal b);
std::optional<Decimal> divide(Decimal a, Decimal b);
std::optional<Decimal> root(Decimal a, int degree);  // a ≥ 0, degree 1 to 64
Decimal ceiling(Decimal a);

}  // namespace demarc::planning
