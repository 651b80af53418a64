#include "policy/decide.hpp"

#include <algorithm>

#include "base/check.hpp"
#include "policy/candidates.hpp"
#include "policy/facts.hpp"
#include "policy/judge.hpp"

namespace demarc::policy {
namespace {

// Where a rule stands in the decision under way: it may be listed in `rules`, in `matched`, in both columns' place or nowhere.
enum class Listing : std::uint8_t { none, matched, determining };

// Everything one decision needs besides its result; kept by each thread, so that deciding allocates nothing here after the first requests.
struct Scratch {
  std::vector<Candidate> candidates;
  Judge judge;
  std::vector<std::uint32_t> order;  // permitted and up, best first
  std::vector<Listing> listing;      // per rule of the policy
};

// Labels do not read the sensitivity that they raise. `matched`: takes the ids of those that hold; may be null.
void raise_by_labels(const CompiledPolicy& policy, RequestFacts& facts, std::vector<std::string>* matched) {
  for (const Rule& label : policy.labels) {
    if (!takes_effect(RuleKind::label, rule_truth(policy, label, facts))) continue;
    facts.sensitivity.raise_to(label.sensitivity);
    if (matched != nullptr) matched->push_back(label.id);
  }
}

void raise_by_conversation(RequestFacts& facts, std::vector<std::string>* matched) {
  const auto& reached = facts.attributes.conversation_sensitivity;
  if (!reached || *reached <= facts.sensitivity.low) return;
  facts.sensitivity.raise_to(*reached);
  if (matched != nullptr) matched->emplace_back(kConversation);
}

class Decider {
 public:
  Decider(const CompiledPolicy& policy, const Routing& routing, const Attributes& attributes, const States& states, const Capabilities& capabilities,
          Scratch& scratch)
      : policy_(policy), routing_(routing), states_(states), capabilities_(capabilities), facts_(policy, routing, attributes), s_(scratch) {}

  Decision run() {
    raise_by_labels(policy_, facts_, &decision_.matched);
    raise_by_conversation(facts_, &decision_.matched);
    decision_.declared = facts_.declared.high, decision_.sensitivity = facts_.sensitivity.high;
    decision_.read = policy_.attributes_read;
    decision_.model_known = find_candidates(routing_, states_, facts_, capabilities_.only_tier, capabilities_.only_candidate, s_.candidates);
    fitting_ = static_cast<std::uint32_t>(std::ranges::count(s_.candidates, false, &Candidate::too_long));
    s_.judge.judge(policy_, routing_, states_, capabilities_, facts_, s_.candidates);
    s_.listing.assign(policy_.rules.size(), Listing::none);
    list_all_that_matched();
    choose();
    write_rules();
    return std::move(decision_);
  }

 private:
  const Verdict& verdict(std::uint32_t candidate) const { return s_.judge.verdicts()[candidate]; }
  CandidateFacts at(std::uint32_t c) const { return candidate_facts(routing_, states_, s_.candidates[c]); }

  void choose() {
    s_.order.clear();
    bool permitted = false;
    for (std::uint32_t c = 0; c < fitting_; ++c) {
      if (verdict(c).standing != CandidateStanding::permitted) continue;
      permitted = true;
      if (at(c).healthy()) s_.order.push_back(c);
    }
    std::sort(s_.order.begin(), s_.order.end(), [&](std::uint32_t a, std::uint32_t b) { return ranks_before(a, b); });
    list_whose_count_matters();
    if (!permitted) return deny();
    if (s_.order.empty()) return unavailable();
    keep_one_vector_space();
    if (breaks_an_invariant()) return;
    permit();
  }

  // Only of who is permitted, so that no engine reads what it may not have; and only if it might come first.
  void list_whose_count_matters() {
    if (!facts_.attributes.context_bounds) return;
    const TokenBounds& bounds = *facts_.attributes.context_bounds;
    for (std::uint32_t c = 0; c < s_.candidates.size(); ++c) {
      const CandidateFacts it = at(c);
      if (!it.state.counts_tokens || it.state.context_tokens || !it.model.context_tokens || !it.healthy()) continue;
      if (verdict(c).standing != CandidateStanding::permitted) continue;
      const bool open = bounds.least <= *it.model.context_tokens && *it.model.context_tokens < bounds.most;
      const bool may_be_first = s_.order.empty() || c == s_.order.front() || ranks_before(c, s_.order.front());
      if (open && may_be_first) decision_.to_count.push_back({s_.candidates[c].upstream, s_.candidates[c].model});
    }
  }

