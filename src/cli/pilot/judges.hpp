// Who judges pairs that no reference decides: people on a page of their own or on the terminal, or a model by its name. What is judged is on disk at
// once, whoever judges.
//
//   TRY(judge_on_page(review, "pilot"));                       // until Finish is pressed
//   TRY(judge_by_model(connection, pairs, "judge", file));
//
// Blocking; one thread.
#pragma once

#include "cli/connection.hpp"
#include "planning/pilot/review.hpp"

namespace demarc::cli {

Result<void, std::string> judge_on_page(planning::Review& review, const std::string& folder);
Result<void, std::string> judge_on_terminal(planning::Review& review, const std::vector<planning::Pair>& pairs);
// In both orders; what it says otherwise the other way round is undecided.
Result<void, std::string> judge_by_model(Connection& connection, const std::vector<planning::Pair>& pairs, const std::string& model,
                                         planning::LineFile& file);

}  // namespace demarc::cli
