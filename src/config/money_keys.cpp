// costs: and budgets:, the keys with dollars in them.
#include <algorithm>

#include "config/context.hpp"

namespace demarc::config {
namespace {

CostsSpec costs_of(const Fields& fields, Problems& problems) {
  CostsSpec costs;
  if (const auto hardware = fields.section("hardware")) {
    costs.hardware_usd = hardware->dollars("usd").value_or(Money{});
    costs.hardware_months = hardware->whole("months").value_or(costs.hardware_months);
  }
  if (const auto watts = fields.section("watts")) {
    costs.watts_idle = watts->whole("idle").value_or(0);
    costs.watts_busy = watts->whole("busy").value_or(0);
    if (costs.watts_busy < costs.watts_idle) problems.error(watts->map(), "costs.watts: busy is at least idle");
    if (!fields.node("usd_per_kwh")) problems.error(watts->map(), "costs.watts needs costs.usd_per_kwh");
  }
  costs.usd_per_kwh = fields.dollars("usd_per_kwh").value_or(Money{});
  if (const auto engineer = fields.section("engineer")) {
    costs.engineer_usd_per_year = engineer->dollars("usd_per_year").value_or(Money{});
    costs.engineer_share = engineer->dollars("share").value_or(Money{});
  }
  return costs;
}

BudgetSpec budget_of(const Fields& fields, Problems& problems) {
  BudgetSpec spec;
  spec.scope.key = fields.text("key").value_or("");
  spec.scope.team = fields.text("team").value_or("");
  spec.scope.workload = fields.text("workload").value_or("");
  spec.limit = fields.dollars("usd").value_or(Money{});
  spec.period = fields.parsed("per", parse_budget_period).value_or(BudgetPeriod::month);
  if (spec.scope == BudgetScope{}) problems.error(fields.map(), "a budget says whose it is: team, key, workload or several of them");
  return spec;
}

void check_known(const BudgetSpec& spec, const YamlNode& at, LoadContext& context, const Routing& routing) {
  if (spec.scope.workload.empty()) return;
  std::vector<std::string> names;
  for (const WorkloadSpec& workload : routing.workloads) names.push_back(workload.name);
  if (std::ranges::find(names, spec.scope.workload) == names.end())
    context.problems.error(at, "a budget for a workload that is not defined" + did_you_mean(spec.scope.workload, names));
}

}  // namespace

void load_costs(const Fields& root, LoadContext& context, Config& config) {
  if (const auto costs = root.section("costs")) config.costs = costs_of(*costs, context.problems);
  for (const YamlNode* item : root.sections("budgets")) {
    BudgetSpec spec = budget_of(Fields(*item), context.problems);
    check_known(spec, *item, context, config.routing);
    for (const BudgetSpec& other : config.budgets)
      if (other.scope == spec.scope && other.period == spec.period) context.problems.error(*item, "a second budget of the same owner and period");
    config.budgets.push_back(std::move(spec));
  }
}

}  // namespace demarc::config
