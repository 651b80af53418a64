#include "gateway/attempt.hpp"

#include <algorithm>

#include "core/json/writer.hpp"
#include "core/model_name.hpp"
#include "dialect/classifications.hpp"
#include "dialect/embedding_pieces.hpp"
#include "dialect/fim.hpp"
#include "dialect/mistral_ocr.hpp"
#include "dialect/openai_transcriptions.hpp"
#include "gateway/clean_transcript.hpp"
#include "gateway/hide_transcript.hpp"
#include "gateway/send_in_pieces.hpp"
#include "policy/decide.hpp"

namespace demarc::gateway {
namespace {

using Then = AttemptFailure::Then;

constexpr std::size_t kErrorBodyBytes = 1 << 20;
constexpr std::int64_t kBytesPerToken = 4;
constexpr std::string_view kAnthropicVersion = "2023-06-01";

std::string_view name_of(FinishReason finish) {
  switch (finish) {
    case FinishReason::stop: return "stop";
    case FinishReason::length: return "length";
    case FinishReason::tool_calls: return "tool_calls";
    case FinishReason::content_filter: return "content_filter";
  }
  return "stop";
}

// A status that another upstream may well do better with. What the request itself is to blame for goes to the caller as it is.
bool worth_another_try(int status) { return status == 401 || status == 403 || status == 404 || status == 408 || status == 429 || status >= 500; }

upstream::Outcome health_of(IoError error) {
  switch (error) {
    case IoError::cancelled: return upstream::Outcome::cancelled;
    case IoError::timeout: return upstream::Outcome::timeout;
    case IoError::closed:
    case IoError::reset:
    case IoError::refused:
    case IoError::unresolved:
    case IoError::tls:
    case IoError::protocol:
    case IoError::too_large:
    case IoError::system: return upstream::Outcome::transport_failure;
  }
  return upstream::Outcome::transport_failure;
}

// What the speech model is told of a workload's recordings.
void add_workload(const Snapshot& snapshot, const std::string& name, dialect::openai_transcriptions::AskedAs& as) {
  for (const WorkloadSpec& workload : snapshot.routing().workloads) {
    if (workload.name != name) continue;
    as.language = workload.speech_language;
    as.prompt = workload.speech_prompt;
    for (std::size_t i = 0; i < workload.speech_glossary.size(); ++i)
      as.prompt += (i > 0 ? ", " : as.prompt.empty() ? "" : " ") + workload.speech_glossary[i];
    if (!workload.speech_glossary.empty()) as.prompt += '.';
  }
}

std::shared_ptr<const privacy::Tokens> no_tokens() {
  static const auto none = std::make_shared<const privacy::Tokens>(std::vector<std::shared_ptr<const privacy::Token>>{});
  return none;
}

}  // namespace

Attempt::Attempt(RequestContext& context, const PlannedAttempt& planned, std::uint32_t number, const Mishaps& mishaps)
    : context_(context),
      planned_(planned),
      spec_(context.snapshot->routing().upstreams[planned.upstream]),
      model_(spec_.models[planned.model]),
      runtime_(context.snapshot->upstreams[planned.upstream]),
      number_(number),
      mishaps_(mishaps),
      began_(context.loop().now()),
      client_gone_(context.client.cancellation().on_cancel([this] { stop_.cancel(); })),
      received_(context.commitment("received/" + std::to_string(number))) {}

// A transcript of our own engine, only where nothing of it is hidden: that is looked for in the whole. Else its stream has one event.
bool Attempt::streams() const {
  if (spec_.engine != EngineKind::speech) return context_.request->stream;
  return dialect::openai_transcriptions::can_stream(*context_.request) && context_.snapshot->policy.mask_in_answers.empty() && !context_.redact;
}

void Attempt::saw_text(std::string_view text) {
  produced_bytes_ += text.size();
  if (runtime_.engine) runtime_.engine->moved.fetch_add(1, std::memory_order_relaxed);
  received_.update(text);
}

bool Attempt::must(Requirement requirement) const { return std::ranges::find(planned_.requires_, requirement) != planned_.requires_.end(); }

Task<Result<void, AttemptFailure>> Attempt::prepare() {
  flight_ = context_.snapshot->states->begin(planned_.upstream, planned_.model, began_);
  if (!flight_) {
    const std::array self = {CandidateIndex{planned_.upstream, planned_.model}};
    co_return fail(AttemptFailure{{.kind = ErrorKind::unavailable,
                                   .message = spec_.name + " is resting after failures.",
                                   .retry_after_s = context_.snapshot->states->retry_after_s(self, began_)},
                                  Then::next});
  }
  CO_TRY(reserve());
  if (must(Requirement::redact)) CO_TRY(co_await redact());
  // Our own speech engine is asked for times whatever the caller wants: the caller's form is printed from them, cleaned.
  const bool own_speech = spec_.engine == EngineKind::speech && context_.request->operation == Operation::transcription;
  const bool own_fim = spec_.engine == EngineKind::llama && context_.request->operation == Operation::fim;
  using namespace dialect::openai_transcriptions;
  const auto form = own_speech ? streams() ? dialect::TranscriptFormat::json : dialect::TranscriptFormat::verbose_json : form_to_ask_for(context_);
  const bool needs_words = own_speech ? wants_cleaning(*context_.request) || context_.redact : context_.redact.has_value();
  const auto times = needs_words && form == dialect::TranscriptFormat::verbose_json ? Times::of_words : Times::as_asked;
  AskedAs asked_as{.format = form.value_or(dialect::TranscriptFormat::json), .times = times};
  if (own_speech) {
    asked_as.delivery = streams() ? Delivery::events : Delivery::whole;
    asked_as.range = Ranges::kept;
    add_workload(*context_.snapshot, context_.workload, asked_as);
  }
  if (!own_speech && context_.request->operation == Operation::transcription && begins_later(*context_.request))
    co_return fail(AttemptFailure{{.kind = ErrorKind::bad_request,
                                   .message = "The upstream " + spec_.name + " transcribes recordings from their beginning only.",
                                   .param = "demarc_from"},
                                  Then::next});
  if (own_speech && spec_.speakers.empty() && wants_speakers(*context_.request))
    co_return fail(AttemptFailure{{.kind = ErrorKind::bad_request,
                                   .message = "The speech engine " + spec_.name + " was not given a model that tells speakers apart.",
                                   .param = "demarc_speakers",
                                   .hint = "speakers: campplus, for the upstream " + spec_.name + " in demarc.yaml"},
                                  Then::next});
  if (own_speech && !field_values(*context_.request, "known_speaker_names[]").empty())
    co_return fail(AttemptFailure{{.kind = ErrorKind::bad_request,
                                   .message = "The speech engine " + spec_.name + " tells speakers apart but does not know them by name.",
                                   .param = "known_speaker_names[]",
                                   .hint = "leave out known_speaker_names and known_speaker_references: speakers are called A, B, …"},
                                  Then::next});
  const bool own_document = spec_.engine == EngineKind::document && context_.request->operation == Operation::ocr;
  const auto places = context_.redact ? dialect::mistral_ocr::WordPlaces::always : dialect::mistral_ocr::WordPlaces::as_asked;
  const std::vector<dialect::fim::Extra> extra = own_fim ? co_await code_around(context_) : std::vector<dialect::fim::Extra>();
  auto outgoing = own_fim        ? dialect::fim::request(*context_.request, edits_, dialect::fim::Form::infill, model_.name, extra)
                  : own_document ? dialect::mistral_ocr::forward_to_engine(*context_.request, edits_, model_.name, places)
                  : form         ? forward_as(*context_.request, edits_, model_.name, asked_as)
                                 : dialect::to_upstream(*context_.request, edits_, spec_.provider, model_.name);
  if (!outgoing) co_return fail(AttemptFailure{std::move(outgoing).error(), Then::next});
  outgoing_ = std::move(*outgoing);
  const std::string own_target = outgoing_.target;  // at the engine's root
  if (const auto classifier = context_.snapshot->classifiers.find(context_.workload); spec_.engine == EngineKind::tensor &&
                                                                                      context_.request->operation == Operation::classification &&
                                                                                      classifier != context_.snapshot->classifiers.end())
    outgoing_.body = dialect::classifications::with_classifier(std::move(outgoing_.body), classifier->second);
  const auto scans_clean = [&] {
    const privacy::RedactTypes types(context_.snapshot->policy.types_of_labels);
    return privacy::scans_clean(outgoing_.body, *session_, types, context_.snapshot->detectors);
  };
  if (session_ && !co_await context_.services.readers->run_long(context_.loop(), outgoing_.body.size(), scans_clean))
    co_return fail(not_clean(privacy::NotClean::residue));  // a dialect may have joined or moved texts: the bytes that leave are what counts
  add_credentials();
  if (own_fim) outgoing_.target = own_target;
  translator_ = own_fim ? dialect::fim::make_translator(*context_.request, dialect::fim::Form::infill, context_.id, context_.received)
                        : dialect::make_translator(*context_.request, spec_.provider, context_.id, context_.received);
  printer_ = dialect::make_printer(*context_.request, spec_.provider, {.served_model = model_.name, .id = context_.id, .created = context_.received});
  filter_ = std::make_unique<AnswerFilter>(context_.snapshot->detectors, context_.snapshot->policy.mask_in_answers,
                                           session_ ? session_->tokens() : no_tokens(), context_.snapshot->config.redaction.tools_never);
  if (context_.kept != nullptr) filter_->keep(KeptReply::kMostBytes);
  // Our own worker goes from one caller to another by itself.
  if (spec_.engine == EngineKind::llama && context_.request->operation == Operation::embedding) pieces_ = dialect::cut_embeddings(outgoing_.body, {});
  co_return co_await take_place();
}

Result<void, AttemptFailure> Attempt::reserve() {
  Usage expected;
  expected.input_tokens = context_.input_tokens_estimate;
  expected.output_tokens = context_.request->max_output_tokens.value_or(1'024);
  auto estimate = ledger::estimate_charge(context_.snapshot->pricing, spec_, model_, expected, context_.received, context_.services.speeds);
  if (!estimate && spec_.tier == Tier::local) estimate = Money{};  // own hardware is paid for already: a budget of dollars does not stop it
  auto hold = context_.services.budgets->reserve(context_.budget_scope(), estimate, context_.received);
  if (!hold) {
    const bool spent = hold.error() == ledger::BudgetError::spent;
    return fail(AttemptFailure{
        {.kind = ErrorKind::budget_spent,
         .message = spent ? "The budget of this key, team or workload is spent." : "This request has no known price, and a budget applies to it.",
         .hint = spent ? "demarc usage --by team shows what was spent; budgets: in demarc.yaml sets the limit"
                       : "add a price for the model to a file named under prices:"},
        Then::next});
  }
  hold_ = std::move(*hold);
  return {};
}

AttemptFailure Attempt::not_clean(privacy::NotClean why) const {
  return {{.kind = ErrorKind::policy_denied,
           .message = "The policy asks for redaction, and what would leave could not be made clean (" + std::string(privacy::to_string(why)) + ").",
           .rules = planned_.rules},
          Then::next};
}

Task<Result<void, AttemptFailure>> Attempt::redact() {
  session_ = context_.services.vault->open({.caller = context_.caller.key_id, .conversation = context_.conversation}, context_.loop().now());
  privacy::Redaction redaction = co_await context_.services.readers->run_long(context_.loop(), context_.request->body.size(), [&] {
    if (context_.snapshot->config.redaction.style == config::RedactionStyle::surrogate) session_->use_surrogates(context_.request->body);
    return privacy::redact(*context_.request, context_.examination, *session_, privacy::RedactTypes(context_.snapshot->policy.types_of_labels),
                           context_.snapshot->detectors);
  });
  if (!redaction.clean) co_return fail(not_clean(redaction.why));
  edits_ = std::move(redaction.edits);
  redactions_ = std::move(redaction.counts);
  co_return Result<void, AttemptFailure>{};
}

void Attempt::add_credentials() {
  outgoing_.target = dialect::target_on(spec_.provider, runtime_.origin.base_path, outgoing_.target);
  if (spec_.engine) {
    outgoing_.headers.set("demarc-request-id", context_.id);
    outgoing_.headers.set("demarc-class", std::string(to_string(context_.work_class)));
  }
  if (spec_.provider == Provider::anthropic && !outgoing_.headers.find("anthropic-version"))
    outgoing_.headers.set("anthropic-version", std::string(kAnthropicVersion));
  if (spec_.key.empty()) return;
  switch (spec_.provider) {
    case Provider::anthropic: outgoing_.headers.set("x-api-key", spec_.key); break;
    case Provider::azure: outgoing_.headers.set("api-key", spec_.key); break;
    case Provider::gemini: outgoing_.headers.set("x-goog-api-key", spec_.key); break;
    case Provider::openai:
    case Provider::mistral:
    case Provider::bedrock: outgoing_.headers.set("authorization", "Bearer " + spec_.key); break;
  }
}

Task<Result<void, AttemptFailure>> Attempt::take_place() {
  if (!runtime_.engine) co_return Result<void, AttemptFailure>{};
  place_.emplace(context_, spec_, *runtime_.engine, stop_);
  CO_TRY(co_await place_->take({.target = outgoing_.target,
                                .body = outgoing_.body,
                                .pieces = std::max<std::size_t>(1, pieces_.size()),
                                .can_begin_anew = !streams(),
                                .mishaps = mishaps_}));
  outcome_.queued_ms = to_ms(place_->queued());
  co_return Result<void, AttemptFailure>{};
}

IntentRecord Attempt::intent() const {
  IntentRecord record{.request = context_.facts, .attempt = number_, .rules = planned_.rules, .matched = context_.decision.matched};
  if (const auto counted = context_.counted_by({planned_.upstream, planned_.model}))
    record.request.context_tokens = counted, record.request.context_tokens_by = CountedBy::tokenizer;
  if (context_.inherited != nullptr && context_.inherited->only) record.kind = "shadow";
  for (const Requirement requirement : planned_.requires_) record.requires_.emplace_back(to_string(requirement));
  record.attributes_read = context_.decision.read;
  record.upstream = spec_.name, record.model = model_.name, record.tier = spec_.tier;
  record.region = spec_.region.value_or("");
  record.address = runtime_.address;
  if (runtime_.engine) record.model_digest = runtime_.engine->plan.model.digest;
  record.redactions = redactions_;
  record.sent_commitment = context_.commit("sent/" + std::to_string(number_), outgoing_.body);
  return record;
}

// The gate: bytes may leave once the INTENT is on disk, and what the placeholders in them stand for, where that is kept at all. A vault's file that
// cannot be written does not stop anything: the values are in memory.
Task<bool> Attempt::durable() {
  const Monotonic waited_from = context_.loop().now();
  if (session_ && context_.services.vault_file) static_cast<void>(co_await context_.services.vault_file->kept(context_.loop()));
  const auto index = co_await intent_append_->join();
  log_wait_ = context_.loop().now() - waited_from;
  intent_durable_ = index.ok();
  if (index) {
    intent_index_ = *index;
    static_cast<void>(context_.services.projection->apply(intent_index_, intent_record_));
  }
  co_return intent_durable_;
}

Task<Result<void, AttemptFailure>> Attempt::send(Ends ends_if_failed) {
  const config::Limits& limits = context_.limits();
  using std::chrono::milliseconds;
  // An engine of ours may take long: whether it gets on is watched otherwise (engine/vitals.hpp).
  const SendLimits send_limits{.connect = milliseconds(limits.connect_ms),
                               .first_byte = milliseconds(runtime_.engine ? limits.total_ms : limits.first_byte_ms),
                               .idle = milliseconds(limits.idle_ms),
                               .total = milliseconds(limits.total_ms)};
  intent_record_ = intent();
  intent_append_.emplace(context_.services.log->append(context_.loop(), intent_record_));
  const OutgoingRequest request{.target = outgoing_.target, .headers = outgoing_.headers, .body = outgoing_.body};
  auto reply = pieces_.empty()
                   ? co_await context_.http().send(runtime_.origin, request, send_limits, stop_, durable())
                   : co_await send_in_pieces(
                         {.http = context_.http(), .origin = runtime_.origin, .request = request, .limits = send_limits, .cancellation = stop_},
                         pieces_, durable(), [this] { return place_->let_others_in(); });
  if (!intent_durable_) co_await durable();  // the connection failed before it asked
  if (!intent_durable_)
    co_return fail(AttemptFailure{
        {ErrorKind::unavailable, "The audit log cannot be written, so nothing leaves.", "", "demarc doctor names the cause"}, Then::stop});
  if (!reply) co_return co_await failed_to_send(reply.error(), ends_if_failed);
  reply_ = std::move(*reply);
  flight_->answered(context_.loop().now());
  ending_ = ledger::Ending::answered;
  outcome_.status = reply_->status();
  if (outcome_.status >= 400) co_return co_await refused_by_upstream(ends_if_failed);
  context_.snapshot->states->report(planned_.upstream, planned_.model, upstream::Outcome::ok, context_.loop().now());
  co_return Result<void, AttemptFailure>{};
}

Task<Result<void, AttemptFailure>> Attempt::failed_to_send(const SendError& error, Ends ends) {
  if (error.sent) ending_ = ledger::Ending::answered;  // it may have worked on it: not free
  if (context_.client_gone()) {
    co_await settle(AttemptOutcome::cancelled, std::string(context_.why_cancelled()), Ends::request);
    co_return fail(AttemptFailure{context_.cancelled_error(), Then::stop});
  }
  if (is_displaced()) {
    const bool log_ok = co_await settle(AttemptOutcome::error, "displaced", Ends::attempt);
    co_return fail(AttemptFailure{{ErrorKind::unavailable, "Others went first."}, log_ok ? Then::again : Then::stop});
  }
  context_.snapshot->states->report(planned_.upstream, planned_.model, health_of(error.kind), context_.loop().now());
  broke_off();
  const bool again = tries_alone(ends) && error.kind != IoError::timeout;
  const bool log_ok = co_await settle(AttemptOutcome::error, std::string(to_string(error.kind)), again ? Ends::attempt : ends);
  const ErrorKind kind = error.kind == IoError::timeout ? ErrorKind::upstream_timeout : ErrorKind::upstream_failed;
  co_return fail(AttemptFailure{{.kind = kind,
                                 .message = "The upstream " + spec_.name + " failed before it answered (" + std::string(to_string(error.kind)) + ").",
                                 .hint = spec_.engine ? "it is started anew; the request may be sent again" : ""},
                                !log_ok ? Then::stop
                                : again ? Then::again
                                        : Then::next});
}

Task<Result<void, AttemptFailure>> Attempt::refused_by_upstream(Ends ends) {
  const int status = reply_->status();
  auto body = co_await read_all(*reply_, kErrorBodyBytes);
  ApiError error = translator_->read_error(status, reply_->headers(), body ? std::move(*body) : std::string());
  reply_.reset();
  ending_ = ledger::Ending::refused;
  const Monotonic now = context_.loop().now();
  if (status == 429 || error.retry_after_s)
    context_.snapshot->states->cool_down(planned_.upstream, planned_.model, error.retry_after_s.value_or(1), now);
  else
    context_.snapshot->states->report(planned_.upstream, planned_.model, status >= 500 ? upstream::Outcome::server_error : upstream::Outcome::ok,
                                      now);
  const bool again = worth_another_try(status);
  const bool log_ok = co_await settle(AttemptOutcome::error, "status_" + std::to_string(status), again ? ends : Ends::request);
  if (status == 401 || status == 403) {  // about our credential, not the caller's
    error = {ErrorKind::upstream_failed, "The upstream " + spec_.name + " refused the gateway's own credential (" + std::to_string(status) + ").", "",
             "demarc doctor checks the keys of upstreams"};
  }
  co_return fail(AttemptFailure{std::move(error), again && log_ok ? Then::next : Then::stop});
}

void Attempt::broke_off() {
  if (place_) place_->broke();
}

void Attempt::saw_first_content() {
  if (outcome_.first_token_ms == 0) outcome_.first_token_ms = std::max<std::int64_t>(1, to_ms(context_.loop().now() - context_.began));
}

// An upstream may put anything there, also what it was asked: only what is surely a name is kept.
void Attempt::saw_model(const std::string& model) {
  if (model.empty() || model == model_said_) return;
  model_said_ = model;
  if (could_be_model_name(model) && context_.snapshot->detectors.find(model).empty()) outcome_.model_served = model;
}
void Attempt::saw_finish(FinishReason finish) { outcome_.finish_reason = name_of(finish); }

void Attempt::estimate_usage() {
  if (usage_.known() || ending_ != ledger::Ending::answered) return;
  if (context_.request->operation == Operation::transcription || context_.request->operation == Operation::translation ||
      context_.request->operation == Operation::ocr)
    return;
  usage_.input_tokens = context_.input_tokens_estimate;
  usage_.output_tokens = static_cast<std::int64_t>(produced_bytes_) / kBytesPerToken + (produced_bytes_ > 0 ? 1 : 0);
  usage_.estimated = true;
}

Task<bool> Attempt::settle(AttemptOutcome outcome, std::string reason, Ends ends) {
  const Monotonic now = context_.loop().now();
  estimate_usage();
  ledger::AttemptFacts facts{.upstream = spec_,
                             .model = model_,
                             .model_served = outcome_.model_served,
                             .operation = context_.request->operation,
                             .usage = usage_,
                             .ending = ending_,
                             .at = context_.received};
  if (spec_.tier == Tier::local) {
    const std::uint32_t busy = place_ ? place_->slots_busy() : 1;
    facts.engine = {.held = place_ ? place_->held(now) : now - began_, .slots = std::max(spec_.slots, busy), .slots_busy = busy};
    if (outcome == AttemptOutcome::served) context_.services.speeds.learn(spec_.name, usage_, facts.engine.held);
    if (outcome == AttemptOutcome::served && runtime_.engine) runtime_.engine->meter.served(usage_, facts.engine.held);
  }
  if (place_) place_->settle(outcome == AttemptOutcome::served);
  outcome_.intent = intent_index_, outcome_.id = context_.id, outcome_.attempt = number_;
  outcome_.outcome = outcome, outcome_.reason = std::move(reason), outcome_.last = ends == Ends::request;
  outcome_.usage = usage_;
  outcome_.charge = ledger::charge_attempt(context_.snapshot->pricing, facts, context_.snapshot->routing(), context_.services.speeds);
  if (filter_) {
    outcome_.answer_findings = answer_findings();
    outcome_.received_commitment = received_.finish();
  }
  took_ = now - context_.began, outcome_.total_ms = to_ms(took_);
  outcome_.log_us = std::chrono::duration_cast<std::chrono::microseconds>(log_wait_).count();
  remember_sensitivity();
  if (outcome == AttemptOutcome::served && context_.kept != nullptr) keep_reply(*context_.kept);
  hold_.settle(outcome_.charge.usd);
  record_metrics(ends);
  const Record record = outcome_;
  const auto index = co_await context_.services.log->append(context_.loop(), record);
  if (!index) co_return false;
  static_cast<void>(context_.services.projection->apply(*index, record));
  co_return true;
}

void Attempt::keep_reply(KeptReply& kept) const {
  const auto& said = filter_->kept();
  if (!said || said->bytes > KeptReply::kMostBytes) return;
  for (const auto& [channel, text] : said->by_channel)
    if (channel.kind == ChannelKind::text && channel.choice == 0) kept.text += text;
  kept.by = {planned_.upstream, planned_.model}, kept.tier = spec_.tier, kept.model = model_.name;
  kept.usage = usage_, kept.usd = outcome_.charge.usd, kept.took = took_ - (place_ ? place_->queued() : std::chrono::nanoseconds{0});
}

FindingCounts Attempt::answer_findings() const {
  FindingCounts counts = filter_->counts();
  privacy::add_counts(counts, found_);
  return counts;
}

// What was said in a conversation stays in it: later turns are at least as sensitive as this one and its answer.
void Attempt::remember_sensitivity() {
  if (produced_bytes_ == 0 || context_.inherited != nullptr) return;
  const Snapshot& snapshot = *context_.snapshot;
  Sensitivity level = context_.facts.sensitivity;
  if (const FindingCounts counts = answer_findings(); unread_ || !counts.empty()) {
    Attributes answer = context_.attributes;
    answer.findings = unread_ ? Attribute<FindingCounts>(Unknown{}) : Attribute<FindingCounts>(counts);
    answer.media = std::vector<Media>{}, answer.unexamined.clear();
    level = std::max(level, policy::sensitivity_of(snapshot.policy, snapshot.routing(), answer));
  }
  if (level > snapshot.routing().default_sensitivity) context_.services.conversations.raise(context_.conversation, level, context_.loop().now());
}

void Attempt::record_metrics(Ends ends) {
  if (ends == Ends::attempt) return;
  RequestSample sample{.operation = std::string(to_string(context_.request->operation)),
                       .tier = std::string(to_string(spec_.tier)),
                       .upstream = spec_.name,
                       .model = model_.name,
                       .outcome = std::string(to_string(outcome_.outcome))};
  sample.total_s = std::chrono::duration<double>(took_).count();
  if (outcome_.first_token_ms > 0) sample.first_token_s = static_cast<double>(outcome_.first_token_ms) / 1e3;
  sample.input_tokens = usage_.total_input(), sample.output_tokens = usage_.total_output();
  if (outcome_.charge.usd) sample.cost_pico_usd = static_cast<std::int64_t>(outcome_.charge.usd->pico());
  sample.attempts = number_ + 1;
  context_.services.metrics->record(context_.loop().index(), sample);
}

Headers Attempt::headers() const {
  std::string rules;
  for (const std::string& rule : planned_.rules) rules += (rules.empty() ? "" : ",") + rule;
  Headers headers{{"demarc-request-id", context_.id},
                  {"demarc-tier", std::string(to_string(spec_.tier))},
                  {"demarc-model", spec_.name + "/" + model_.name},
                  {"demarc-rule", rules}};
  if (planned_.substitute) headers.add("demarc-substitute-for", context_.request->model);
  if (number_ == 0 && std::ranges::find(context_.decision.matched, policy::kBelowFloor) != context_.decision.matched.end())
    headers.add("demarc-quality", "below-floor");
  if (number_ > 0) headers.add("demarc-attempts", std::to_string(number_ + 1));
  if (outcome_.charge.usd) headers.add("demarc-cost-usd", outcome_.charge.usd->print());
  return headers;
}

std::string Attempt::receipt_comment() const {
  std::string out;
  JsonWriter json(out);
  json.object([&] {
    json.field("id", context_.id);
    json.field("tier", to_string(spec_.tier));
    json.field("upstream", spec_.name);
    json.field("model", model_.name);
    json.array("rules", [&] {
      for (const std::string& rule : planned_.rules) json.value(rule);
    });
    json.object("charge", [&] {
      if (outcome_.charge.usd)
        json.field("usd", outcome_.charge.usd->print());
      else
        json.field("usd", json_null);
      json.field("kind", to_string(outcome_.charge.kind));
    });
  });
  return out;
}

}  // namespace demarc::gateway
