// demarc plan compare: the cloud against the hybrid, month by month, exact; --why says where a cell's value comes from.
#include <iostream>

#include "base/strings.hpp"
#include "cli/cli.hpp"
#include "cli/plan_commands.hpp"
#include "planning/model/compare.hpp"
#include "planning/model/why.hpp"

namespace demarc::cli {
namespace {

struct Order {
  PlanFiles files;
  std::string why;
};

int compare(const Shared& shared, const Order& order) {
  const auto computed = compute(order.files);
  if (!computed) return kFailed;
  if (order.why.empty()) {
    std::cout << (shared.json ? planning::comparison_json(computed->plan, computed->model, computed->cells) + "\n"
                              : planning::print_comparison(computed->plan, computed->model, computed->cells));
    return kOk;
  }
  const auto why = planning::explain_cell(computed->model.sheet, computed->cells, order.why);
  if (!why) {
    const auto near = nearest(order.why, planning::cell_names(computed->model.sheet));
    std::cerr << "demarc plan compare: there is no cell of that name"
              << (near ? "; did you mean '" + *near + "'?" : "; the report's workbook lists them all") << '\n';
    return kUsage;
  }
  std::cout << (shared.json ? planning::to_json(*why) + "\n" : planning::print(*why));
  return kOk;
}

}  // namespace

void add_plan_compare(CLI::App& plan, Shared& shared) {
  auto order = std::make_shared<Order>();
  CLI::App* command = add_command(plan, shared, "compare", "cloud against hybrid: cost, net present value, payback",
                                  [&shared, order] { return compare(shared, *order); });
  add_plan_files(command, order->files);
  command->add_option("--why", order->why, "a cell, as npv.usd or saving.usd[7]: its formula and every input that it rests on");
}

}  // namespace demarc::cli
