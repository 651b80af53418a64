// BudgetSpec: a limit on what a key, a team or a workload may spend in a period, from `budgets:` of demarc.yaml. Pure value, part of the Snapshot.
//
//   budgets: [{team: claims, usd: 200, per: month}, {key: dmc_live_ab12cd34, workload: triage, usd: 5, per: day}]
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.hpp"
#include "core/money.hpp"

namespace demarc {

enum class BudgetPeriod : std::uint8_t { day, week, month, total };  // of UTC; a week begins on Monday (ISO 8601)
std::string_view to_string(BudgetPeriod);
std::optional<BudgetPeriod> parse_budget_period(std::string_view);
Instant period_start(BudgetPeriod period, Instant now);  // the epoch for `total`

// Whose money: every one of them that is not "" must be the request's own. At least one is set.
struct BudgetScope {
  std::string key, team, workload;
  friend auto operator<=>(const BudgetScope&, const BudgetScope&) = default;
};

struct BudgetSpec {
  BudgetScope scope;
  Money limit;
  BudgetPeriod period = BudgetPeriod::month;
  friend bool operator==(const BudgetSpec&, const BudgetSpec&) = default;
};

}  // namespace demarc
