// costs: and budgets:, the keys with dollars in them.
#include "config/context.hpp"

namespace demarc::config {
namespace {

std::optional<BudgetPeriod> parse_period(std::string_view name) {
  for (const BudgetPeriod period : {BudgetPeriod::day, BudgetPeriod::week, BudgetPeriod::month})
    if (name == to_string(period)) return period;
  return {};
}

Costs costs_of(const Fields& fields, Problems& problems) {
  Costs costs;
  if (const auto hardware = fields.section("hardware")) {
    costs.hardware_usd = hardware->dollars("usd").value_or(Money{});
    costs.hardware_months = hardware->whole("months").value_or(0);
  }
  if (const auto watts = fields.section("watts")) {
    costs.idle_watts = watts->whole("idle").value_or(0);
    costs.busy_watts = watts->whole("busy").value_or(0);
    if (costs.busy_watts < costs.idle_watts) problems.error(watts->map(), "costs.watts: busy is at least idle");
    if (!fields.node("usd_per_kwh")) problems.error(watts->map(), "costs.watts needs costs.usd_per_kwh");
  }
  costs.usd_per_kwh = fields.dollars("usd_per_kwh").value_or(Money{});
  if (const auto engineer = fields.section("engineer")) {
    costs.engineer_usd_per_year = engineer->dollars("usd_per_year").value_or(Money{});
    costs.engineer_share_ppm = engineer->ppm("share").value_or(0);
  }
  return costs;
}

BudgetRule budget_of(const Fields& fields, Problems& problems) {
  BudgetRule rule;
  rule.team = fields.text("team").value_or("");
  rule.key = fields.text("key").value_or("");
  rule.usd = fields.dollars("usd").value_or(Money{});
  rule.per = fields.parsed("per", parse_period).value_or(BudgetPeriod::month);
  if (!rule.team.empty() && !rule.key.empty()) problems.error(fields.map(), "a budget belongs to a team or to a key, not to both");
  return rule;
}

}  // namespace

std::string_view to_string(BudgetPeriod period) {
  switch (period) {
    case BudgetPeriod::day: return "day";
    case BudgetPeriod::week: return "week";
    case BudgetPeriod::month: return "month";
  }
  return "month";
}

void load_costs(const Fields& root, LoadContext& context, Config& config) {
  if (const auto costs = root.section("costs")) config.costs = costs_of(*costs, context.problems);
  for (const YamlNode* item : root.sections("budgets")) {
    BudgetRule rule = budget_of(Fields(*item), context.problems);
    for (const BudgetRule& other : config.budgets)
      if (other.team == rule.team && other.key == rule.key && other.per == rule.per)
        context.problems.error(*item, "a second budget of the same owner and period");
    config.budgets.push_back(std::move(rule));
  }
}

}  // namespace demarc::config
