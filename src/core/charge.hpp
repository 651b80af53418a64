// Charge: what one attempt cost, and how that is known. Pure value.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/money.hpp"

namespace demarc {

enum class ChargeKind : std::uint8_t {
  billed,     // from the provider's own usage fields and the price book
  local,      // measured seconds of our engine × its hourly cost
  estimated,  // our count × the price book: the provider did not say, or the client left
  unpriced,   // no price is known: never $0
};
std::string_view to_string(ChargeKind);
std::optional<ChargeKind> parse_charge_kind(std::string_view);

struct Alternative {  // the cheapest capable candidate of the other tier, permitted or not
  std::string upstream, model;
  std::optional<Money> usd;
  friend bool operator==(const Alternative&, const Alternative&) = default;
};

struct Charge {
  ChargeKind kind = ChargeKind::unpriced;
  std::optional<Money> usd;  // nullopt exactly if unpriced
  std::optional<Alternative> alternative;
  friend bool operator==(const Charge&, const Charge&) = default;
};

}  // namespace demarc
