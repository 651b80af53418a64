// decide(): what the policy says about one request: an ordered plan of candidates, or a refusal with its reasons. config.md's "Meaning", step by
// step.
//
//   const Decision decision = policy::decide(*snapshot.policy, snapshot.routing, attributes, upstream_states.view(now), capabilities);
//   switch (decision.effect) {
//     case Effect::permit: ...       // try decision.plan in order
//     case Effect::deny: ...         // 403, or the dialect's 404 where !decision.model_known
//     case Effect::unavailable: ...  // 503 with Retry-After
//   }
//
// An estimate of the request's length may be too coarse for a candidate that could count for itself. Such candidates stand in decision.to_count, but
// only where the policy permits them and the count could change who serves: count, put it into their CandidateState, decide again.
//
// Pure: the same arguments give the same decision, on any thread, with no lock; planning and simulation call it too. Allocates nothing but the
// Decision (and a thread's scratch space, once). About a microsecond for a policy of ten rules and six candidates (docs/reference/policy.md).
#pragma once

#include <optional>
#include <vector>

#include "core/attributes.hpp"
#include "core/decision.hpp"
#include "core/upstream.hpp"
#include "policy/facts.hpp"
#include "policy/rule.hpp"

namespace demarc::policy {

// What demarc itself can do for this request, beyond what the attributes say.
struct Capabilities {
  // Findings in images and files can be replaced, not only those in text. Where they cannot, a request with media and findings never meets `redact`.
  bool redacts_media = true;
  // A sub-request stays in its parent's tier.
  std::optional<Tier> only_tier{};
  // A shadow goes to the one that is compared, or nowhere.
  std::optional<CandidateIndex> only_candidate{};
};

// `states` has one entry per upstream and model of `routing`, else the program stops: that is our own mistake.
Decision decide(const CompiledPolicy& policy, const Routing& routing, const Attributes& attributes, const States& states,
                const Capabilities& capabilities = {});

// The sensitivity of such a request: declared, unexamined and labels; for an answer, put its findings in the place of the request's.
Sensitivity sensitivity_of(const CompiledPolicy& policy, const Routing& routing, const Attributes& attributes);

// The first of the policy's `classes` that holds: who goes first where requests wait for an engine. nullptr: none does.
const Rule* class_rule(const CompiledPolicy& policy, const Routing& routing, const Attributes& attributes);

inline constexpr std::string_view kConversation = "builtin:conversation";  // in `matched`: an earlier turn is why `sensitivity` is as high
inline constexpr std::string_view kFailClosed = "builtin:fail-closed";
inline constexpr std::string_view kBelowFloor = "builtin:below-quality-floor";  // the best there is; said in `matched` and to the caller

}  // namespace demarc::policy