  void permit() {
    decision_.effect = Effect::permit;
    for (const std::uint32_t c : s_.order) {
      const Candidate& candidate = s_.candidates[c];
      PlannedAttempt attempt{candidate.upstream, candidate.model, {}, {}, candidate.substitute};
      s_.judge.each_match(c, [&](std::uint32_t r) {
        const Rule& rule = policy_.rules[r];
        if (rule.kind != RuleKind::permit) return;
        attempt.rules.push_back(rule.id);
        for (const Requirement requirement : rule.requires_)
          if (std::find(attempt.requires_.begin(), attempt.requires_.end(), requirement) == attempt.requires_.end())
            attempt.requires_.push_back(requirement);
      });
      decision_.plan.push_back(std::move(attempt));
    }
    mark(s_.order.front(), [](const Rule& rule) { return rule.kind == RuleKind::permit; });
  }

  void unavailable() {
    decision_.effect = Effect::unavailable;
    for (std::uint32_t c = 0; c < fitting_; ++c) {
      if (verdict(c).standing != CandidateStanding::permitted) continue;
      decision_.down.push_back({s_.candidates[c].upstream, s_.candidates[c].model});
      mark(c, [](const Rule& rule) { return rule.kind == RuleKind::permit; });
    }
  }

  void deny() {
    decision_.effect = Effect::deny;
    bool forbidden = false, lacking = false;
    for (std::uint32_t c = fitting_; c < s_.candidates.size(); ++c)
      decision_.too_long = decision_.too_long || verdict(c).standing == CandidateStanding::permitted;
    for (std::uint32_t c = 0; c < fitting_; ++c) {
      if (verdict(c).standing == CandidateStanding::forbidden) {
        mark(c, [](const Rule& rule) { return rule.kind == RuleKind::forbid; });
        forbidden = true;
      } else if (verdict(c).standing == CandidateStanding::requirement_failed) {
        mark(c, [&](const Rule& rule) { return rule.kind == RuleKind::permit && !s_.judge.meets_all(rule, at(c)); });
        lacking = true;
      }
      closed_ = closed_ || verdict(c).fail_closed;
    }
    decision_.cause = !decision_.model_known ? "model_not_found"
                      : fitting_ == 0        ? "no_candidate"
                      : closed_              ? "fail_closed"
                      : forbidden            ? "forbidden"
                      : lacking              ? "requirement"
                                             : "no_permit";
  }

  // Every decision is checked against the invariants (Meaning 11): one that lets through what must never be denies.
  bool breaks_an_invariant() {
    for (const Rule& invariant : policy_.invariants) {
      const bool broken = std::any_of(s_.order.begin(), s_.order.end(), [&](std::uint32_t c) {
        return at(c).upstream.tier == invariant.tier && takes_effect(RuleKind::invariant, rule_truth(policy_, invariant, facts_, at(c)));
      });
      if (broken) decision_.rules.push_back(invariant.id);
    }
    if (decision_.rules.empty()) return false;
    decision_.effect = Effect::deny, decision_.cause = "invariant";
    return true;
  }

  // Meaning 8, after the health.
  bool ranks_before(std::uint32_t a, std::uint32_t b) const {
    for (const std::uint32_t prefer : s_.judge.prefers()) {
      const bool pa = s_.judge.matches(a, prefer), pb = s_.judge.matches(b, prefer);
      if (pa != pb) return pa;
    }
    const Candidate &ca = s_.candidates[a], &cb = s_.candidates[b];
    if (ca.position != cb.position) return ca.position < cb.position;
    const CandidateState &sa = at(a).state, &sb = at(b).state;
    if (below_floor(sa) != below_floor(sb)) return below_floor(sb);
    if (queue_bucket(sa) != queue_bucket(sb)) return queue_bucket(sa) < queue_bucket(sb);
    if (sa.price_usd.has_value() != sb.price_usd.has_value()) return sa.price_usd.has_value();
    if (sa.price_usd != sb.price_usd) return *sa.price_usd < *sb.price_usd;
    return std::pair(ca.upstream, ca.model) < std::pair(cb.upstream, cb.model);
  }

