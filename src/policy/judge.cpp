#include "policy/judge.hpp"

#include <algorithm>

namespace demarc::policy {
namespace {

Truth unless_truth(const CompiledPolicy& policy, const Clause& unless, const RequestFacts& request, const CandidateFacts& candidate) {
  if (unless.empty()) return Truth::no;
  return both(test_all(policy, unless.request, request), test_all(policy, unless.candidate, candidate));
}

bool works_on_sound_vectors_or_code(Operation operation) {
  switch (operation) {
    case Operation::transcription:
    case Operation::translation:
    case Operation::speech:
    case Operation::embedding:
    case Operation::fim: return true;
    case Operation::chat:
    case Operation::completion:
    case Operation::image_generation:
    case Operation::moderation:
    case Operation::classification:
    case Operation::ocr:
    case Operation::image_classification:
    case Operation::rerank:
    case Operation::redaction: return false;
  }
  return true;
}

// Every finding can be replaced, and nothing above internal goes unread. Never for audio, embeddings, FIM.
bool can_redact(const Routing& routing, const RequestFacts& request, const Capabilities& capabilities) {
  const Attributes& a = request.attributes;
  if (request.findings == nullptr || a.media.unknown() || works_on_sound_vectors_or_code(a.operation)) return false;
  for (const Media medium : a.unexamined) {
    const auto level = unexamined_level(routing, medium);
    if (!level || *level > Sensitivity::internal) return false;
  }
  if (a.media.get() == nullptr) return true;
  const std::vector<Media>& media = *a.media.get();
  if (std::find(media.begin(), media.end(), Media::audio) != media.end()) return false;
  const bool found = std::any_of(request.findings->begin(), request.findings->end(), [](const auto& entry) { return entry.second > 0; });
  return media.empty() || capabilities.redacts_media || !found;
}

}  // namespace

CandidateFacts candidate_facts(const Routing& routing, const States& states, const Candidate& candidate) {
  const UpstreamSpec& upstream = routing.upstreams[candidate.upstream];
  return {upstream, upstream.models[candidate.model], states[candidate.upstream][candidate.model]};
}

Truth rule_truth(const CompiledPolicy& policy, const Rule& rule, const RequestFacts& request) {
  const Truth unless = rule.unless.empty() ? Truth::no : test_all(policy, rule.unless.request, request);
  return both(test_all(policy, rule.when.request, request), !unless);
}

Truth rule_truth(const CompiledPolicy& policy, const Rule& rule, const RequestFacts& request, const CandidateFacts& candidate) {
  const Truth when = both(test_all(policy, rule.when.request, request), test_all(policy, rule.when.candidate, candidate));
  return both(when, !unless_truth(policy, rule.unless, request, candidate));
}

bool can_meet(Requirement requirement, const Routing& routing, const RequestFacts& request, const CandidateFacts& candidate,
              const Capabilities& capabilities) {
  switch (requirement) {
    case Requirement::redact: return can_redact(routing, request, capabilities);
    case Requirement::no_store: return candidate.no_store();
    case Requirement::declared: return request.attributes.header_sensitivity.get() != nullptr;
    case Requirement::pinned_model: return candidate.pinned();
  }
  return false;
}

void Judge::judge(const CompiledPolicy& policy, const Routing& routing, const States& states, const Capabilities& capabilities,
                  const RequestFacts& facts, const std::vector<Candidate>& candidates) {
  policy_ = &policy, routing_ = &routing, request_ = &facts, capabilities_ = capabilities;
  find_active();
  matrix_.assign(candidates.size() * active_.size(), 0);
  verdicts_.clear();
  for (std::uint32_t c = 0; c < candidates.size(); ++c) verdicts_.push_back(judge_one(c, candidate_facts(routing, states, candidates[c])));
}

void Judge::find_active() {
  active_.clear(), prefers_.clear();
  for (std::uint32_t r = 0; r < policy_->rules.size(); ++r) {
    const Rule& rule = policy_->rules[r];
    const Truth when = test_all(*policy_, rule.when.request, *request_);
    if (when == Truth::no) continue;
    const Truth unless = rule.unless.empty() ? Truth::no : test_all(*policy_, rule.unless.request, *request_);
    const bool excepted = unless == Truth::yes && rule.unless.candidate.begin == rule.unless.candidate.end;
    if (excepted) continue;
    if (rule.kind == RuleKind::prefer) prefers_.push_back(static_cast<std::uint32_t>(active_.size()));
    active_.push_back({r, when, unless});
  }
}

Verdict Judge::judge_one(std::uint32_t candidate, const CandidateFacts& facts) {
  bool permitted = false, forbidden = false, met = true;
  for (std::uint32_t column = 0; column < active_.size(); ++column) {
    const Active& active = active_[column];
    const Rule& rule = policy_->rules[active.rule];
    if (rule.tier != facts.upstream.tier) continue;
    const Truth when = both(active.when, test_all(*policy_, rule.when.candidate, facts));
    const Truth unless = both(active.unless, test_all(*policy_, rule.unless.candidate, facts));
    if (!takes_effect(rule.kind, both(when, !unless))) continue;
    matrix_[candidate * active_.size() + column] = 1;
    if (rule.kind == RuleKind::permit) permitted = true, met = met && meets_all(rule, facts);
    if (rule.kind == RuleKind::forbid) forbidden = true;
  }
  const bool closed = facts.upstream.tier == Tier::cloud && (request_->findings == nullptr || !request_->budget_known);
  const CandidateStanding standing = forbidden || closed ? CandidateStanding::forbidden
                                     : !permitted        ? CandidateStanding::no_permit
                                     : !met              ? CandidateStanding::requirement_failed
                                                         : CandidateStanding::permitted;
  return {standing, closed};
}

bool Judge::meets_all(const Rule& permit, const CandidateFacts& candidate) const {
  return std::all_of(permit.requires_.begin(), permit.requires_.end(),
                     [&](Requirement r) { return can_meet(r, *routing_, *request_, candidate, capabilities_); });
}

}  // namespace demarc::policy
