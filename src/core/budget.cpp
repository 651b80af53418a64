#include "core/budget.hpp"

#include <chrono>

namespace demarc {

std::string_view to_string(BudgetPeriod period) {
  switch (period) {
    case BudgetPeriod::day: return "day";
    case BudgetPeriod::week: return "week";
    case BudgetPeriod::month: return "month";
    case BudgetPeriod::total: return "total";
  }
  return "total";
}

std::optional<BudgetPeriod> parse_budget_period(std::string_view name) {
  for (const BudgetPeriod period : {BudgetPeriod::day, BudgetPeriod::week, BudgetPeriod::month, BudgetPeriod::total})
    if (to_string(period) == name) return period;
  return {};
}

Instant period_start(BudgetPeriod period, Instant now) {
  using namespace std::chrono;
  const sys_days today = floor<days>(sys_time<nanoseconds>(nanoseconds(now.unix_ns)));
  const auto instant = [](sys_days day) { return Instant{duration_cast<nanoseconds>(day.time_since_epoch()).count()}; };
  switch (period) {
    case BudgetPeriod::day: return instant(today);
    case BudgetPeriod::week: return instant(today - (weekday(today) - Monday));
    case BudgetPeriod::month: {
      const year_month_day date(today);
      return instant(sys_days(date.year() / date.month() / 1));
    }
    case BudgetPeriod::total: return {};
  }
  return {};
}

}  // namespace demarc