  [[nodiscard]] bool below_floor(const CandidateState& state) const {
    return facts_.workload_spec != nullptr && facts_.workload_spec->quality_floor && state.quality &&
           *state.quality < *facts_.workload_spec->quality_floor;
  }

  static int queue_bucket(const CandidateState& state) {
    if (!state.queue_ms) return 4;
    return *state.queue_ms < 250 ? 0 : *state.queue_ms < 1000 ? 1 : *state.queue_ms < 5000 ? 2 : 3;
  }

  // Vectors of two spaces cannot be compared, so failover of an embedding stays in the space of the first.
  void keep_one_vector_space() {
    if (facts_.attributes.operation != Operation::embedding) return;
    const CandidateFacts first = at(s_.order.front());
    std::erase_if(s_.order, [&](std::uint32_t c) {
      const CandidateFacts other = at(c);
      const bool itself = &other.model == &first.model;
      const bool same_weights = other.upstream.engine && first.upstream.engine && other.model.name == first.model.name;
      const bool same_space = !first.model.space.empty() && other.model.space == first.model.space;
      return !itself && !same_weights && !same_space;
    });
  }

  void list_all_that_matched() {
    for (std::uint32_t c = 0; c < fitting_; ++c) {
      s_.judge.each_match(c, [&](std::uint32_t r) { s_.listing[r] = Listing::matched; });
      any_closed_ = any_closed_ || verdict(c).fail_closed;
    }
  }

  template <class Which>
  void mark(std::uint32_t candidate, Which which) {
    s_.judge.each_match(candidate, [&](std::uint32_t r) {
      if (which(policy_.rules[r])) s_.listing[r] = Listing::determining;
    });
  }

  void write_rules() {
    for (std::uint32_t r = 0; r < policy_.rules.size(); ++r) {
      if (s_.listing[r] == Listing::determining) decision_.rules.push_back(policy_.rules[r].id);
      if (s_.listing[r] == Listing::matched) decision_.matched.push_back(policy_.rules[r].id);
    }
    if (decision_.effect == Effect::permit && below_floor(at(s_.order.front()).state)) decision_.matched.emplace_back(kBelowFloor);
    if (any_closed_) (closed_ ? decision_.rules : decision_.matched).emplace_back(kFailClosed);
  }

  const CompiledPolicy& policy_;
  const Routing& routing_;
  const States& states_;
  const Capabilities& capabilities_;
  RequestFacts facts_;
  Scratch& s_;
  Decision decision_;
  std::uint32_t fitting_ = 0;  // how many of the candidates the request fits; the rest are too short for it
  bool any_closed_ = false;    // fail-closed removed a candidate
  bool closed_ = false;        // and that is why the request is denied
};

}  // namespace

Sensitivity sensitivity_of(const CompiledPolicy& policy, const Routing& routing, const Attributes& attributes) {
  RequestFacts facts(policy, routing, attributes);
  raise_by_labels(policy, facts, nullptr);
  return facts.sensitivity.high;
}

const Rule* class_rule(const CompiledPolicy& policy, const Routing& routing, const Attributes& attributes) {
  if (policy.classes.empty()) return nullptr;
  RequestFacts facts(policy, routing, attributes);
  raise_by_labels(policy, facts, nullptr);
  raise_by_conversation(facts, nullptr);
  const auto first =
      std::ranges::find_if(policy.classes, [&](const Rule& rule) { return takes_effect(RuleKind::work_class, rule_truth(policy, rule, facts)); });
  return first == policy.classes.end() ? nullptr : &*first;
}

Decision decide(const CompiledPolicy& policy, const Routing& routing, const Attributes& attributes, const States& states,
                const Capabilities& capabilities) {
  CHECK(states.size() == routing.upstreams.size());
  for (std::size_t u = 0; u < states.size(); ++u) CHECK(states[u].size() == routing.upstreams[u].models.size());
  thread_local Scratch scratch;
  return Decider(policy, routing, attributes, states, capabilities, scratch).run();
}

}  // namespace demarc::policy
