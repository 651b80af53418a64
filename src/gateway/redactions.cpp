#include "gateway/redactions.hpp"

#include <algorithm>

#include "base/ids.hpp"
#include "base/strings.hpp"
#include "dialect/errors.hpp"
#include "dialect/presidio.hpp"
#include "gateway/context.hpp"
#include "gateway/redaction_files.hpp"
#include "privacy/redactions.hpp"

namespace demarc::gateway {

ApiError conversation_full() {
  return {.kind = ErrorKind::too_large,
          .message = "The conversation holds as many values as it may.",
          .hint = "use a new \"conversation\", or the operator mask, hash or drop"};
}

namespace {

constexpr std::string_view kUpstream = "demarc", kModel = "detectors", kRule = "builtin:in-process";

std::string_view name_of(DetectorTier tier) {
  switch (tier) {
    case DetectorTier::structured: return "structured";
    case DetectorTier::model: return "model";
    case DetectorTier::reviewed: return "reviewed";
  }
  return "structured";
}

dialect::FoundInText found_in_text(const privacy::RedactionsResult::Found& found) {
  return {.type = found.finding.type,
          .kind = found.finding.kind,
          .reason = found.finding.reason,
          .start = found.start,
          .end = found.end,
          .score = found.finding.score,
          .tier = name_of(found.finding.tier)};
}

// One call on its way: who asks, what it is called in the log, and what was found.
class RedactionJob {
 public:
  RedactionJob(Exchange& client, Services& services, std::string_view dialect)
      : client_(client), services_(services), snapshot_(services.snapshots.current()), began_(client.loop().now()) {
    const Instant now = client.loop().clock().now();
    facts_.id = make_id("req", now, system_random().bytes<10>());
    facts_.received = now;
    facts_.operation = Operation::redaction;
    facts_.dialect = dialect;
    facts_.model_requested = kModel;
    facts_.declared = facts_.sensitivity = snapshot_->routing().default_sensitivity;
    facts_.policy_digest = snapshot_->policy.digest;
    facts_.findings.emplace();
  }

  Result<void, ApiError> identify() {
    const HttpRequest& http = client_.request();
    caller_ = TRY(identify_peer(http, *services_.keyring->current(), facts_.received, snapshot_->config.keys));
    TRY(access::require_scope(caller_, "inference"));
    if (const auto workload = http.headers.find("demarc-workload")) {
      TRY(access::may_name_workload(caller_, *workload, snapshot_->open_workloads, snapshot_->defined_workloads));
      facts_.workload = *workload;
    }
    facts_.key_id = caller_.key_id, facts_.team = caller_.team, facts_.role = caller_.role;
    governance::Commitment commitment = services_.commitments->begin(caller_.key_id, facts_.id, "request");
    commitment.update(http.body);
    facts_.request_commitment = commitment.finish();
    return {};
  }

  // A named conversation is the same one that chat requests name, so what was hidden here is known there.
  privacy::VaultSession open_vault(const std::string& conversation) {
    if (!conversation.empty()) facts_.conversation = keyed_digest(services_.pepper, "conversation", caller_.key_id + '\n' + conversation);
    return services_.vault->open({.caller = caller_.key_id, .conversation = facts_.conversation}, client_.loop().now());
  }

  Task<Result<std::vector<privacy::RedactionsResult>, ApiError>> run(const privacy::RedactionsRequest& request, privacy::VaultSession& session) {
    std::size_t bytes = 0;
    for (const std::string& text : request.input) bytes += text.size();
    if (bytes > static_cast<std::size_t>(snapshot_->config.limits.examine_mib) << 20) co_return fail(too_long("limits.examine_mib allows"));
    std::vector<privacy::Found> named;
    if (needs_names(request)) named = CO_TRY(co_await find_names(request.input));
    co_return co_await beside(bytes, [&] { return count(request, privacy::redactions(request, snapshot_->detectors, session, named)); });
  }

  // Work on so many bytes, where it holds up nobody else.
  template <class Work>
  Task<std::invoke_result_t<Work>> beside(std::size_t bytes, Work work) {
    return services_.readers->run_long(client_.loop(), bytes, std::move(work));
  }

