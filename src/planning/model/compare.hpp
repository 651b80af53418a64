// Comparison: the plan's answer on one screen: what it costs both ways, what it brings, when it pays back or that it never does, workload by
// workload.
//
//   std::cout << print_comparison(plan, model, cells);
//
// Pure; any thread.
#pragma once

#include <string>
#include <vector>

#include "planning/model/build_model.hpp"

namespace demarc::planning {

// worth: pays back and has a net present value above zero. A payback alone is no reason: a plan may pay back and lose afterwards.
enum class Verdict : std::uint8_t { worth, pays_back_but_loses, never };
Verdict verdict_of(const Model& model, const std::vector<Decimal>& cells);
std::string_view to_string(Verdict);

std::string print_comparison(const Plan& plan, const Model& model, const std::vector<Decimal>& cells);
std::string comparison_json(const Plan& plan, const Model& model, const std::vector<Decimal>& cells);

}  // namespace demarc::planning
