#include "gateway/make_snapshot.hpp"

#include <algorithm>
#include <thread>

#include "core/io/disk.hpp"
#include "privacy/user_patterns.hpp"
#include "text/classifier.hpp"

namespace demarc::gateway {
namespace {

constexpr std::size_t kPriceFileBytes = 4 << 20;

Result<policy::CompiledPolicy, std::string> compile_policy(const config::Config& config, const privacy::Detectors& detectors,
                                                           const std::optional<NamesDetector>& names) {
  std::string text = config.policy_text, name = "the embedded policy";
  if (!config.policy_path.empty()) {
    auto read = read_file(real_disk(), config.policy_path, policy::kMaxFileBytes);
    if (!read) return fail(config.policy_path + ": " + std::string(to_string(read.error())));
    text = std::move(*read), name = config.policy_path;
  }
  if (text.empty()) text = policy::kDefaultPolicy;
  policy::FindingTypes covered;
  for (const std::string_view type : detectors.types()) covered.emplace(std::string(type));
  if (names)
    for (const std::string_view type : names->names->types()) covered.emplace(std::string(type));
  auto compiled = policy::compile(text, name, config.routing, &covered);
  if (compiled) return std::move(*compiled);
  std::string problems;
  for (const auto& problem : compiled.error()) problems += (problems.empty() ? "" : "\n") + policy::print(problem);
  return fail(std::move(problems));
}

// What an engine is started with is what decide() must know: a longer request is not for it.
void state_context_of_engines(Routing& routing) {
  for (UpstreamSpec& upstream : routing.upstreams)
    if (upstream.engine == EngineKind::llama)
      for (ModelSpec& model : upstream.models) model.context_tokens = model.context_tokens.value_or(engine::kDefaultContextTokens);
}

Result<ledger::Pricing, std::string> load_pricing(const config::Config& config) {
  std::vector<ledger::PriceText> texts;
  for (const std::string& source : config.prices) {
    if (source == "builtin") {
      texts.push_back(ledger::builtin_prices());
      continue;
    }
    auto read = read_file(real_disk(), source, kPriceFileBytes);
    if (!read) return fail(source + ": " + std::string(to_string(read.error())));
    texts.push_back({source, std::move(*read)});
  }
  auto book = ledger::PriceBook::load(texts);
  if (!book) return fail(book.error().print());
  ledger::Pricing pricing{.book = std::move(*book), .local = std::nullopt};
  if (config.costs) pricing.local.emplace(*config.costs);
  return pricing;
}

std::vector<bool> pins_of(const UpstreamSpec& spec, const std::vector<TargetRef>& snapshots) {
  std::vector<bool> pinned;
  for (const ModelSpec& model : spec.models)
    pinned.push_back(spec.engine || (spec.tier == Tier::cloud && std::ranges::any_of(snapshots, [&](const TargetRef& pin) {
                                       return pin.upstream == spec.name && pin.model == model.name;
                                     })));
  return pinned;
}

Result<std::shared_ptr<EngineUnit>, std::string> start_engine(const UpstreamSpec& spec, const config::Limits& limits, const SnapshotSources& sources,
                                                              Fleet& fleet) {
  engine::EnginePlan plan{
      .upstream = spec, .model = TRY(sources.resolve_model(spec.models[0].name)), .run_folder = sources.run_folder, .programs = sources.programs};
  plan.cores = usable_cores();
  plan.start_timeout_ms = static_cast<int>(limits.engine_start_ms);
  plan.hang_timeout_ms = static_cast<int>(limits.engine_hang_ms), plan.stuck_timeout_ms = static_cast<int>(limits.engine_stuck_ms);
  const DocumentLimits& of_documents = limits;
  plan.document_limits = of_documents;
  return fleet.obtain(plan, static_cast<std::size_t>(limits.queued));
}

Origin origin_of(const EngineUnit& unit) {
  return {.kind = Origin::Kind::unix_socket, .host = "localhost", .unix_path = unit.engine.spec().socket_path, .base_path = "/v1"};
}

Result<UpstreamRuntime, std::string> make_runtime(const UpstreamSpec& spec, const std::optional<Origin>& origin, const config::Limits& limits,
                                                  const SnapshotSources& sources, Fleet& fleet) {
  UpstreamRuntime runtime;
  if (!spec.engine) {
    runtime.origin = *origin;
    if (origin->kind != Origin::Kind::unix_socket) runtime.address = origin->host + ":" + std::to_string(origin->port);
    return runtime;
  }
  runtime.engine = TRY(start_engine(spec, limits, sources, fleet));
  runtime.origin = origin_of(*runtime.engine);
  return runtime;
}

// The model says by its labels what it can find; where nothing changed, what it said before is still known.
Result<std::optional<NamesDetector>, std::string> make_names(const config::Config& config, const SnapshotSources& sources, Services& services) {
  if (!config.names) return std::optional<NamesDetector>();
  const NamesSettings& settings = *config.names;
  UpstreamSpec spec;
  spec.name = NamesDetector::kName;
  spec.engine = EngineKind::tensor;
  spec.models = {{.name = settings.model}};
  spec.loading = Loading::always;
  spec.slots = settings.slots, spec.threads = settings.threads, spec.memory_limit_bytes = settings.memory_limit_bytes;
  NamesDetector detector;
  detector.engine = TRY(start_engine(spec, config.limits, sources, *services.fleet));
  detector.origin = origin_of(*detector.engine);
  const auto former = services.snapshots.current();
  if (former && former->names && former->names->engine == detector.engine && former->names->names->settings() == settings) return former->names;
  detector.names =
      std::make_shared<privacy::Names>(settings, TRY(privacy::kinds_of_model(detector.engine->plan.model.path)), system_random().bytes<32>());
  return std::optional(std::move(detector));
}

// The files of workloads' classifiers, each of a model that an engine here serves.
Result<void, std::string> load_classifiers(Snapshot& next) {
  const Routing& routing = next.routing();
  for (const WorkloadSpec& workload : routing.workloads) {
    if (workload.classifier.empty()) continue;
    const auto wrong = [&](const std::string& what) { return fail("workload " + workload.name + ": " + workload.classifier + ": " + what); };
    auto text = read_file(real_disk(), workload.classifier, text::kMaxClassifierBytes);
    if (!text) return wrong(std::string(to_string(text.error())));
    const auto classifier = text::Classifier::read(*text);
    if (!classifier) return wrong(classifier.error());
    const bool served = std::ranges::any_of(next.upstreams, [&](const UpstreamRuntime& upstream) {
      return upstream.engine && upstream.engine->plan.model.digest == classifier->lineage.model_digest;
    });
    if (!served)
      return wrong("it was trained on vectors of " + classifier->lineage.model + " (" + classifier->lineage.model_digest +
                   "), which no engine here serves");
    next.classifiers.emplace(workload.name, std::move(*text));
  }
  return {};
}

// Where nothing changed, what was reviewed before is still known.
std::shared_ptr<const privacy::Review> make_review(const config::Config& config, const Services& services) {
  if (!config.review) return nullptr;
  const auto former = services.snapshots.current();
  if (former && former->review && former->review->settings() == *config.review) return former->review;
  return std::make_shared<const privacy::Review>(*config.review, system_random().bytes<32>());
}

}  // namespace

Result<std::shared_ptr<const Snapshot>, std::string> make_snapshot(const SnapshotSources& sources, Services& services) {
  auto next = std::make_shared<Snapshot>();
  next->config = TRY(sources.load_config());
  state_context_of_engines(next->config.routing);
  services.fleet->configure({.limit_bytes = next->config.memory.limit_bytes,
                             .stay = std::chrono::seconds(next->config.memory.stay_s),
                             .room = std::chrono::milliseconds(next->config.limits.room_ms)});
  auto names = make_names(next->config, sources, services);
  if (!names) return fail("detectors.names: " + names.error());
  next->names = std::move(*names);
  next->review = make_review(next->config, services);
  auto detectors = privacy::load_detectors(next->config.patterns, real_disk());
  if (!detectors) return fail(privacy::print(detectors.error()));
  next->detectors = std::move(*detectors);
  next->policy = TRY(compile_policy(next->config, next->detectors, next->names));
  next->pricing = TRY(load_pricing(next->config));
  const std::vector<TargetRef> pins = sources.pinned_snapshots ? TRY(sources.pinned_snapshots()) : std::vector<TargetRef>{};
  const Routing& routing = next->routing();
  next->open_workloads = policy::open_workloads(next->policy, routing);
  for (const WorkloadSpec& workload : routing.workloads) next->defined_workloads.push_back(workload.name);
  next->states = std::make_shared<upstream::UpstreamStates>(routing);
  if (const auto former = services.snapshots.current()) next->states->take_over(*former->states, routing, former->routing());
  for (std::size_t u = 0; u < routing.upstreams.size(); ++u) {
    auto runtime = make_runtime(routing.upstreams[u], next->config.origins[u], next->config.limits, sources, *services.fleet);
    if (!runtime) return fail("upstream " + routing.upstreams[u].name + ": " + runtime.error());
    if (runtime->engine) next->states->set_engine(u, runtime->engine->health());
    runtime->pinned = pins_of(routing.upstreams[u], pins);
    if (runtime->engine && sources.profile_of) {
      runtime->profile = sources.profile_of(runtime->engine->plan.model.digest);
      services.speeds.foresee(routing.upstreams[u].name, runtime->profile);
    }
    next->upstreams.push_back(std::move(*runtime));
  }
  TRY(load_classifiers(*next));
  if (auto configured = services.budgets->configure(next->config.budgets, system_clock().now()); !configured) return fail(configured.error().message);
  return std::shared_ptr<const Snapshot>(std::move(next));
}

}  // namespace demarc::gateway
