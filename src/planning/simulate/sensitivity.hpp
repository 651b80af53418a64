// What the result hangs on: one input at a time (a tornado), the volume at which the plan breaks even, and the surface of net present value over
// volume and cloud price. Exact: each point is the whole model evaluated in Decimals.
//
//   auto bars = tornado(model);                       // widest first
//   auto volume = break_even(model);                  // percent of today's volume, or never
//
// Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "planning/model/build_model.hpp"

namespace demarc::planning {

struct Bar {
  std::uint32_t input = 0;
  Decimal low, high;  // what the input was set to: its own range, else ±20 %
  bool own_range = false;
  Decimal npv_at_low, npv_at_high;
  [[nodiscard]] Decimal width() const;
};
// Inputs that move nothing are left out.
std::vector<Bar> tornado(const Model& model);

struct BreakEven {
  Decimal volume_percent;  // of the plan's volume, at which the net present value is zero
  Decimal utilisation;     // of the first cluster in the last month, there
  bool above = true;       // worth it above this volume; false: below
};
std::optional<BreakEven> break_even(const Model& model);  // nullopt: at no volume from a hundredth to a hundred times today's

struct Surface {
  std::vector<Decimal> volume_percent, price_percent;
  std::vector<Decimal> npv;  // row by row: all prices of the first volume, …
};
Surface npv_surface(const Model& model, int steps);  // from a quarter to four times the volume, from a quarter to twice the price

}  // namespace demarc::planning
