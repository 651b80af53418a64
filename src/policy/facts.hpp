// Facts: what conditions are tested against. RequestFacts is one request as the rules see it, with everything derived once (declared sensitivity,
// number of direct findings, the workload a model name stands for); CandidateFacts is one model of one upstream at this moment.
//
//   RequestFacts facts(policy, routing, attributes);     // labels are not evaluated yet: sensitivity is what was declared
//   facts.sensitivity.raise_to(Sensitivity::restricted);
//   Truth truth = test(condition, facts);
//
// Views into the arguments, which must outlive them. One thread each.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/attributes.hpp"
#include "core/upstream.hpp"
#include "policy/rule.hpp"

namespace demarc::policy {

using States = std::vector<std::vector<CandidateState>>;  // [upstream][model], as in Routing

enum class Presence : std::uint8_t { absent, unknown, known };

struct TextFact {
  Presence presence = Presence::absent;
  std::string_view text{};
};

// A level that may not be known exactly: from `low` to `high`, equal when it is.
struct LevelFact {
  Sensitivity low = Sensitivity::public_, high = Sensitivity::public_;
  void raise_to(Sensitivity level);
  [[nodiscard]] std::uint32_t possible() const;  // bit n: level n is possible
};

struct RequestFacts {
  RequestFacts(const CompiledPolicy& policy, const Routing& routing, const Attributes& attributes);

  const Attributes& attributes;
  TextFact workload;
  const WorkloadSpec* workload_spec = nullptr;
  bool workload_valid = true;  // false: undefined, or two different ones were named
  LevelFact declared, sensitivity;
  const FindingCounts* findings = nullptr;  // null: unknown
  std::int64_t direct_findings = 0;
  bool budget_known = true;
  std::string time_text{};  // RFC 3339, only if a pattern of the policy reads it
};

struct CandidateFacts {
  const UpstreamSpec& upstream;
  const ModelSpec& model;
  const CandidateState& state;

  [[nodiscard]] TextFact region() const;
  [[nodiscard]] bool pinned() const;    // in models.lock, or a dated snapshot pinned there
  [[nodiscard]] bool no_store() const;  // local, or by contract
  [[nodiscard]] bool healthy() const { return state.healthy == true; }
};

Truth test(const Condition& condition, const RequestFacts& facts);    // CHECKs that it is not about upstream.*
Truth test(const Condition& condition, const CandidateFacts& facts);  // CHECKs that it is

// All conditions of a range; true for an empty one.
template <class Facts>
Truth test_all(const CompiledPolicy& policy, ConditionRange range, const Facts& facts) {
  Truth truth = Truth::yes;
  for (std::uint32_t i = range.begin; i < range.end && truth != Truth::no; ++i) truth = both(truth, test(policy.conditions[i], facts));
  return truth;
}

// What a part counts as while no detector reads its kind; nullopt: demarc.yaml has no such key.
std::optional<Sensitivity> unexamined_level(const Routing& routing, Media medium);

// Does a rule of this kind take effect at this truth (Meaning 3)?
constexpr bool takes_effect(RuleKind kind, Truth truth) {
  const bool only_if_true = kind == RuleKind::permit || kind == RuleKind::prefer || kind == RuleKind::work_class;
  return only_if_true ? truth == Truth::yes : truth != Truth::no;
}

}  // namespace demarc::policy
