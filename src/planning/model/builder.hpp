// Builder: what the parts of the model share while it is built; build_model.cpp leads, build_workload.cpp and build_cluster.cpp do a part each.
// One thread, one model.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "planning/model/build_model.hpp"

namespace demarc::planning {

using Row = std::vector<Expr>;  // by month, 0 to n; row[0] is unset where a row begins with month 1

class Builder {
 public:
  Builder(Sheet& sheet, int months) : sheet_(sheet), months_(months) {}

  [[nodiscard]] int months() const { return months_; }
  Expr number(std::int64_t value) { return sheet_.number(value); }
  Expr decimal(const char* decimal) { return sheet_.number(*Decimal::parse(decimal)); }
  // An input of the plan, made once. `prefix` is "", "cloud.", "workload.triage.", "cluster.room.".
  Expr input(const Quantities& from, Section section, const std::string& prefix, const std::string& key);
  Expr share(const Quantities& from, Section section, const std::string& prefix, const std::string& key) {  // a percent as a factor
    return input(from, section, prefix, key) / number(100);
  }
  Expr monthly_event(const Quantities& from, const std::string& prefix, const std::string& key, int month);  // a bernoulli input of this month

  Expr cell(const std::string& name, Unit unit, const std::string& label, Expr formula, int month = kNoMonth) {
    return sheet_.cell(name, unit, label, formula, month);
  }
  template <class Formula>
  Row row(const std::string& name, Unit unit, const std::string& label, Formula&& formula, int first = 1) {
    Row out(static_cast<std::size_t>(months_) + 1);
    for (int k = first; k <= months_; ++k) out[static_cast<std::size_t>(k)] = cell(name, unit, label, formula(k, out), k);
    return out;
  }
  Expr total(const std::string& name, const std::string& label, const Row& row, int first = 1, Unit unit = Unit::usd);
  Expr sum(const std::vector<Expr>& parts);  // 0 if there is none
  std::uint32_t index(Expr cell) const { return sheet_.nodes()[cell.node].index; }
  Sheet& sheet() { return sheet_; }

 private:
  Sheet& sheet_;
  int months_;
  std::map<std::string, Expr> inputs_;
};

struct ClusterRows;

struct WorkloadRows {
  Expr usd_per_request, million_tokens_per_request;
  Row volume, requests, cloud_all, share, cloud_rest, rework, load, demand;
  Expr evaluation, migration;
};
struct ClusterRows {
  Row ramp, load, nodes, hardware, charge, running;  // hardware from month 0
  Expr one_off, residual;
  ClusterOut out;
};

Expr in_month(const Row& row, int k);
WorkloadRows build_workload(Builder& b, const Plan& plan, const WorkloadPlan& workload, const Row* ramp);
Row build_ramp(Builder& b, const ClusterPlan& cluster);
ClusterRows build_cluster(Builder& b, const Plan& plan, const ClusterPlan& cluster, const Row& ramp, const std::vector<const WorkloadRows*>& served);

}  // namespace demarc::planning
