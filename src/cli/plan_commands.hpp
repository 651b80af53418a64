// What the commands of `demarc plan` have in common: which plan.yaml, which prices, what day it is. Each adds itself in add_plan_…(); plan.cpp lists
// them.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/time.hpp"
#include "cli/commands.hpp"
#include "planning/model/build_model.hpp"

namespace demarc::cli {

struct PlanFiles {
  std::string plan = "plan.yaml";
  std::vector<std::string> prices;  // price files beside the built-in book; later ones win
};
void add_plan_files(CLI::App* command, PlanFiles& files);

std::optional<std::string> read_whole(const std::string& path, std::size_t most_bytes);
Instant now();

// The plan, its model and the model's values; prints what is wrong and gives nothing if anything is.
struct Computed {
  planning::Plan plan;
  planning::Model model;
  std::vector<planning::Decimal> cells;
};
std::optional<ledger::PriceBook> load_prices(const PlanFiles& files);
std::optional<Computed> compute(const PlanFiles& files);

void add_plan_import(CLI::App& plan, Shared& shared);
void add_plan_inventory(CLI::App& plan, Shared& shared);  // and classify
void add_plan_size(CLI::App& plan, Shared& shared);
void add_plan_report(CLI::App& plan, Shared& shared);
void add_plan_pilot(CLI::App& plan, Shared& shared);
void add_plan_compare(CLI::App& plan, Shared& shared);
void add_plan_simulate(CLI::App& plan, Shared& shared);

}  // namespace demarc::cli
