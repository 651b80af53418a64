// stress: something goes wrong with a vendor, and the real router says for each workload what becomes of it; the plan says whether the hardware holds
// and what it costs.
//
//   auto stressed = stress(plan, {.policy = policy, .routing = routing, .prices = book, .today = now}, {.kind = StressKind::model_gone, .subject =
//   "gpt-4.1"});
//   for (const Fate& fate : stressed->fates) …
//
// Decisions are policy::decide's: nothing here knows what a rule means. Candidates have the book's prices, so that the router ranks them by what they
// cost then; a workload that lands on another cloud model is priced there, with the tokens it has now. Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "planning/model/build_model.hpp"
#include "policy/decide.hpp"

namespace demarc::planning {

enum class StressKind : std::uint8_t {
  price,        // cloud prices times `factor`: all of them, or those of the provider or model `subject`
  model_gone,   // no upstream serves the model `subject` any more
  region_down,  // every cloud upstream of the region `subject` ("": every cloud upstream) is down for `hours`
  ban,          // the workload `subject` may not go to the cloud
};
std::string_view to_string(StressKind);

struct Stress {
  StressKind kind = StressKind::price;
  std::string subject;
  double factor = 2;
  double hours = 8;
};

enum class Change : std::uint8_t { same, to_local, to_other_cloud, fails };
std::string_view to_string(Change);

struct Served {                       // by whom, in the best case
  std::string upstream, model, tier;  // "" if nobody
  std::string effect;                 // permit, deny, unavailable
  std::string priced_as;              // PROVIDER/MODEL of the price book; "" if it is local, or nobody
};

struct Fate {
  std::string workload;
  Served before, after;
  Change change = Change::same;
  double requests_per_s = 0;         // mean of the plan's first month
  double moved_per_s = 0;            // of the profile's requests, more for the local tier than the plan has there
  Decimal cloud_usd;                 // of a month, as planned
  std::optional<Decimal> after_usd;  // of a month, if it is served by a cloud model then; nullopt: it is not, or no price is known
};

struct HardwareCheck {  // of a cluster
  std::string cluster;
  double planned_per_s = 0, moved_per_s = 0,
         holds_per_s = 0;  // mean rates; holds: with the machines of the first month, spares working, at the plan's peaks
  [[nodiscard]] bool holds() const { return planned_per_s + moved_per_s <= holds_per_s; }
};

struct Stressed {
  Stress stress;
  std::vector<Fate> fates;  // as in the plan
  std::vector<HardwareCheck> hardware;
  double failing_per_s = 0, all_per_s = 0;
  Decimal cloud_month_before, cloud_month_after;  // of the first month, the hybrid's usage
  std::optional<Decimal> npv_before, npv_after;   // where prices change or a model is gone for good: what the plan is worth then
  std::vector<std::string> unpriced;              // PROVIDER/MODEL that workloads move to and that the book has no price of: not in the sums
};

struct StressError {
  std::string message;
};

struct StressWorld {
  const policy::CompiledPolicy& policy;
  const Routing& routing;
  const ledger::PriceBook& prices;
  Instant today;
};

Result<Stressed, StressError> stress(const Plan& plan, const StressWorld& world, const Stress& stress);

// Who serves the workload while every cloud upstream of this provider is down.
Served served_without(const StressWorld& world, const WorkloadPlan& workload, const std::string& provider);

std::string print(const Stressed& stressed);
std::string to_json(const Stressed& stressed);

}  // namespace demarc::planning
