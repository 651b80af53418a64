// Judgements: what people said of workloads, kept in plan.sqlite beside the rows: which bucket, who said so, why, and the features it had then.
//
//   Judgements judgements = TRY(Judgements::open(book));
//   judgements.correct({...});  judgements.hint("triage", Feature::sensitive, 1, "legal");
//
// One thread.
#pragma once

#include "planning/inventory/classify.hpp"

namespace demarc::planning {

class Judgements {
 public:
  static Result<Judgements, std::string> open(UsageBook& book);
  Result<void, std::string> correct(const Correction& correction);  // the last of a workload counts
  Result<void, std::string> hint(const std::string& workload, Feature feature, double value, const std::string& who, const std::string& date);
  [[nodiscard]] const std::vector<Correction>& corrections() const { return corrections_; }
  [[nodiscard]] Hints hints(const std::string& workload) const;

 private:
  explicit Judgements(store::Connection& connection) : connection_(&connection) {}
  Result<void, std::string> load();
  store::Connection* connection_;
  std::vector<Correction> corrections_;
  std::map<std::string, Hints> hints_;
};

// Every workload with its class, corrections applied and learned from.
std::vector<Classified> classify_all(const std::vector<Workload>& inventory, const Judgements& judgements);

std::string print(const std::vector<Workload>& inventory, const std::vector<Classified>& classes);
std::string to_json(const std::vector<Workload>& inventory, const std::vector<Classified>& classes);

}  // namespace demarc::planning
