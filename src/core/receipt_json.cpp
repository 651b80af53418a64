#include "core/json/or_null.hpp"
#include "core/receipt.hpp"

namespace demarc {
namespace {

void usd_field(JsonWriter& json, const std::optional<Money>& usd) { field_or_null(json, "usd", usd ? std::optional(usd->print()) : std::nullopt); }

void counts_field(JsonWriter& json, std::string_view key, const std::optional<FindingCounts>& counts) {
  if (!counts) return json.field(key, json_null);
  json.object(key, [&] {
    for (const auto& [type, count] : *counts) json.field(type, count);
  });
}

void list_field(JsonWriter& json, std::string_view key, const std::vector<std::string>& list) {
  json.array(key, [&] {
    for (const std::string& item : list) json.value(item);
  });
}

void decision(JsonWriter& json, const Receipt& receipt, const ReceiptAttempt* answer) {
  const bool denied = receipt.deny_record.has_value();
  static const std::vector<std::string> kNone;
  json.object("decision", [&] {
    json.field("effect", to_string(receipt.effect));
    list_field(json, "rules", denied ? receipt.rules : answer != nullptr ? answer->rules : kNone);
    text_or_null(json, "cause", receipt.cause);
    list_field(json, "matched", denied ? receipt.matched : answer != nullptr ? answer->matched : kNone);
    list_field(json, "requires", answer != nullptr ? answer->requires_ : kNone);
    text_or_null(json, "policy", receipt.policy_digest);
  });
}

void attempt_object(JsonWriter& json, const ReceiptAttempt& attempt) {
  json.object([&] {
    json.field("upstream", attempt.upstream);
    json.field("model", attempt.model);
    json.field("tier", to_string(attempt.tier));
    json.field("kind", attempt.kind);
    if (attempt.outcome_record)
      json.field("outcome", to_string(attempt.outcome));
    else
      json.field("outcome", json_null);
    text_or_null(json, "reason", attempt.reason);
    json.field("intent", attempt.intent);
    field_or_null(json, "outcome_record", attempt.outcome_record);
    usd_field(json, attempt.charge.usd);
    field_or_null(json, "context_tokens", attempt.context_tokens);
    text_or_null(json, "context_tokens_by", to_string(attempt.context_tokens_by));
  });
}

void usage_object(JsonWriter& json, const Usage& usage) {
  json.object("usage", [&] {
    field_or_null(json, "input_tokens", usage.input_tokens);
    field_or_null(json, "cached_input_tokens", usage.cached_input_tokens);
    field_or_null(json, "cache_write_tokens", usage.cache_write_tokens);
    field_or_null(json, "cache_write_1h_tokens", usage.cache_write_1h_tokens);
    field_or_null(json, "output_tokens", usage.output_tokens);
    field_or_null(json, "reasoning_tokens", usage.reasoning_tokens);
    field_or_null(json, "input_audio_tokens", usage.input_audio_tokens);
    if (usage.audio_ms)
      json.field("audio_seconds", static_cast<double>(*usage.audio_ms) / 1000.0);
    else
      json.field("audio_seconds", json_null);
    field_or_null(json, "pages", usage.pages);
    json.field("estimated", usage.estimated);
  });
}

void charge_object(JsonWriter& json, const Receipt& receipt) {
  const Charge charge = receipt.charge();
  json.object("charge", [&] {
    usd_field(json, charge.usd);
    json.field("kind", to_string(charge.kind));
    if (receipt.unpriced() > 0) json.field("unpriced_attempts", receipt.unpriced());
    if (!charge.alternative) return json.field("alternative", json_null);
    json.object("alternative", [&] {
      json.field("upstream", charge.alternative->upstream);
      json.field("model", charge.alternative->model);
      usd_field(json, charge.alternative->usd);
    });
  });
}

}  // namespace

std::string receipt_json(const Receipt& receipt, std::string_view log_origin) {
  std::string out;
  JsonWriter json(out);
  const ReceiptAttempt* const answer = receipt.answering();
  const ReceiptAttempt* const served = receipt.deny_record ? nullptr : answer;
  static const ReceiptAttempt kNothing;
  const ReceiptAttempt& timed = answer != nullptr ? *answer : kNothing;
  json.object([&] {
    json.field("id", receipt.id);
    json.field("time", format_rfc3339(receipt.received));
    text_or_null(json, "parent", receipt.parent);
    list_field(json, "sub_requests", receipt.sub_requests);
    if (!receipt.job.id.empty())
      json.object("job", [&] { json.field("id", receipt.job.id), json.field("piece", receipt.job.piece), json.field("run", receipt.job.run); });
    json.object("caller", [&] { text_or_null(json, "key", receipt.key_id), text_or_null(json, "team", receipt.team); });
    text_or_null(json, "workload", receipt.workload);
    json.field("operation", to_string(receipt.operation));
    json.field("dialect", receipt.dialect);
    json.field("declared", to_string(receipt.declared));
    json.field("sensitivity", to_string(receipt.sensitivity));
    counts_field(json, "findings", receipt.findings);
    counts_field(json, "redactions", timed.redactions);
    counts_field(json, "answer_findings", timed.answer_findings);
    decision(json, receipt, answer);
    text_or_null(json, "tier", served != nullptr ? to_string(served->tier) : std::string_view{});
    text_or_null(json, "upstream", served != nullptr ? std::string_view(served->upstream) : std::string_view{});
    json.field("requested_model", receipt.requested_model);
    text_or_null(json, "served_model", served == nullptr ? "" : served->model_served.empty() ? served->model : served->model_served);
    text_or_null(json, "model_digest", served != nullptr ? std::string_view(served->model_digest) : std::string_view{});
    json.array("attempts", [&] {
      for (const ReceiptAttempt& attempt : receipt.attempts) attempt_object(json, attempt);
    });
    usage_object(json, receipt.usage());
    charge_object(json, receipt);
    json.object("timing_ms", [&] {
      json.field("queued", timed.queued_ms);
      json.field("first_token", timed.first_token_ms);
      json.field("total", timed.total_ms);
      json.field("log", static_cast<double>(timed.log_us) / 1000.0);
    });
    json.object("audit", [&] { json.field("log", log_origin), json.field("size", receipt.log_size()); });
  });
  return out;
}

}  // namespace demarc
