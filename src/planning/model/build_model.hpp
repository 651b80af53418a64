// build_model: the Plan as a Sheet. What each cell means and why stands in docs/reference/plan.md; the formulas are those of a finance book: cash
// month by month, discounted at i/12, salvage at the end, payback as the first month in which what came back covers what was paid, interpolated, or
// never.
//
//   Model model = build_model(plan);
//   auto cells = evaluate(model.sheet);
//   Decimal npv = (*cells)[model.out.npv];
//
// Two worlds are compared: everything in the cloud ("cloud_only"), and the local tier serving its share ("hybrid"). Pure; any thread.
#pragma once

#include "planning/model/plan.hpp"
#include "planning/model/sheet.hpp"

namespace demarc::planning {

inline constexpr std::int64_t kNeverMonths = 1'000'000'000;  // what a cell of months holds that never comes

struct WorkloadOut {  // cells of one workload
  std::uint32_t usd_per_request, cloud_total, avoided_total, local_total, net_total, payback_months;
};
struct ClusterOut {
  std::uint32_t nodes_first, nodes_last, utilisation_last, hardware_total, charge_total, power_total, staff_total, other_total;
};

struct Outputs {  // cells
  std::uint32_t npv, saving_total, payback_months, discounted_payback_months, investment, cloud_only_tco, hybrid_tco, hybrid_cloud_total, residual;
  std::uint32_t compliance_total, rework_total, one_off_total;
  std::vector<std::uint32_t> cumulative, cloud_only, hybrid;  // by month; cumulative from month 0
  std::vector<WorkloadOut> workloads;                         // as in the plan
  std::vector<ClusterOut> clusters;
};

struct Model {
  Sheet sheet;
  Outputs out;
};

Model build_model(const Plan& plan);

}  // namespace demarc::planning
