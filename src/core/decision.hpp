// Decision: what policy::decide says about one request: an ordered Plan of candidates, or a refusal with its reasons. Pure value, recorded as it is.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/operation.hpp"

namespace demarc {

enum class Effect : std::uint8_t { permit, deny, unavailable };
enum class Requirement : std::uint8_t { redact, no_store, declared, pinned_model };
std::string_view to_string(Effect);
std::string_view to_string(Requirement);

struct CandidateIndex {
  std::size_t upstream = 0;  // index into Routing::upstreams
  std::size_t model = 0;     // index into its models
  friend bool operator==(const CandidateIndex&, const CandidateIndex&) = default;
};

struct PlannedAttempt {
  std::size_t upstream = 0;            // index into Routing::upstreams
  std::size_t model = 0;               // index into its models
  std::vector<std::string> rules;      // the permits that match this candidate, in file order
  std::vector<Requirement> requires_;  // each once, in the order of the permits
  bool substitute = false;             // stands in for the name that was asked for
};

struct Decision {
  Effect effect = Effect::deny;
  std::vector<PlannedAttempt> plan;      // best first; empty unless permit
  std::vector<CandidateIndex> down;      // unavailable: those that are permitted and cannot serve now
  std::vector<CandidateIndex> to_count;  // whose own count of context_tokens could change this decision: count, then decide again
  bool too_long = false;                 // deny: were the request shorter, a candidate would be permitted
  std::vector<std::string> rules;        // as config.md, Meaning 11
  std::vector<std::string> matched;      // labels, prefers and all else that held
  std::string cause;        // deny: "forbidden", "no_permit", "requirement", "no_candidate", "fail_closed", "invariant", "model_not_found"
  bool model_known = true;  // false: the name is found nowhere (404)
  Sensitivity declared = Sensitivity::internal;
  Sensitivity sensitivity = Sensitivity::internal;
  std::vector<std::string> read;  // names of the attributes that were read
};

}  // namespace demarc
