// Sides: a pilot's requests put to a model through the gateway, each answer on disk when it came; a run that was killed goes on where it stood.
//
//   auto rows = TRY(Rows::open("pilot/rows.jsonl"));
//   TRY(run_side(connection, requests, sample, {.model = "chat-local", .side = PilotSide::candidate}, rows));
//
// One thread calls; run_side asks with several.
#pragma once

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "cli/connection.hpp"
#include "planning/pilot/evidence.hpp"
#include "planning/pilot/line_file.hpp"

namespace demarc::cli {

class Rows {
 public:
  static Result<Rows, std::string> open(const std::string& path);
  Result<void, std::string> add(planning::PilotRow row);
  // Of rows that somebody else made, those of the sample that are not here yet.
  Result<void, std::string> take_sample(const std::vector<planning::PilotRow>& rows, const std::vector<planning::PilotRequest>& requests,
                                        const planning::Sample& sample);
  [[nodiscard]] bool answered(const std::string& id, planning::PilotSide side) const { return answered_.contains({id, side}); }
  [[nodiscard]] const std::vector<planning::PilotRow>& all() const { return rows_; }

 private:
  explicit Rows(planning::LineFile file) : file_(std::move(file)) {}
  void take(planning::PilotRow row);
  planning::LineFile file_;
  std::vector<planning::PilotRow> rows_;
  std::set<std::pair<std::string, planning::PilotSide>> answered_, asked_;
};

// One request to one model; what went wrong stands in the row.
planning::PilotRow ask(Connection& connection, const planning::PilotRequest& request, const std::string& model, planning::PilotSide side,
                       int stratum);

struct SideRun {
  std::string model;
  planning::PilotSide side = planning::PilotSide::present;
  std::size_t concurrency = 1;
  bool own_pace = false;  // each request when it came (at_s)
};
// Of the sample, what has no answer of this side yet.
std::vector<std::size_t> open_requests(const std::vector<planning::PilotRequest>& requests, const planning::Sample& sample, planning::PilotSide side,
                                       const Rows& rows);
// Asks all of those, so many at once; the error is that of the file.
Result<void, std::string> run_side(Connection& connection, const std::vector<planning::PilotRequest>& requests, const planning::Sample& sample,
                                   const SideRun& run, Rows& rows);

}  // namespace demarc::cli
