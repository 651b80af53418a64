// Judge: which rules match which candidates of one request, and what follows for each: permitted, forbidden, without a permit, or permitted under a
// requirement that cannot be met (Meaning 3, 5, 7). Shared by decide() and explain(). Internal.
//
//   judge.judge(policy, routing, states, capabilities, facts, candidates);
//   judge.verdicts()[c].standing == CandidateStanding::permitted
//
// Conditions about the request are tested once, those about a candidate only where the request's part left the matter open. One thread each; reused
// from request to request, so that its memory is allocated once.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "policy/candidates.hpp"
#include "policy/decide.hpp"
#include "policy/facts.hpp"

namespace demarc::policy {

CandidateFacts candidate_facts(const Routing& routing, const States& states, const Candidate& candidate);

// `when` and not `unless`, of a rule that reads no upstream.* and of any rule.
Truth rule_truth(const CompiledPolicy& policy, const Rule& rule, const RequestFacts& request);
Truth rule_truth(const CompiledPolicy& policy, const Rule& rule, const RequestFacts& request, const CandidateFacts& candidate);

// Can what a permit requires be met for this request there (Meaning 7)?
bool can_meet(Requirement requirement, const Routing& routing, const RequestFacts& request, const CandidateFacts& candidate,
              const Capabilities& capabilities);

enum class CandidateStanding : std::uint8_t { permitted, forbidden, no_permit, requirement_failed };

struct Verdict {
  CandidateStanding standing = CandidateStanding::no_permit;
  bool fail_closed = false;  // removed because findings or budget are unknown, whatever the rules say
};

class Judge {
 public:
  void judge(const CompiledPolicy& policy, const Routing& routing, const States& states, const Capabilities& capabilities, const RequestFacts& facts,
             const std::vector<Candidate>& candidates);

  [[nodiscard]] const std::vector<Verdict>& verdicts() const { return verdicts_; }
  [[nodiscard]] const std::vector<std::uint32_t>& prefers() const { return prefers_; }  // columns, for matches()
  [[nodiscard]] bool matches(std::uint32_t candidate, std::uint32_t column) const { return matrix_[candidate * active_.size() + column] != 0; }
  [[nodiscard]] bool meets_all(const Rule& permit, const CandidateFacts& candidate) const;

  // Calls visit(index of the rule) for every rule that takes effect for the candidate, in file order.
  template <class Visit>
  void each_match(std::uint32_t candidate, Visit visit) const {
    for (std::uint32_t column = 0; column < active_.size(); ++column)
      if (matches(candidate, column)) visit(active_[column].rule);
  }

 private:
  struct Active {  // a rule that the request's own conditions do not rule out
    std::uint32_t rule;
    Truth when, unless;  // of those conditions
  };
  void find_active();
  Verdict judge_one(std::uint32_t candidate, const CandidateFacts& facts);

  const CompiledPolicy* policy_ = nullptr;
  const Routing* routing_ = nullptr;
  const RequestFacts* request_ = nullptr;
  Capabilities capabilities_;
  std::vector<Active> active_;
  std::vector<std::uint32_t> prefers_;
  std::vector<std::uint8_t> matrix_;  // [candidate][active]: takes effect
  std::vector<Verdict> verdicts_;
};

}  // namespace demarc::policy
