// Bytes to records. Strict by one rule: what was read, written again, must give the same bytes; so unknown, missing, doubled, unsorted keys all fail.
#include <simdjson.h>

#include "governance/record_json.hpp"

namespace demarc::governance {
namespace {

namespace dom = simdjson::dom;

class Fields {
 public:
  explicit Fields(dom::object object) : object_(object) {}
  [[nodiscard]] bool ok() const { return ok_; }

  std::string text(std::string_view key) {  // null: ""
    dom::element at;
    if (!find(key, at) || at.is_null()) return {};
    std::string_view value;
    ok_ = ok_ && at.get(value) == simdjson::SUCCESS;
    return std::string(value);
  }
  std::optional<std::int64_t> optional_integer(std::string_view key) {
    dom::element at;
    if (!find(key, at) || at.is_null()) return {};
    std::int64_t value = 0;
    ok_ = ok_ && at.get(value) == simdjson::SUCCESS;
    return value;
  }
  std::int64_t integer(std::string_view key) {
    const auto value = optional_integer(key);
    ok_ = ok_ && value.has_value();
    return value.value_or(0);
  }
  bool truth(std::string_view key) {
    dom::element at;
    bool value = false;
    ok_ = find(key, at) && at.get(value) == simdjson::SUCCESS && ok_;
    return value;
  }
  std::vector<std::string> list(std::string_view key) {
    dom::element at;
    dom::array array;
    std::vector<std::string> out;
    ok_ = find(key, at) && at.get(array) == simdjson::SUCCESS && ok_;
    if (!ok_) return out;
    for (const dom::element item : array) {
      std::string_view value;
      ok_ = ok_ && item.get(value) == simdjson::SUCCESS;
      out.emplace_back(value);
    }
    return out;
  }
  std::optional<FindingCounts> optional_counts(std::string_view key) {
    dom::element at;
    if (!find(key, at) || at.is_null()) return {};
    FindingCounts out;
    for (const auto& [name, element] : members(at)) {
      std::uint64_t count = 0;
      ok_ = ok_ && element.get(count) == simdjson::SUCCESS && count <= UINT32_MAX;
      out.emplace(name, static_cast<std::uint32_t>(count));
    }
    return out;
  }
  FindingCounts counts(std::string_view key) {
    auto value = optional_counts(key);
    ok_ = ok_ && value.has_value();
    return value ? std::move(*value) : FindingCounts{};
  }
  std::map<std::string, std::string> details(std::string_view key) {
    dom::element at;
    std::map<std::string, std::string> out;
    if (!find(key, at)) return out;
    for (const auto& [name, element] : members(at)) {
      std::string_view value;
      ok_ = ok_ && element.get(value) == simdjson::SUCCESS;
      out.emplace(name, value);
    }
    return out;
  }
  template <class Enum>
  Enum word(std::string_view key, std::optional<Enum> (*parse)(std::string_view)) {
    const auto value = parse(text(key));
    ok_ = ok_ && value.has_value();
    return value.value_or(Enum{});
  }
  template <class Enum>
  Enum word_or_none(std::string_view key, std::optional<Enum> (*parse)(std::string_view)) {  // a key of later versions: parse("") if it is missing
    dom::element at;
    std::string_view value;
    if (object_.at_key(key).get(at) == simdjson::SUCCESS) ok_ = at.get(value) == simdjson::SUCCESS && !value.empty() && ok_;
    const auto word = parse(value);
    ok_ = ok_ && word.has_value();
    return word.value_or(Enum{});
  }
  Instant instant(std::string_view key) {
    const auto value = parse_rfc3339(text(key));
    ok_ = ok_ && value.has_value();
    return value.value_or(Instant{});
  }
  std::optional<Money> money(std::string_view key) {
    const std::string value = text(key);
    if (value.empty()) return {};
    const auto usd = Money::parse(value);
    ok_ = ok_ && usd.has_value();
    return usd;
  }
  template <class Read>
  auto object(std::string_view key, Read&& read) {
    dom::element at;
    dom::object inner;
    ok_ = find(key, at) && at.get(inner) == simdjson::SUCCESS && ok_;
    Fields fields(inner);
    fields.ok_ = ok_;
    auto value = ok_ ? read(fields) : decltype(read(fields)){};
    ok_ = fields.ok_;
    return value;
  }
  [[nodiscard]] bool has(std::string_view key) const {  // of what most records lack
    dom::element at;
    return object_.at_key(key).get(at) == simdjson::SUCCESS;
  }
  [[nodiscard]] bool is_null(std::string_view key) {
    dom::element at;
    return find(key, at) && at.is_null();
  }

