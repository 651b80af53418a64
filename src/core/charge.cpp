#include "core/charge.hpp"

namespace demarc {

std::string_view to_string(ChargeKind kind) {
  switch (kind) {
    case ChargeKind::billed: return "billed";
    case ChargeKind::local: return "local";
    case ChargeKind::estimated: return "estimated";
    case ChargeKind::unpriced: return "unpriced";
  }
  return "unpriced";
}

std::optional<ChargeKind> parse_charge_kind(std::string_view name) {
  for (const ChargeKind kind : {ChargeKind::billed, ChargeKind::local, ChargeKind::estimated, ChargeKind::unpriced})
    if (to_string(kind) == name) return kind;
  return {};
}

}  // namespace demarc
