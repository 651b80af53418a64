#include "core/receipt.hpp"

#include <algorithm>

namespace demarc {
namespace {

void add_facts(Receipt& receipt, const RequestFacts& facts) {
  receipt.id = facts.id;
  receipt.parent = facts.parent;
  receipt.job = facts.job;
  receipt.received = facts.received;
  receipt.key_id = facts.key_id, receipt.team = facts.team, receipt.role = facts.role;
  receipt.workload = facts.workload;
  receipt.operation = facts.operation;
  receipt.dialect = facts.dialect;
  receipt.requested_model = facts.model_requested;
  receipt.declared = facts.declared, receipt.sensitivity = facts.sensitivity;
  receipt.findings = facts.findings;
  receipt.policy_digest = facts.policy_digest;
}

void add(std::optional<std::int64_t>& sum, const std::optional<std::int64_t>& more) {
  if (more) sum = sum.value_or(0) + *more;
}

}  // namespace

void add(Usage& sum, const Usage& more) {
  add(sum.input_tokens, more.input_tokens);
  add(sum.cached_input_tokens, more.cached_input_tokens);
  add(sum.cache_write_tokens, more.cache_write_tokens);
  add(sum.cache_write_1h_tokens, more.cache_write_1h_tokens);
  add(sum.output_tokens, more.output_tokens);
  add(sum.reasoning_tokens, more.reasoning_tokens);
  add(sum.input_audio_tokens, more.input_audio_tokens);
  add(sum.audio_ms, more.audio_ms);
  add(sum.pages, more.pages);
  sum.estimated = sum.estimated || more.estimated;
}

bool Receipt::add(std::uint64_t index, const IntentRecord& intent) {
  const auto place = std::lower_bound(attempts.begin(), attempts.end(), index, [](const ReceiptAttempt& a, std::uint64_t i) { return a.intent < i; });
  if (place != attempts.end() && place->intent == index) return false;
  if (attempts.empty() && !deny_record) add_facts(*this, intent.request);
  ReceiptAttempt attempt{.intent = index, .attempt = intent.attempt, .kind = intent.kind};
  attempt.upstream = intent.upstream, attempt.model = intent.model, attempt.model_digest = intent.model_digest;
  attempt.tier = intent.tier;
  attempt.rules = intent.rules, attempt.matched = intent.matched, attempt.requires_ = intent.requires_;
  attempt.redactions = intent.redactions;
  attempt.context_tokens = intent.request.context_tokens, attempt.context_tokens_by = intent.request.context_tokens_by;
  attempts.insert(place, std::move(attempt));
  return true;
}

bool Receipt::add(std::uint64_t index, const OutcomeRecord& outcome) {
  const auto attempt =
      std::find_if(attempts.begin(), attempts.end(), [&](const ReceiptAttempt& a) { return a.intent == outcome.intent && !a.outcome_record; });
  if (attempt == attempts.end()) return false;
  attempt->outcome_record = index;
  attempt->outcome = outcome.outcome, attempt->reason = outcome.reason, attempt->status = outcome.status;
  attempt->last = outcome.last;
  attempt->model_served = outcome.model_served, attempt->finish_reason = outcome.finish_reason;
  attempt->usage = outcome.usage, attempt->charge = outcome.charge;
  attempt->answer_findings = outcome.answer_findings;
  attempt->queued_ms = outcome.queued_ms, attempt->first_token_ms = outcome.first_token_ms;
  attempt->total_ms = outcome.total_ms, attempt->log_us = outcome.log_us;
  return true;
}

bool Receipt::add(std::uint64_t index, const DenyRecord& deny) {
  if (deny_record) return false;
  if (attempts.empty()) add_facts(*this, deny.request);
  deny_record = index;
  effect = deny.effect, cause = deny.cause, rules = deny.rules, matched = deny.matched, status = deny.status;
  return true;
}

const ReceiptAttempt* Receipt::answering() const {
  const ReceiptAttempt* best = nullptr;
  const auto rank = [](const ReceiptAttempt& a) {
    if (!a.outcome_record || a.kind == "shadow") return 0;
    return (a.outcome == AttemptOutcome::served ? 2 : 0) + (a.last ? 1 : 0);
  };
  for (const ReceiptAttempt& attempt : attempts)
    if (best == nullptr || rank(attempt) >= rank(*best)) best = &attempt;
  return best;
}

bool Receipt::ended() const {
  if (!std::all_of(attempts.begin(), attempts.end(), [](const ReceiptAttempt& a) { return a.outcome_record.has_value(); })) return false;
  return deny_record || std::any_of(attempts.begin(), attempts.end(), [](const ReceiptAttempt& a) { return a.last; });
}

Usage Receipt::usage() const {
  Usage sum;
  for (const ReceiptAttempt& attempt : attempts) demarc::add(sum, attempt.usage);
  return sum;
}

std::int64_t Receipt::unpriced() const {
  return std::count_if(attempts.begin(), attempts.end(), [](const ReceiptAttempt& a) { return a.outcome_record && !a.charge.usd; });
}

// The sum of what is priced. It is as sure as its least sure part: an unpriced attempt beside a priced one makes the sum an estimate (from below).
Charge Receipt::charge() const {
  const ReceiptAttempt* const answer = answering();
  Charge sum{.kind = ChargeKind::local, .usd = Money{}};  // nothing attempted: no engine of ours held, nothing sent
  if (answer == nullptr) return sum;
  sum.kind = answer->charge.kind;
  sum.alternative = answer->charge.alternative;
  std::size_t priced = 0;
  bool unsure = false;
  for (const ReceiptAttempt& attempt : attempts) {
    if (attempt.charge.usd) sum.usd = *sum.usd + *attempt.charge.usd, ++priced;
    unsure = unsure || attempt.charge.kind == ChargeKind::unpriced || attempt.charge.kind == ChargeKind::estimated;
  }
  if (priced == 0) return {.kind = ChargeKind::unpriced, .usd = {}, .alternative = sum.alternative};
  if (unsure) sum.kind = ChargeKind::estimated;
  return sum;
}

std::uint64_t Receipt::log_size() const {
  std::uint64_t size = deny_record ? *deny_record + 1 : 0;
  for (const ReceiptAttempt& attempt : attempts) size = std::max({size, attempt.intent + 1, attempt.outcome_record.value_or(0) + 1});
  return size;
}

}  // namespace demarc
