// find_candidates(): which (upstream, model) pairs serve an operation under the name that was asked for (Meaning 6), before any rule is looked at.
//
//   std::vector<Candidate> candidates;
//   bool known = find_candidates(routing, states, facts, {}, {}, candidates);   // false: the name is found nowhere
//
// Names: `auto` and `workload/NAME` are all; a model id every upstream that has it; an alias its targets in order; the substitutes of a name come
// after it. Pure; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/decision.hpp"
#include "core/upstream.hpp"
#include "policy/facts.hpp"

namespace demarc::policy {

struct Candidate {
  std::uint32_t upstream = 0, model = 0;  // indices into Routing
  std::uint32_t position = 0;             // in the alias; substitutes stand behind all that were named
  bool substitute = false;
  bool too_long = false;  // the request exceeds its context: no candidate, unless a count of its own says otherwise
};

// Those that the request fits come first; those it is too long for stand behind them, for whoever wants to know what its length costs.
bool find_candidates(const Routing& routing, const States& states, const RequestFacts& facts, std::optional<Tier> only_tier,
                     std::optional<CandidateIndex> only_candidate, std::vector<Candidate>& out);

}  // namespace demarc::policy
