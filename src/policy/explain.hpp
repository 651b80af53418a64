// explain(): why a request is decided as it is: every rule and condition, true, false or unknown, for every candidate. `demarc policy explain`.
//
//   Explanation why = policy::explain(policy, routing, attributes, states, capabilities);
//   std::cout << print(why);          // 80 columns
//   why.candidates[0].rules[2].truth == Truth::unknown
//
// It calls decide() for the decision and tests the rules with the same functions, so it cannot tell another story. Slower than decide(): for people.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "policy/decide.hpp"

namespace demarc::policy {

struct ExplainedCondition {
  std::string text;  // "caller.team: trading"
  Truth truth = Truth::no;
  bool exception = false;  // stands under `unless`
};

struct ExplainedRule {
  std::string id;
  RuleKind kind = RuleKind::permit;
  Truth truth = Truth::no;
  bool takes_effect = false;
  std::vector<ExplainedCondition> conditions;
  std::vector<Requirement> unmet;  // permits: required and not possible here
};

struct ExplainedCandidate {
  std::string upstream, model;
  Tier tier = Tier::local;
  std::string outcome;                 // "chosen", "2nd in the plan", "down", "forbidden", "no permit", "requirement", "another vector space"
  std::vector<ExplainedRule> rules;    // those of its tier, in file order; then the invariants
  std::vector<Requirement> requires_;  // what must be done before it may have the request, if the plan has it
};

struct Explanation {
  Decision decision;
  std::vector<ExplainedRule> labels, classes;
  std::optional<WorkClass> class_given;  // by the first of them that holds, `class_rule`
  std::string class_rule;
  std::vector<ExplainedCandidate> candidates;  // in order of demarc.yaml, or of the alias
};

Explanation explain(const CompiledPolicy& policy, const Routing& routing, const Attributes& attributes, const States& states,
                    const Capabilities& capabilities = {});
std::string print(const Explanation& explanation);
std::string to_json(const Explanation& explanation);

}  // namespace demarc::policy
