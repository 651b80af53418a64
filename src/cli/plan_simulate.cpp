// demarc plan simulate: Monte Carlo over the plan's uncertain inputs, what the result hangs on most, and where it breaks even.
#include <algorithm>
#include <iostream>

#include "cli/cli.hpp"
#include "cli/plan_commands.hpp"
#include "core/json/writer.hpp"
#include "planning/model/why.hpp"
#include "planning/simulate/monte_carlo.hpp"
#include "planning/simulate/sensitivity.hpp"

namespace demarc::cli {
namespace {

struct Order {
  PlanFiles files;
  planning::SimulateOptions options;
};

constexpr std::size_t kBarsShown = 12;

std::string bars_text(const planning::Model& model, const std::vector<planning::Bar>& bars) {
  std::string out = "\nwhat it hangs on: net present value with one input at its low and its high (±20 % where it has none)\n";
  for (std::size_t i = 0; i < std::min(bars.size(), kBarsShown); ++i) {
    const planning::Bar& bar = bars[i];
    std::string name = model.sheet.inputs()[bar.input].name;
    name.resize(std::max<std::size_t>(name.size() + 2, 52), ' ');
    out += "  " + name + planning::print_value(bar.npv_at_low, planning::Unit::usd) + " to " +
           planning::print_value(bar.npv_at_high, planning::Unit::usd) + "\n";
  }
  return out;
}

std::string break_even_text(const std::optional<planning::BreakEven>& found) {
  if (!found) return "\nbreaks even at no volume between a hundredth and a hundred times the plan's\n";
  return "\nbreaks even at " + found->volume_percent.print(1) + " % of the plan's volume (worth it " + (found->above ? "above" : "below") +
         "), where the hardware is used to " +
         planning::multiply(found->utilisation, planning::Decimal::of(100)).value_or(planning::Decimal()).print(1) + " %\n";
}

int simulate(const Shared& shared, const Order& order) {
  const auto computed = compute(order.files);
  if (!computed) return kFailed;
  const auto outcome = planning::simulate(computed->model, computed->plan.correlations, order.options);
  if (!outcome) return std::cerr << order.files.plan << ": " << outcome.error() << '\n', kFailed;
  const auto bars = planning::tornado(computed->model);
  const auto even = planning::break_even(computed->model);
  if (!shared.json) {
    std::cout << planning::print(*outcome) << bars_text(computed->model, bars) << break_even_text(even);
    return kOk;
  }
  std::string out;
  JsonWriter json(out);
  json.object([&] {
    json.raw_field("simulation", planning::to_json(*outcome));
    json.array("tornado", [&] {
      for (const planning::Bar& bar : bars)
        json.object([&] {
          json.field("input", computed->model.sheet.inputs()[bar.input].name), json.field("low", bar.low.print()),
              json.field("high", bar.high.print());
          json.field("own_range", bar.own_range);
          json.field("npv_at_low_usd", bar.npv_at_low.money().print()), json.field("npv_at_high_usd", bar.npv_at_high.money().print());
        });
    });
    json.name("break_even");
    if (even)
      json.object([&] {
        json.field("volume_percent", even->volume_percent.to_double()), json.field("utilisation", even->utilisation.to_double()),
            json.field("worth_it", even->above ? "above" : "below");
      });
    else
      json.value(json_null);
  });
  std::cout << out << '\n';
  return kOk;
}

}  // namespace

void add_plan_simulate(CLI::App& plan, Shared& shared) {
  auto order = std::make_shared<Order>();
  CLI::App* command = add_command(plan, shared, "simulate", "many draws of the uncertain inputs, what matters most, break-even",
                                  [&shared, order] { return simulate(shared, *order); });
  add_plan_files(command, order->files);
  command->add_option("--draws", order->options.draws, "how many")->capture_default_str()->check(CLI::Range(std::uint64_t{1}, planning::kMostDraws));
  command->add_option("--seed", order->options.seed, "the same seed gives the same figures")->capture_default_str();
  command->add_option("--threads", order->options.threads, "0: one for each core, at most 8")->capture_default_str()->check(CLI::Range(0U, 8U));
}

}  // namespace demarc::cli
