#include "ledger/local_cost.hpp"

#include "base/check.hpp"

namespace demarc::ledger {
namespace {

constexpr std::int64_t kHoursPerMonth = 730, kHoursPerYear = 8760;  // 365 days; a month is a twelfth
constexpr std::int64_t kNsPerHour = 3'600'000'000'000;
constexpr std::int64_t kMostSlots = 1024;  // its square × kNsPerHour still fits in 64 bits
constexpr auto kMostHeld = std::chrono::hours(24 * 30);

// a × b where b is a decimal held as Money.
Money times_decimal(Money a, Money b) { return a.times_ratio(static_cast<std::int64_t>(b.pico()), 1'000'000'000'000); }

Money hourly_power(std::int64_t watts, Money usd_per_kwh) { return usd_per_kwh.times_ratio(watts, 1000); }

}  // namespace

LocalCost::LocalCost(const CostsSpec& costs) {
  CHECK(costs.hardware_months > 0 && costs.watts_busy >= costs.watts_idle && costs.watts_idle >= 0);
  CHECK(costs.engineer_share >= Money{} && costs.engineer_share <= Money::from_usd(1));
  const Money hardware = costs.hardware_usd.times_ratio(1, costs.hardware_months * kHoursPerMonth);
  const Money engineer = times_decimal(costs.engineer_usd_per_year, costs.engineer_share).times_ratio(1, kHoursPerYear);
  idle_hourly_ = hardware + engineer + hourly_power(costs.watts_idle, costs.usd_per_kwh);
  extra_ = hourly_power(costs.watts_busy - costs.watts_idle, costs.usd_per_kwh);
}

// held × (slots_held ÷ slots) × (idle + extra × slots_busy ÷ slots), over one denominator.
std::optional<Money> LocalCost::charge(const EngineTime& time) const {
  if (time.held.count() < 0 || time.held > kMostHeld || time.slots < 1 || time.slots > kMostSlots) return {};
  if (time.slots_held < 1 || time.slots_held > time.slots_busy || time.slots_busy > time.slots) return {};
  const Money::Pico hourly = idle_hourly_.pico() * time.slots + extra_.pico() * time.slots_busy;  // × slots
  return Money::from_pico(hourly * time.slots_held).times_ratio(time.held.count(), kNsPerHour * time.slots * time.slots);
}

}  // namespace demarc::ledger
