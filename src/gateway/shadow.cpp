#include "gateway/shadow.hpp"

#include <algorithm>
#include <chrono>

#include "base/ids.hpp"
#include "core/json/writer.hpp"
#include "gateway/answer_names.hpp"
#include "gateway/jobs/keep_file.hpp"
#include "gateway/serve_request.hpp"
#include "gateway/sub_exchange.hpp"
#include "planning/pilot/evidence.hpp"

namespace demarc::gateway {
namespace {

constexpr std::int64_t kMostAtOnce = 8;  // over all loops; more are not of the share

// All that a shadow needs when its request is gone.
struct Shadowed {
  Shadowed(Loop& loop_in, Services& services_in, HttpRequest http) : services(services_in), exchange(loop_in, std::move(http)) {}
  Services& services;
  InnerExchange exchange;
  const dialect::Dialect* dialect = nullptr;
  Inherited inherited;
  ShadowSpec spec;
  std::string request;  // as a chat of OpenAI's: what both were asked
  KeptReply present, candidate;
};

std::optional<CandidateIndex> candidate_of(const Routing& routing, const TargetRef& target) {
  for (std::size_t u = 0; u < routing.upstreams.size(); ++u) {
    if (routing.upstreams[u].name != target.upstream) continue;
    for (std::size_t m = 0; m < routing.upstreams[u].models.size(); ++m) {
      const ModelSpec& model = routing.upstreams[u].models[m];
      if (!target.model.empty() && model.name != target.model) continue;
      if (std::ranges::find(model.serves, Operation::chat) != model.serves.end()) return CandidateIndex{u, m};
    }
  }
  return {};
}

bool drawn(double share) {
  const auto bytes = system_random().bytes<4>();
  const std::uint32_t number = (std::uint32_t{bytes[0]} << 24) | (std::uint32_t{bytes[1]} << 16) | (std::uint32_t{bytes[2]} << 8) | bytes[3];
  return number < share * 4294967296.0;
}

planning::PilotRow row_of(const std::string& id, planning::PilotSide side, const KeptReply& kept) {
  return {.id = id,
          .model = kept.model,
          .answer = kept.text,
          .side = side,
          .status = 200,
          .ms = std::chrono::duration<double, std::milli>(kept.took).count(),
          .input_tokens = kept.usage.input_tokens.value_or(0) + kept.usage.cached_input_tokens.value_or(0),
          .output_tokens = kept.usage.output_tokens.value_or(0),
          .usd = kept.usd,
          .local = kept.tier == Tier::local};
}

planning::PilotRow failed_row(const std::string& id, const std::string& model, int status) {
  return {
      .id = id, .model = model, .error = "status " + std::to_string(status), .side = planning::PilotSide::candidate, .status = status, .local = true};
}

std::string pair_json(const Shadowed& shadowed, const std::string& model, Instant at) {
  const std::string& id = shadowed.inherited.parent;
  std::string out;
  JsonWriter json(out);
  json.object([&] {
    json.field("id", id), json.field("at", format_rfc3339(at)), json.field("workload", shadowed.inherited.workload);
    json.raw_field("request", shadowed.request);
    json.raw_field("present", planning::to_json(row_of(id, planning::PilotSide::present, shadowed.present)));
    json.raw_field("candidate", planning::to_json(shadowed.candidate.by ? row_of(id, planning::PilotSide::candidate, shadowed.candidate)
                                                                        : failed_row(id, model, shadowed.exchange.status())));
  });
  return out;
}

// A pair less is no harm to anybody: what cannot be kept is not.
Task<void> keep_pair(Shadowed& shadowed) {
  const Snapshot& snapshot = *shadowed.inherited.snapshot;
  const CandidateIndex only = *shadowed.inherited.only;
  const Instant now = shadowed.exchange.loop().clock().now();
  const std::string bytes = pair_json(shadowed, snapshot.routing().upstreams[only.upstream].models[only.model].name, now);
  const StoredFile file{.id = "file-" + make_uuid7(now, system_random().bytes<10>()),
                        .owner = shadowed.inherited.caller.key_id,
                        .filename = shadowed.inherited.workload,
                        .purpose = std::string(kShadowPurpose),
                        .bytes = static_cast<std::int64_t>(bytes.size()),
                        .created = now,
                        .expires = Instant{now.unix_ns + snapshot.config.files.keep_days * 86'400 * 1'000'000'000}};
  Keeper& keeper = *shadowed.services.jobs;
  co_await keeper.on_side(shadowed.exchange.loop(), [&] {
    const auto kept = keeper.store().count_files(file.purpose, file.filename);
    return kept && *kept < shadowed.spec.pairs && keep_file(keeper, snapshot.config.limits, file, bytes).ok();
  });
}

struct UnderWay {
  explicit UnderWay(std::atomic<std::int64_t>& count) : count_(count) { ++count_; }
  ~UnderWay() { --count_; }
  UnderWay(const UnderWay&) = delete;
  UnderWay& operator=(const UnderWay&) = delete;

 private:
  std::atomic<std::int64_t>& count_;
};

Task<void> run_shadow(std::unique_ptr<Shadowed> shadowed) {
  const UnderWay one(shadowed->services.shadows);
  shadowed->inherited.kept = &shadowed->candidate;
  co_await serve_request(shadowed->exchange, shadowed->services, *shadowed->dialect, &shadowed->inherited);
  const int status = shadowed->exchange.status();
  if (status == 0 || status == 403 || shadowed->services.draining) co_return;  // the policy keeps it from the candidate: there is no pair
  co_await keep_pair(*shadowed);
}

}  // namespace

Shadowing::Shadowing(RequestContext& context) : context_(context) {
  if (context.inherited != nullptr || context.workload.empty() || context.request->operation != Operation::chat) return;
  const auto& workloads = context.snapshot->routing().workloads;
  const auto own = std::ranges::find(workloads, context.workload, &WorkloadSpec::name);
  if (own == workloads.end() || !own->shadow || masks_names(*context.snapshot)) return;
  if (context.services.shadows >= kMostAtOnce || !drawn(own->shadow->share)) return;
  spec_ = &*own->shadow;
  context.kept = &present_;
}

void Shadowing::begin() {
  if (spec_ == nullptr || !present_.by || context_.services.draining) return;
  const Routing& routing = context_.snapshot->routing();
  const auto candidate = candidate_of(routing, spec_->candidate);
  if (!candidate || *candidate == *present_.by) return;  // it answered itself
  auto asked = dialect::to_upstream(*context_.request, {}, Provider::openai, "");
  if (!asked) return;
  const HttpRequest& came = context_.client.request();
  HttpRequest again{.method = came.method, .target = came.target, .headers = came.headers, .body = context_.request->body, .remote = "shadow"};
  again.body.reserve(again.body.size() + 64);  // for the parser's padding
  auto shadowed = std::make_unique<Shadowed>(context_.loop(), context_.services, std::move(again));
  shadowed->dialect = &context_.dialect;
  shadowed->inherited = {.parent = context_.id,
                         .caller = context_.caller,
                         .workload = context_.workload,
                         .sensitivity = context_.facts.sensitivity,
                         .tier = Tier::local,
                         .work_class = WorkClass::batch,
                         .snapshot = context_.snapshot,
                         .only = candidate};
  shadowed->spec = *spec_;
  shadowed->request = std::move(asked->body);
  shadowed->present = std::move(present_);
  spawn(run_shadow(std::move(shadowed)));
}

}  // namespace demarc::gateway
