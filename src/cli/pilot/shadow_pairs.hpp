// Shadow pairs: what a workload's shadow kept (demarc.yaml, workloads[].shadow), fetched from the gateway into a pilot's folder: its requests, and
// both answers as rows.
//
//   auto fetched = fetch_shadow(connection, "ticket-triage", {}, {});
//   fetched->requests, fetched->rows, fetched->present, fetched->candidate
//
// Blocking; one thread.
#pragma once

#include "cli/connection.hpp"
#include "planning/pilot/evidence.hpp"

namespace demarc::cli {

struct ShadowPairs {
  std::string requests;  // JSON lines, as read_pilot_requests() reads them
  std::vector<planning::PilotRow> rows;
  std::string present, candidate;         // models that are compared
  std::int64_t pairs = 0, of_others = 0;  // those of other models are left out
};

// Of these two models, or where one is not said, of those that most pairs are of.
Result<ShadowPairs, std::string> fetch_shadow(Connection& connection, const std::string& workload, const std::string& present,
                                              const std::string& candidate);

}  // namespace demarc::cli
