// Plan: what plan.yaml says, read and checked; the input of the model.
//
//   Result<Plan, PlanError> plan = read_plan(text, "plan.yaml", prices, today);
//   Model model = build_model(*plan);
//
// Every number may be plain or {value, low, high, spread, source, date, confidence}. What is not given takes the default of its key, named as such.
// Prices of `cloud.model: openai/gpt-5-mini` come from the price book with the page and day they were read. Pure; any thread.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "ledger/price_book.hpp"
#include "planning/model/keys.hpp"

namespace demarc::planning {

enum class Bucket : std::uint8_t { boring, strategic };
std::string_view to_string(Bucket);

using Quantities = std::map<std::string, Quantity, std::less<>>;  // by Key::name

struct WorkloadPlan {
  std::string name;
  Bucket bucket = Bucket::strategic;
  std::string cloud_model;    // "openai/gpt-5-mini"; "" if prices are given or it costs by the month alone
  std::string local_cluster;  // "" : stays in the cloud
  Quantities quantities;
};

struct ClusterPlan {
  std::string name;
  Quantities quantities;
};

struct Correlation {
  std::string a, b;  // names of inputs
  Decimal rho;       // −1 to 1
};

struct Plan {
  std::string name = "business case";
  bool example = false;  // made up: every page of a report says so
  int months = 36;
  Quantities general, cloud;
  std::vector<WorkloadPlan> workloads;
  std::vector<ClusterPlan> clusters;
  std::vector<Correlation> correlations;
};

struct PlanError {
  std::string file;
  int line = 0, column = 0;
  std::string message;
  [[nodiscard]] std::string print() const;
};

// Prices that the workload does not have yet, from the book: at the rates that its mean request's length pays.
void price_workload(WorkloadPlan& workload, const ledger::Price& price);
// Of what it uses, the keys of prices that are missing.
std::vector<std::string> unpriced(const WorkloadPlan& workload);

inline constexpr int kMostMonths = 120;
inline constexpr std::size_t kMostWorkloads = 200, kMostClusters = 20;

Result<Plan, PlanError> read_plan(std::string_view text, const std::string& file, const ledger::PriceBook& prices, Instant today);

}  // namespace demarc::planning
