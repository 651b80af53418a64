// Keys: every number that plan.yaml may hold, one line each. The reader checks against it, the reference (docs/reference/plan.md) lists it, and what
// is left out takes its default from here, as an assumption of low confidence that the register of assumptions shows.
#pragma once

#include <span>
#include <string_view>

#include "planning/model/quantity.hpp"

namespace demarc::planning {

enum class Section : std::uint8_t { general, cloud, workload, cluster };

struct Key {
  std::string_view name;  // dotted, within its section
  Unit unit = Unit::usd;
  std::string_view fallback;  // "" : absent unless it is given
  std::string_view lowest, highest;
  Spread spread = Spread::triangular;
  std::string_view label;  // plain words, for reports
};

std::span<const Key> keys_of(Section section);
const Key* find_key(Section section, std::string_view name);

}  // namespace demarc::planning
