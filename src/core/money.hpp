// Money: US dollars as a 128-bit whole number of pico-dollars (10⁻¹² $), so that tokens × (price per million tokens) is exact.
//
//   Money price = *Money::parse("1.25");                    // dollars per million tokens
//   Money charge = price.per_million(tokens);               // exact, or rounded half to even once at the last pico-dollar
//   charge.print() == "0.000123450000"                      // always twelve decimals
//
// Never a double. Range ±1.7·10²⁶ $; the arithmetic does not overflow for anything a bill can hold. Pure; any thread.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace demarc {

class Money {
 public:
  using Pico = __int128;

  constexpr Money() = default;
  static constexpr Money from_pico(Pico pico) { return Money(pico); }
  static constexpr Money from_usd(std::int64_t usd) { return Money(Pico{usd} * kPicoPerUsd); }
  // [-] digits [ "." digits{1,12} ]; nullopt for anything else, so no input is rounded in silence. At most 20 digits before the point.
  static std::optional<Money> parse(std::string_view dollars);

  [[nodiscard]] constexpr Pico pico() const { return pico_; }
  [[nodiscard]] std::string print() const;  // dollars, twelve decimals, "-" in front if negative

  // This price is for a million; what `count` of them cost. Rounded half to even.
  [[nodiscard]] Money per_million(std::int64_t count) const { return times_ratio(count, 1'000'000); }
  // this × numerator ÷ denominator, rounded half to even. denominator > 0.
  [[nodiscard]] Money times_ratio(std::int64_t numerator, std::int64_t denominator) const;

  friend constexpr Money operator+(Money a, Money b) { return Money(a.pico_ + b.pico_); }
  friend constexpr Money operator-(Money a, Money b) { return Money(a.pico_ - b.pico_); }
  Money& operator+=(Money other) { return pico_ += other.pico_, *this; }
  Money& operator-=(Money other) { return pico_ -= other.pico_, *this; }
  friend constexpr auto operator<=>(Money a, Money b) { return a.pico_ <=> b.pico_; }
  friend constexpr bool operator==(Money a, Money b) { return a.pico_ == b.pico_; }

 private:
  static constexpr Pico kPicoPerUsd = 1'000'000'000'000;
  constexpr explicit Money(Pico pico) : pico_(pico) {}
  Pico pico_ = 0;
};

}  // namespace demarc