  [[nodiscard]] const std::string& hash_key() const { return snapshot_->config.redaction.hash_key; }

  // Both records durable, and what the placeholders stand for, then the answer.
  Task<void> answer(std::string body, std::string_view content_type = "application/json") {
    const Record intent = IntentRecord{.request = facts_,
                                       .rules = {std::string(kRule)},
                                       .upstream = std::string(kUpstream),
                                       .model = std::string(kModel),
                                       .tier = Tier::local,
                                       .redactions = redactions_};
    OutcomeRecord done{.id = facts_.id, .status = 200, .model_served = std::string(kModel)};
    done.charge = {.kind = ChargeKind::unpriced, .usd = {}, .alternative = {}};
    done.total_ms = to_ms(client_.loop().now() - began_);
    if (!redactions_.empty() && services_.vault_file) static_cast<void>(co_await services_.vault_file->kept(client_.loop()));
    if (!co_await record(intent, std::move(done)))
      co_return co_await refuse(
          {ErrorKind::unavailable, "The audit log cannot be written, so nothing is served.", "", "demarc doctor names the cause"});
    const Headers headers{{"content-type", std::string(content_type)},
                          {"demarc-request-id", facts_.id},
                          {"x-request-id", facts_.id},
                          {"demarc-tier", "local"},
                          {"demarc-model", std::string(kUpstream) + "/" + std::string(kModel)},
                          {"demarc-rule", std::string(kRule)}};
    static_cast<void>(co_await client_.respond(200, headers, body));
  }

  Task<void> refuse(ApiError error) {
    const dialect::Family family = dialect::Family::openai;
    Headers headers = dialect::error_headers(family, error, facts_.id);
    headers.set("demarc-request-id", facts_.id);
    static_cast<void>(co_await client_.respond(dialect::error_status(family, error), headers, dialect::error_body(family, error, facts_.id)));
  }

 private:
  static ApiError too_long(std::string_view than) {
    return {.kind = ErrorKind::too_large,
            .message = "The texts are longer than " + std::string(than) + " in one call.",
            .hint = "send them in several calls with the same \"conversation\""};
  }

  [[nodiscard]] bool needs_names(const privacy::RedactionsRequest& request) const {
    if (!snapshot_->names || request.mode == privacy::RedactionMode::restore) return false;
    if (request.types.empty()) return true;
    const auto types = snapshot_->names->names->types();
    return std::ranges::any_of(types, [&](std::string_view type) { return std::ranges::find(request.types, type) != request.types.end(); });
  }

  // Who cannot look says so: a text that nobody read must not be taken for one in which nothing stands.
  ApiError unread(privacy::Unreadable why) const {
    switch (why) {
      case privacy::Unreadable::size: return too_long("the detector of names reads");
      case privacy::Unreadable::language:
        return {.kind = ErrorKind::bad_request,
                .message = "A text is in a language that the detector of names is not trusted with, so what stands in it is unknown.",
                .param = "input",
                .hint = "detectors.names in demarc.yaml: languages, other_language; or name the \"types\" to look for"};
      case privacy::Unreadable::time:
        return {.kind = ErrorKind::unavailable,
                .message = "The detector of names did not get done in time.",
                .hint = "the same call again goes on where this one stopped; limits.examine_ms in demarc.yaml",
                .retry_after_s = 1};
      case privacy::Unreadable::none:
      case privacy::Unreadable::opaque:
      case privacy::Unreadable::remote:
      case privacy::Unreadable::declared:
      case privacy::Unreadable::depth:
      case privacy::Unreadable::detector: break;
    }
    return {.kind = ErrorKind::unavailable,
            .message = "The detector of names does not answer, so what stands in the texts is unknown.",
            .hint = "demarc status names the cause",
            .retry_after_s = 1};
  }

  Task<Result<std::vector<privacy::Found>, ApiError>> find_names(std::span<const std::string> texts) {
    const NamesDetector& detector = *snapshot_->names;
    privacy::NamesWork work = detector.names->begin(texts);
    Loop& loop = client_.loop();
    co_await ask_names(detector, work,
                       {.loop = loop,
                        .http = *services_.clients[loop.index()],
                        .cancellation = client_.cancellation(),
                        .deadline = Deadline::in(loop.now(), std::chrono::milliseconds(snapshot_->config.limits.examine_ms)),
                        .request_id = facts_.id});
    if (work.why != privacy::Unreadable::none) co_return fail(unread(work.why));
    co_return privacy::Names::found(work, texts);
  }