 private:
  bool find(std::string_view key, dom::element& at) {
    ok_ = ok_ && object_.at_key(key).get(at) == simdjson::SUCCESS;
    return ok_;
  }
  std::vector<std::pair<std::string_view, dom::element>> members(dom::element at) {
    std::vector<std::pair<std::string_view, dom::element>> out;
    dom::object inner;
    ok_ = ok_ && at.get(inner) == simdjson::SUCCESS;
    if (!ok_) return out;
    for (const dom::key_value_pair member : inner) out.emplace_back(member.key, member.value);
    return out;
  }

  dom::object object_;
  bool ok_ = true;
};

std::optional<Effect> parse_effect(std::string_view name) {
  for (const Effect effect : {Effect::permit, Effect::deny, Effect::unavailable})
    if (to_string(effect) == name) return effect;
  return {};
}

RequestFacts read_facts(Fields& f) {
  RequestFacts r;
  r.id = f.text("id"), r.parent = f.text("parent");
  if (f.has("job"))
    r.job = f.object("job", [](Fields& job) { return JobRef{.id = job.text("id"), .piece = job.integer("piece"), .run = job.integer("run")}; });
  r.received = f.instant("time");
  f.object("caller", [&](Fields& caller) { return r.key_id = caller.text("key"), r.team = caller.text("team"), r.role = caller.text("role"), true; });
  r.workload = f.text("workload"), r.dialect = f.text("dialect"), r.conversation = f.text("conversation");
  r.operation = f.word("operation", &parse_operation);
  r.model_requested = f.text("requested_model");
  r.declared = f.word("declared", &parse_sensitivity), r.sensitivity = f.word("sensitivity", &parse_sensitivity);
  r.findings = f.optional_counts("findings");
  r.stream = f.truth("stream");
  r.tools = f.integer("tools"), r.context_tokens = f.optional_integer("context_tokens");
  r.context_tokens_by = f.word_or_none("context_tokens_by", &parse_counted_by);
  r.policy_digest = f.object("decision", [](Fields& decision) { return decision.text("policy"); });
  r.request_commitment = f.text("request_commitment");
  return r;
}

IntentRecord read_intent(Fields& f) {
  IntentRecord i;
  i.request = read_facts(f);
  i.attempt = static_cast<std::uint32_t>(f.integer("attempt")), i.kind = f.text("attempt_kind");
  f.object("decision", [&](Fields& d) { return i.rules = d.list("rules"), i.matched = d.list("matched"), i.requires_ = d.list("requires"), true; });
  i.attributes_read = f.list("attributes");
  i.upstream = f.text("upstream"), i.model = f.text("model"), i.region = f.text("region"), i.address = f.text("address");
  i.tier = f.word("tier", &parse_tier);
  i.model_digest = f.text("model_digest");
  i.redactions = f.counts("redactions");
  i.sent_commitment = f.text("sent_commitment");
  return i;
}

Charge read_charge(Fields& f) {
  Charge charge;
  charge.kind = f.word("kind", &parse_charge_kind);
  charge.usd = f.money("usd");
  if (!f.is_null("alternative"))
    charge.alternative = f.object("alternative", [](Fields& a) { return Alternative{a.text("upstream"), a.text("model"), a.money("usd")}; });
  return charge;
}

Usage read_usage(Fields& f) {
  Usage usage;
  usage.audio_ms = f.optional_integer("audio_ms");
  usage.cache_write_1h_tokens = f.optional_integer("cache_write_1h_tokens");
  usage.cache_write_tokens = f.optional_integer("cache_write_tokens");
  usage.cached_input_tokens = f.optional_integer("cached_input_tokens");
  usage.estimated = f.truth("estimated");
  usage.input_audio_tokens = f.optional_integer("input_audio_tokens");
  usage.input_tokens = f.optional_integer("input_tokens");
  usage.output_tokens = f.optional_integer("output_tokens");
  if (f.has("pages")) usage.pages = f.optional_integer("pages");
  usage.reasoning_tokens = f.optional_integer("reasoning_tokens");
  return usage;
}

OutcomeRecord read_outcome(Fields& f) {
  OutcomeRecord o;
  o.intent = static_cast<std::uint64_t>(f.integer("intent")), o.id = f.text("id");
  o.attempt = static_cast<std::uint32_t>(f.integer("attempt"));
  o.outcome = f.word("outcome", &parse_attempt_outcome);
  o.reason = f.text("reason"), o.status = static_cast<int>(f.integer("status")), o.last = f.truth("last");
  o.model_served = f.text("served_model"), o.finish_reason = f.text("finish_reason");
  o.usage = f.object("usage", &read_usage), o.charge = f.object("charge", &read_charge);
  o.answer_findings = f.counts("answer_findings");
  o.received_commitment = f.text("received_commitment");
  f.object("timing_ms", [&](Fields& t) {
    return o.queued_ms = t.integer("queued"), o.first_token_ms = t.integer("first_token"), o.total_ms = t.integer("total"), true;
  });
  o.log_us = f.integer("log_us");
  return o;
}

DenyRecord read_deny(Fields& f) {
  DenyRecord d;
  d.request = read_facts(f);
  f.object("decision", [&](Fields& decision) {
    d.effect = decision.word("effect", &parse_effect), d.cause = decision.text("cause");
    return d.rules = decision.list("rules"), d.matched = decision.list("matched"), true;
  });
  d.attributes_read = f.list("attributes");
  d.status = static_cast<int>(f.integer("status"));
  return d;
}

std::optional<Record> read_kind(std::string_view kind, Fields& f) {
  if (kind == "INTENT") return Record{read_intent(f)};
  if (kind == "OUTCOME") return Record{read_outcome(f)};
  if (kind == "DENY") return Record{read_deny(f)};
  if (is_event_kind(kind)) return Record{EventRecord{std::string(kind), f.text("actor"), f.details("details")}};
  return {};
}

}  // namespace

std::string_view to_string(RecordError error) {
  switch (error) {
    case RecordError::not_json: return "not a JSON object";
    case RecordError::unknown_version: return "of an unknown version";
    case RecordError::unknown_kind: return "of an unknown kind";
    case RecordError::wrong_field: return "a field is missing or of the wrong type";
    case RecordError::not_canonical: return "not in canonical form";
  }
  return "not a record";
}

Result<StoredRecord, RecordError> read_record(std::string_view entry) {
  thread_local dom::parser parser;
  dom::object object;
  if (entry.size() > kMaxEntryBytes || parser.parse(entry.data(), entry.size()).get(object) != simdjson::SUCCESS) return fail(RecordError::not_json);
  Fields f(object);
  if (f.integer("v") != 1) return fail(RecordError::unknown_version);
  auto record = read_kind(f.text("kind"), f);
  if (!record) return fail(RecordError::unknown_kind);
  StoredRecord stored{std::move(*record), f.text("tenant"), f.text("build"), f.text("boot_id"), f.instant("ts"), {f.integer("monotonic_us") * 1000}};
  if (!f.ok()) return fail(RecordError::wrong_field);
  if (write_record(stored.record, {stored.tenant, stored.build, stored.boot_id, stored.ts, stored.monotonic}) != entry)
    return fail(RecordError::not_canonical);
  return stored;
}

}  // namespace demarc::governance
