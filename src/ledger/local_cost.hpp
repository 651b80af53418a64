// LocalCost: what a slot of our own engines costs while a request holds it.
//
//   LocalCost cost(*config.costs);
//   Money usd = cost.charge({.held = ended - admitted, .slots_held = 1, .slots = 4, .slots_busy = 3});
//
// charge = slots_held ÷ slots × hours held × hourly cost, where the hourly cost is
//   hardware ÷ (months × 730 h) + (idle + (busy − idle) × slots_busy ÷ slots) W × tariff ÷ 1000 + engineer per year × share ÷ 8760 h.
// Whole numbers throughout; the two parts of the hourly cost are rounded to a pico-dollar once when loaded, the charge once. Immutable; any thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "core/costs.hpp"
#include "core/money.hpp"

namespace demarc::ledger {

struct EngineTime {
  std::chrono::nanoseconds held{};  // from admission to release, so without queueing
  std::int64_t slots_held = 1;
  std::int64_t slots = 1;       // of the engine
  std::int64_t slots_busy = 1;  // with this one, while it was held
};

class LocalCost {
 public:
  explicit LocalCost(const CostsSpec& costs);

  // nullopt for what cannot be: a negative time or more than 30 days, slots outside 1..1024, more held or busy than there are.
  [[nodiscard]] std::optional<Money> charge(const EngineTime& time) const;

  [[nodiscard]] Money idle_hourly() const { return idle_hourly_; }           // of the whole machine with nothing to do
  [[nodiscard]] Money busy_hourly() const { return idle_hourly_ + extra_; }  // with every slot at work

 private:
  Money idle_hourly_;
  Money extra_;  // what full load adds in an hour
};

}  // namespace demarc::ledger