  Result<std::vector<privacy::RedactionsResult>, ApiError> count(const privacy::RedactionsRequest& request,
                                                                 Result<std::vector<privacy::RedactionsResult>, privacy::RedactionsError> results) {
    if (!results) return fail(conversation_full());
    for (const auto& result : *results)
      for (const auto& found : result.findings) {
        ++(*facts_.findings)[found.finding.type];
        if (request.mode == privacy::RedactionMode::redact) ++redactions_[found.finding.type];
      }
    return std::move(*results);
  }

  Task<bool> record(const Record& intent, OutcomeRecord done) {
    const auto index = co_await services_.log->append(client_.loop(), intent);
    if (!index) co_return false;
    static_cast<void>(services_.projection->apply(*index, intent));
    done.intent = *index;
    const Record outcome = std::move(done);
    const auto sealed = co_await services_.log->append(client_.loop(), outcome);
    if (!sealed) co_return false;
    static_cast<void>(services_.projection->apply(*sealed, outcome));
    co_return true;
  }

  Exchange& client_;
  Services& services_;
  const std::shared_ptr<const Snapshot> snapshot_;
  const Monotonic began_;
  Caller caller_;
  RequestFacts facts_;
  FindingCounts redactions_;
};

Result<privacy::RedactionsRequest, ApiError> request_of(const dialect::RedactionsCall& call) {
  const auto mode = privacy::parse_redaction_mode(call.mode);
  if (!mode) return fail(ApiError{ErrorKind::bad_request, "expected detect, redact or restore", "mode"});
  const auto op = privacy::parse_redaction_operator(call.op);
  if (!op) return fail(ApiError{ErrorKind::bad_request, "expected placeholder, surrogate, mask, hash or drop", "operator"});
  privacy::RedactionsRequest request{.mode = *mode, .op = *op, .types = call.types};
  for (const dialect::RedactionInput& input : call.input)
    for (const dialect::RedactionLeaf& leaf : input.leaves) request.input.push_back(leaf.text);
  return request;
}

Result<dialect::RedactionsCall, ApiError> read_call(HttpRequest& http, const dialect::RedactionsLimits& limits) {
  const std::string type = to_lower(http.headers.get("content-type"));
  if (type.starts_with("multipart/form-data")) return dialect::read_redactions_form(http.body, http.headers.get("content-type"), limits);
  if (type.starts_with("application/x-ndjson") || type.starts_with("application/jsonl"))
    return dialect::read_redactions_lines(http.body, http.query(), limits);
  return dialect::read_redactions(http.body, limits);
}

void fill_in(dialect::RedactionsCall& call, std::vector<privacy::RedactionsResult> results) {
  auto result = results.begin();
  for (dialect::RedactionInput& input : call.input)
    for (dialect::RedactionLeaf& leaf : input.leaves) {
      leaf.output = std::move(result->output);
      for (const auto& found : result->findings) leaf.findings.push_back(found_in_text(found));
      ++result;
    }
}

Task<void> serve_redactions(Exchange& exchange, Services& services) {
  RedactionJob job(exchange, services, "demarc.redactions");
  if (auto known = job.identify(); !known) co_return co_await job.refuse(std::move(known).error());
  const dialect::RedactionsLimits limits{.depth = static_cast<std::size_t>(services.snapshots.current()->config.limits.json_depth)};
  const std::size_t bytes = exchange.request().body.size();
  auto call = co_await job.beside(bytes, [&] { return read_call(exchange.request(), limits); });
  if (!call) co_return co_await job.refuse(std::move(call).error());
  const auto files = co_await job.beside(bytes, [&] { return RedactionFiles::open(*call, limits); });
  if (!files) co_return co_await job.refuse(files.error());
  auto request = co_await job.beside(bytes, [&] { return request_of(*call); });
  if (!request) co_return co_await job.refuse(request.error());
  request->hash_key = job.hash_key();
  privacy::VaultSession session = job.open_vault(call->conversation);
  auto results = co_await job.run(*request, session);
  if (!results) co_return co_await job.refuse(std::move(results).error());
  const RewriteFiles rewrite = request->mode == privacy::RedactionMode::detect ? RewriteFiles::no : RewriteFiles::yes;
  const std::string id = make_id("red", exchange.loop().clock().now(), system_random().bytes<10>());
  auto body = co_await job.beside(bytes, [&]() -> Result<std::string, ApiError> {
    fill_in(*call, *std::move(results));
    TRY(files->close(*call, rewrite));
    return dialect::redactions_body(id, *call);
  });
  if (!body) co_return co_await job.refuse(std::move(body).error());
  co_await job.answer(*std::move(body), call->framing == dialect::Framing::lines ? "application/x-ndjson" : "application/json");
}

Task<void> serve_analyze(Exchange& exchange, Services& services) {
  RedactionJob job(exchange, services, "presidio.analyze");
  if (auto known = job.identify(); !known) co_return co_await job.refuse(std::move(known).error());
  const std::size_t bytes = exchange.request().body.size();
  const auto ask = co_await job.beside(bytes, [&] { return dialect::read_presidio_analyze(exchange.request().body); });
  if (!ask) co_return co_await job.refuse(ask.error());
  privacy::VaultSession session = job.open_vault("");
  const privacy::RedactionsRequest request{.input = ask->texts, .mode = privacy::RedactionMode::detect};
  const auto results = co_await job.run(request, session);
  if (!results) co_return co_await job.refuse(results.error());
  co_await job.answer(co_await job.beside(bytes, [&] {
    std::vector<std::vector<dialect::FoundInText>> found;
    for (const auto& result : *results) {
      auto& of_text = found.emplace_back();
      for (const auto& one : result.findings) of_text.push_back(found_in_text(one));
    }
    return dialect::presidio_results_body(*ask, found);
  }));
}

Task<void> serve_anonymize(Exchange& exchange, Services& services) {
  RedactionJob job(exchange, services, "presidio.anonymize");
  if (auto known = job.identify(); !known) co_return co_await job.refuse(std::move(known).error());
  const std::size_t bytes = exchange.request().body.size();
  const auto order = co_await job.beside(bytes, [&] { return dialect::read_presidio_anonymize(exchange.request().body); });
  if (!order) co_return co_await job.refuse(order.error());
  const privacy::VaultSession session = job.open_vault("");
  const auto digest = [&](std::string_view type, std::string_view value) { return privacy::hash_of(type, value, job.hash_key(), session); };
  co_await job.answer(co_await job.beside(bytes, [&] { return dialect::presidio_anonymized_body(*order, digest); }));
}

Task<void> serve_entities(Exchange& exchange, Services& services) {
  if (!co_await authorised(exchange, services, "inference")) co_return;
  const auto snapshot = services.snapshots.current();
  auto types = snapshot->detectors.types();
  if (snapshot->names)
    for (const std::string_view type : snapshot->names->names->types())
      if (std::ranges::find(types, type) == types.end()) types.push_back(type);
  co_await respond_json(exchange, 200, dialect::presidio_names_body({types.begin(), types.end()}));
}

Task<void> serve_presidio_health(Exchange& exchange) {
  static_cast<void>(co_await exchange.respond(200, {{"content-type", "text/plain"}}, "demarc answers as Presidio does\n"));
}

}  // namespace

void add_redaction_routes(Router& router, Services& services) {
  using Handle = Task<void> (*)(Exchange&, Services&);
  const auto add = [&](const char* method, const char* path, Handle handle) {
    router.add(method, path, [&services, handle](Exchange& exchange) { return handle(exchange, services); });
  };
  add("POST", "/v1/redactions", serve_redactions);
  add("POST", "/presidio/analyze", serve_analyze);
  add("POST", "/presidio/anonymize", serve_anonymize);
  add("GET", "/presidio/supportedentities", serve_entities);
  router.add("GET", "/presidio/health", [](Exchange& exchange) { return serve_presidio_health(exchange); });
}

}  // namespace demarc::gateway
