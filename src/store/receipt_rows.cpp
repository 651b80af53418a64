#include "store/receipt_rows.hpp"

#include <array>

#include "store/columns.hpp"

namespace demarc::store {
namespace {

constexpr std::string_view kWriteRequest =
    "INSERT OR REPLACE INTO requests(id, parent, received_ns, key_id, team, role, workload, operation, dialect, requested_model, declared, "
    "sensitivity, findings, policy_digest, effect, deny_record, cause, rules, matched, status, job, job_piece, job_run) "
    "VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)";
constexpr std::string_view kReadRequest =
    "SELECT id, parent, received_ns, key_id, team, role, workload, operation, dialect, requested_model, declared, sensitivity, findings, "
    "policy_digest, effect, deny_record, cause, rules, matched, status, job, job_piece, job_run FROM requests WHERE id = ?";
constexpr std::string_view kWriteAttempt =
    "INSERT OR REPLACE INTO attempts(request_id, received_ns, key_id, team, workload, intent, attempt, kind, upstream, model, model_digest, tier, "
    "rules, matched, requires, redactions, outcome_record, outcome, reason, model_served, finish_reason, status, last, input_tokens, "
    "cached_input_tokens, cache_write_tokens, cache_write_1h_tokens, output_tokens, reasoning_tokens, input_audio_tokens, audio_ms, pages, "
    "estimated, "
    "charge_kind, usd, usd_pico, alternative_upstream, alternative_model, alternative_usd, alternative_pico, answer_findings, queued_ms, "
    "first_token_ms, total_ms, log_us, context_tokens, context_tokens_by) "
    "VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)";
constexpr std::string_view kReadAttempts =
    "SELECT intent, attempt, kind, upstream, model, model_digest, tier, rules, matched, requires, redactions, outcome_record, outcome, reason, "
    "model_served, finish_reason, status, last, input_tokens, cached_input_tokens, cache_write_tokens, cache_write_1h_tokens, output_tokens, "
    "reasoning_tokens, input_audio_tokens, audio_ms, pages, estimated, charge_kind, usd, usd_pico, alternative_upstream, alternative_model, "
    "alternative_usd, alternative_pico, answer_findings, queued_ms, first_token_ms, total_ms, log_us, context_tokens, context_tokens_by FROM "
    "attempts WHERE request_id = ? "
    "ORDER BY intent";
constexpr std::string_view kReadChildren = "SELECT id FROM requests WHERE parent = ? AND parent != '' ORDER BY id";

std::int64_t number(auto value) { return static_cast<std::int64_t>(value); }
std::optional<std::int64_t> number(const std::optional<std::uint64_t>& value) {
  return value ? std::optional(static_cast<std::int64_t>(*value)) : std::nullopt;
}
std::optional<std::uint64_t> index(const std::optional<std::int64_t>& value) {
  return value ? std::optional(static_cast<std::uint64_t>(*value)) : std::nullopt;
}

// The nine counts in the order of their columns.
template <class UsageLike>
auto counts_of(UsageLike& u) {
  return std::array{&u.input_tokens,  &u.cached_input_tokens, &u.cache_write_tokens, &u.cache_write_1h_tokens,
                    &u.output_tokens, &u.reasoning_tokens,    &u.input_audio_tokens, &u.audio_ms,
                    &u.pages};
}

Result<void, StoreError> write_attempt(Connection& connection, const Receipt& receipt, const ReceiptAttempt& a) {
  Statement& row = *TRY(connection.prepare(kWriteAttempt));
  int at = 0;
  const auto put = [&](const auto& value) { row.bind(++at, value); };
  const std::string rules = join(a.rules), matched = join(a.matched), required = join(a.requires_), redactions = join(a.redactions),
                    answer_findings = join(a.answer_findings);
  put(receipt.id), put(receipt.received.unix_ns), put(receipt.key_id), put(receipt.team), put(receipt.workload);
  put(number(a.intent)), put(number(a.attempt)), put(a.kind), put(a.upstream), put(a.model), put(a.model_digest), put(number(a.tier));
  put(rules), put(matched), put(required), put(redactions);
  put(number(a.outcome_record)), put(number(a.outcome)), put(a.reason), put(a.model_served), put(a.finish_reason);
  put(number(a.status)), put(number(a.last));
  for (const auto* count : counts_of(a.usage)) put(*count);
  put(number(a.usage.estimated)), put(number(a.charge.kind));
  bind_money(row, at + 1, a.charge.usd), at += 2;
  const auto& other = a.charge.alternative;
  put(other ? std::optional<std::string_view>(other->upstream) : std::nullopt);
  put(other ? std::optional<std::string_view>(other->model) : std::nullopt);
  bind_money(row, at + 1, other ? other->usd : std::nullopt), at += 2;
  put(answer_findings), put(a.queued_ms), put(a.first_token_ms), put(a.total_ms), put(a.log_us);
  put(a.context_tokens), put(number(a.context_tokens_by));
  return connection.run(row);
}

ReceiptAttempt read_attempt(const Statement& row) {
  int at = 0;
  const auto number = [&] { return row.number(at++); };
  const auto text = [&] { return row.text(at++); };
  ReceiptAttempt a;
  a.intent = static_cast<std::uint64_t>(number()), a.attempt = static_cast<std::uint32_t>(number()), a.kind = text();
  a.upstream = text(), a.model = text(), a.model_digest = text(), a.tier = static_cast<Tier>(number());
  a.rules = unjoin(text()), a.matched = unjoin(text()), a.requires_ = unjoin(text()), a.redactions = unjoin_counts(text());
  a.outcome_record = index(row.maybe_number(at++)), a.outcome = static_cast<AttemptOutcome>(number());
  a.reason = text(), a.model_served = text(), a.finish_reason = text(), a.status = static_cast<int>(number()), a.last = number() != 0;
  for (auto* count : counts_of(a.usage)) *count = row.maybe_number(at++);
  a.usage.estimated = number() != 0, a.charge.kind = static_cast<ChargeKind>(number());
  a.charge.usd = money(row, at), at += 2;
  const bool compared = !row.is_null(at);
  Alternative other{.upstream = text(), .model = text(), .usd = money(row, at)};
  at += 2;
  if (compared) a.charge.alternative = std::move(other);
  a.answer_findings = unjoin_counts(text());
  a.queued_ms = number(), a.first_token_ms = number(), a.total_ms = number(), a.log_us = number();
  a.context_tokens = row.maybe_number(at++), a.context_tokens_by = static_cast<CountedBy>(number());
  return a;
}

Receipt read_request(const Statement& row) {
  int at = 0;
  const auto number = [&] { return row.number(at++); };
  const auto text = [&] { return row.text(at++); };
  Receipt r;
  r.id = text(), r.parent = text(), r.received = {number()}, r.key_id = text(), r.team = text(), r.role = text(), r.workload = text();
  r.operation = parse_operation(text()).value_or(Operation::chat);
  r.dialect = text(), r.requested_model = text();
  r.declared = static_cast<Sensitivity>(number()), r.sensitivity = static_cast<Sensitivity>(number());
  if (!row.is_null(at)) r.findings = unjoin_counts(row.text(at));
  ++at;
  r.policy_digest = text(), r.effect = static_cast<Effect>(number()), r.deny_record = index(row.maybe_number(at++));
  r.cause = text(), r.rules = unjoin(text()), r.matched = unjoin(text()), r.status = static_cast<int>(number());
  r.job.id = text(), r.job.piece = number(), r.job.run = number();
  return r;
}

}  // namespace

Result<void, StoreError> write_receipt(Connection& connection, const Receipt& r) {
  Statement& row = *TRY(connection.prepare(kWriteRequest));
  int at = 0;
  const auto put = [&](const auto& value) { row.bind(++at, value); };
  const std::string rules = join(r.rules), matched = join(r.matched);
  const std::optional<std::string> findings = r.findings ? std::optional(join(*r.findings)) : std::nullopt;
  put(r.id), put(r.parent), put(r.received.unix_ns), put(r.key_id), put(r.team), put(r.role), put(r.workload), put(to_string(r.operation));
  put(r.dialect), put(r.requested_model), put(number(r.declared)), put(number(r.sensitivity)), put(findings), put(r.policy_digest);
  put(number(r.effect)), put(number(r.deny_record)), put(r.cause), put(rules), put(matched), put(number(r.status)), put(r.job.id), put(r.job.piece),
      put(r.job.run);
  TRY(connection.run(row));
  for (const ReceiptAttempt& attempt : r.attempts) TRY(write_attempt(connection, r, attempt));
  return {};
}

Result<std::optional<Receipt>, StoreError> read_receipt(Connection& connection, std::string_view id) {
  Statement& request = *TRY(connection.prepare(kReadRequest));
  request.bind(1, id);
  if (!TRY(connection.step(request))) return std::optional<Receipt>();
  Receipt receipt = read_request(request);
  connection.reset(request);
  Statement& attempts = *TRY(connection.prepare(kReadAttempts));
  attempts.bind(1, id);
  while (TRY(connection.step(attempts))) receipt.attempts.push_back(read_attempt(attempts));
  Statement& children = *TRY(connection.prepare(kReadChildren));
  children.bind(1, id);
  while (TRY(connection.step(children))) receipt.sub_requests.push_back(children.text(0));
  return std::optional(std::move(receipt));
}

}  // namespace demarc::store
