// The decision: what policy says of every candidate, given what is known of them now.
#include <algorithm>

#include "gateway/count_tokens.hpp"
#include "gateway/serve_request.hpp"
#include "policy/decide.hpp"

namespace demarc::gateway {
namespace {

// Completes the live states with what only this request makes knowable: what it would cost on each.
void price_candidates(const RequestContext& context, policy::States& states) {
  const Routing& routing = context.snapshot->routing();
  Usage expected;
  expected.input_tokens = context.input_tokens_estimate;
  expected.output_tokens = context.request->max_output_tokens.value_or(256);
  for (std::size_t u = 0; u < routing.upstreams.size(); ++u)
    for (std::size_t m = 0; m < routing.upstreams[u].models.size(); ++m) {
      const auto usd = ledger::estimate_charge(context.snapshot->pricing, routing.upstreams[u], routing.upstreams[u].models[m], expected,
                                               context.received, context.services.speeds);
      if (usd) states[u][m].price_usd = static_cast<double>(usd->pico()) / 1e12;  // ranking only; bills are exact
    }
}

// What was measured of a local model at lengths like this one's. Of a candidate that counted the request's tokens itself, by that count.
void weigh_quality(const RequestContext& context, policy::States& states) {
  const Operation operation = context.request->operation;
  if (operation != Operation::chat && operation != Operation::completion && operation != Operation::fim)
    return;  // the curve is of texts that are answered
  for (std::size_t u = 0; u < states.size(); ++u)
    for (CandidateState& state : states[u])
      state.quality = context.snapshot->upstreams[u].profile.quality_at(state.context_tokens.value_or(context.input_tokens_estimate));
}

// Then each can be written back without what was found: files that are texts, pictures bare of their metadata (privacy/attachments.hpp).
bool looked_into_all_media(const Request& request) {
  return std::ranges::all_of(request.parts, [](const Part& part) { return !is_media(part.kind) || part.contents != nullptr; });
}

}  // namespace

Result<void, ApiError> place_in_line(RequestContext& context) {
  if (context.inherited != nullptr) return {};
  WorkClass given = context.work_class;  // by workload or kind
  context.class_rule = policy::class_rule(context.snapshot->policy, context.snapshot->routing(), context.attributes);
  if (context.class_rule != nullptr) given = context.class_rule->work_class;
  context.work_class = context.class_asked.value_or(given);
  if (context.work_class >= given) return {};
  return fail(
      ApiError{.kind = ErrorKind::bad_request,
               .message = "header Demarc-Class: this request is " + std::string(to_string(given)) + ", and a caller may only stand further back.",
               .hint = "`classes` in policy.yaml and `class:` of a workload in demarc.yaml say what requests are"});
}

Task<void> judge(RequestContext& context) {
  const Snapshot& snapshot = *context.snapshot;
  policy::States states = snapshot.states->view(context.loop().now());
  for (std::size_t u = 0; u < snapshot.upstreams.size(); ++u) {
    const UpstreamRuntime& runtime = snapshot.upstreams[u];
    const bool counts = counts_tokens(snapshot.routing().upstreams[u], context.request->operation);
    for (std::size_t m = 0; m < states[u].size(); ++m) {
      states[u][m].pinned = runtime.pinned[m], states[u][m].counts_tokens = counts;
      if (!runtime.engine) continue;
      const Monotonic now = context.loop().now();
      states[u][m].queue_ms = runtime.engine->queue.expected_wait_ms(context.work_class, now) + runtime.engine->load_wait_ms(now);
    }
  }
  price_candidates(context, states);
  policy::Capabilities capabilities{.redacts_media = looked_into_all_media(*context.request)};
  if (context.inherited != nullptr) capabilities.only_tier = context.inherited->tier, capabilities.only_candidate = context.inherited->only;
  for (;;) {  // each round names only candidates that have no count yet, so it ends
    weigh_quality(context, states);
    context.decision = policy::decide(snapshot.policy, snapshot.routing(), context.attributes, states, capabilities);
    if (context.decision.to_count.empty() || context.client_gone()) break;
    co_await count_tokens(context, states);
  }
  if (context.class_rule != nullptr) context.decision.matched.push_back(context.class_rule->id);
  context.facts.declared = context.decision.declared;
  context.facts.sensitivity = context.decision.sensitivity;
}

}  // namespace demarc::gateway
