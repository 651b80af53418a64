// CostsSpec: what the own hardware costs to run, from `costs:` of demarc.yaml. Decimals are exact. Pure value, part of the Snapshot.
//
//   costs: {hardware: {usd: 6000, months: 36}, watts: {idle: 80, busy: 450}, usd_per_kwh: 0.22, engineer: {usd_per_year: 180000, share: 0.1}}
#pragma once

#include <cstdint>

#include "core/money.hpp"

namespace demarc {

struct CostsSpec {
  Money hardware_usd;                 // bought for
  std::int64_t hardware_months = 36;  // written off over; at least 1
  std::int64_t watts_idle = 0;        // of the whole machine
  std::int64_t watts_busy = 0;        // with every slot at work; at least watts_idle
  Money usd_per_kwh;                  // tariff
  Money engineer_usd_per_year;        // loaded
  Money engineer_share;               // 0..1, a decimal held as Money for its exactness: 0.1 is Money::parse("0.1")
  friend bool operator==(const CostsSpec&, const CostsSpec&) = default;
};

}  // namespace demarc
