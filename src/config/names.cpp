// What a request may name: models, aliases, workloads. Each name means one thing, and what aliases and substitutes point at exists.
#include <algorithm>
#include <map>

#include "config/context.hpp"

namespace demarc::config {
namespace {

constexpr std::size_t kMaxName = 64;
constexpr std::size_t kMaxModelName = 256;
constexpr std::string_view kWorkloadPrefix = "workload/";

// [A-Za-z0-9][A-Za-z0-9._-]{0,63}
bool is_name(std::string_view name) {
  const auto is_word = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); };
  return !name.empty() && name.size() <= kMaxName && is_word(name.front()) &&
         std::ranges::all_of(name, [&](char c) { return is_word(c) || c == '.' || c == '_' || c == '-'; });
}

bool is_model_name(std::string_view name) {
  return !name.empty() && name.size() <= kMaxModelName && std::ranges::all_of(name, [](unsigned char c) { return c > 0x20 && c != 0x7f; });
}

// Name → what it is, for one space of names.
class NameSpace {
 public:
  void claim(const YamlNode& at, const std::string& name, const std::string& kind, Problems& problems) {
    if (name == "auto") return problems.error(at, "'auto' means all upstreams; call this " + kind + " something else");
    const auto [found, fresh] = kinds_.emplace(name, kind);
    if (fresh || (kind == "model" && found->second == kind)) return;  // one model may be served by several upstreams
    problems.error(at, "'" + name + "' would mean two things: " + found->second + " and " + kind);
  }
  [[nodiscard]] bool contains(const std::string& name) const { return kinds_.contains(name); }
  [[nodiscard]] std::vector<std::string> names() const {
    std::vector<std::string> out;
    for (const auto& [name, kind] : kinds_) out.push_back(name);
    return out;
  }

 private:
  std::map<std::string, std::string, std::less<>> kinds_;
};

struct Names {
  NameSpace requested;  // models, aliases, workloads
  NameSpace targets;    // upstreams, aliases: what stands in lists of targets
};

bool well_formed(const YamlNode& at, const std::string& name, Problems& problems) {
  if (name.empty() || at.unexpanded) return false;  // check() has said so; unknown
  if (is_name(name)) return true;
  problems.error(at, shown(at) + " is not a name: letters, digits, '.', '_', '-', at most 64, beginning with a letter or digit");
  return false;
}

void claim_models(const Fields& upstream, Names& names, Problems& problems) {
  const auto claim = [&](const YamlNode& node) {
    if (node.kind != YamlKind::scalar || node.unexpanded || trim(node.text).empty()) return;
    const std::string name(trim(node.text));
    if (!is_model_name(name)) return problems.error(node, "a model's name has no spaces and at most 256 bytes");
    if (name.starts_with(kWorkloadPrefix))
      return problems.error(node, "a model's name cannot begin with 'workload/', by which callers name workloads");
    names.requested.claim(node, name, "model", problems);
  };
  if (const YamlNode* model = upstream.scalar("model")) claim(*model);
  const YamlNode* models = upstream.node("models");
  if (models == nullptr) return;
  for (const YamlNode& item : models->items) {
    const YamlNode* name = item.kind == YamlKind::map ? item.find("name") : &item;
    if (name != nullptr) claim(*name);
  }
}

void claim_upstreams(const Fields& root, Names& names, Problems& problems) {
  for (const YamlNode* item : root.sections("upstreams")) {
    const Fields fields(*item);
    if (const YamlNode* name = fields.scalar("name"); name != nullptr && well_formed(*name, std::string(trim(name->text)), problems))
      names.targets.claim(*name, std::string(trim(name->text)), "upstream", problems);
    claim_models(fields, names, problems);
  }
}

// Whisper keeps the last 223 tokens of what it is told, which are seldom fewer bytes.
constexpr std::size_t kMostSpeechBytes = 600;

void load_speech(const Fields& fields, Problems& problems, WorkloadSpec& spec) {
  const auto speech = fields.section("speech");
  if (!speech) return;
  spec.speech_prompt = speech->text("prompt").value_or("");
  spec.speech_language = to_lower(speech->text("language").value_or(""));
  std::size_t bytes = spec.speech_prompt.size();
  for (const YamlNode* term : speech->list("glossary")) {
    spec.speech_glossary.emplace_back(trim(term->text));
    bytes += spec.speech_glossary.back().size() + 2;
  }
  if (bytes > kMostSpeechBytes)
    problems.error(speech->map(), "prompt and glossary have " + std::to_string(bytes) + " bytes together; the speech model keeps no more than " +
                                      std::to_string(kMostSpeechBytes));
}

void load_classifier(const Fields& fields, const std::string& folder, Problems& problems, WorkloadSpec& spec) {
  const auto path = fields.text("classifier");
  if (!path) return;
  spec.classifier = resolve(folder, *path);
  if (spec.operation.value_or(Operation::classification) != Operation::classification)
    problems.error(*fields.node("classifier"), "a classifier goes with operation: classification");
}

void load_repository(const Fields& fields, const std::string& folder, Problems& problems, WorkloadSpec& spec) {
  const auto path = fields.text("repository");
  if (!path) return;
  spec.repository = resolve(folder, *path);
  if (spec.operation.value_or(Operation::fim) != Operation::fim) problems.error(*fields.node("repository"), "a repository goes with operation: fim");
}

std::optional<TargetRef> target_of(const YamlNode& node, const Routing& routing, Problems& problems) {
  if (node.unexpanded) return {};
  const std::string text(trim(node.text));
  const std::size_t slash = text.find('/');
  const std::string upstream = text.substr(0, slash);
  std::vector<std::string> names, models;
  const UpstreamSpec* found = nullptr;
  for (const UpstreamSpec& spec : routing.upstreams) {
    names.push_back(spec.name);
    if (spec.name == upstream) found = &spec;
  }
  if (found == nullptr) return problems.error(node, shown(node) + " names no upstream" + did_you_mean(upstream, names)), std::nullopt;
  if (slash == std::string::npos) return TargetRef{upstream, ""};

  const std::string model = text.substr(slash + 1);
  for (const ModelSpec& spec : found->models) {
    if (spec.name == model) return TargetRef{upstream, model};
    models.push_back(spec.name);
  }
  return problems.error(node, shown(node) + ": the upstream " + upstream + " has no such model" + did_you_mean(model, models)), std::nullopt;
}

// What goes to a shadow goes to it for nobody's sake, so it stays at home: the policy permits the cloud for the request that was made.
void load_shadow(const Fields& fields, const Routing& routing, Problems& problems, WorkloadSpec& spec) {
  const auto shadow = fields.section("shadow");
  if (!shadow) return;
  ShadowSpec out{.share = static_cast<double>(shadow->ppm("share").value_or(0)) / 1e6, .pairs = shadow->whole("pairs").value_or(ShadowSpec{}.pairs)};
  if (out.share <= 0) problems.error(shadow->map(), "shadow.share is above 0 and at most 1");
  if (spec.operation.value_or(Operation::chat) != Operation::chat) problems.error(shadow->map(), "a shadow goes with operation: chat");
  const YamlNode* node = shadow->scalar("candidate");
  if (node == nullptr) return;
  const auto target = target_of(*node, routing, problems);
  if (!target) return;
  out.candidate = *target;
  const auto upstream = std::ranges::find(routing.upstreams, target->upstream, &UpstreamSpec::name);
  const bool chats = std::ranges::any_of(upstream->models, [&](const ModelSpec& model) {
    return (target->model.empty() || model.name == target->model) && std::ranges::find(model.serves, Operation::chat) != model.serves.end();
  });
  if (upstream->tier != Tier::local)
    problems.error(*node, shown(*node) + " is of the cloud: a shadow's candidate is of the local tier, so that mirroring sends nothing out");
  if (!chats) problems.error(*node, shown(*node) + " serves no chats");
  spec.shadow = out;
}

void load_workloads(const Fields& root, const std::string& folder, Names& names, Problems& problems, Routing& routing) {
  for (const YamlNode* item : root.sections("workloads")) {
    const Fields fields(*item);
    WorkloadSpec spec;
    spec.name = fields.text("name").value_or("");
    spec.operation = fields.parsed("operation", parse_operation);
    spec.sensitivity = fields.parsed("sensitivity", parse_sensitivity);
    spec.bucket = fields.text("bucket").value_or("");
    spec.owner = fields.text("owner").value_or("");
    spec.work_class = fields.parsed("class", parse_work_class);
    load_speech(fields, problems, spec);
    load_classifier(fields, folder, problems, spec);
    load_repository(fields, folder, problems, spec);
    load_shadow(fields, routing, problems, spec);
    if (const auto floor_ppm = fields.ppm("quality_floor")) spec.quality_floor = static_cast<double>(*floor_ppm) / 1e6;
    if (const YamlNode* name = fields.scalar("name"); name != nullptr && well_formed(*name, spec.name, problems))
      names.requested.claim(*name, spec.name, "workload", problems);
    routing.workloads.push_back(std::move(spec));
  }
}

NamedTargets targets_of(const YamlNode& key, const YamlNode& value, const Routing& routing, Problems& problems) {
  NamedTargets out;
  out.name = key.text;
  for (const YamlNode* item : Fields::scalars_of(value))
    if (auto target = target_of(*item, routing, problems)) out.targets.push_back(std::move(*target));
  return out;
}

void load_aliases(const Fields& root, Names& names, Problems& problems, Routing& routing) {
  const auto aliases = root.section("aliases");
  if (!aliases) return;
  for (std::size_t i = 0; i < aliases->map().keys.size(); ++i) {
    const YamlNode& key = aliases->map().keys[i];
    const bool first = aliases->map().find(key.text) == &aliases->map().items[i];  // check() has reported a second
    if (first && well_formed(key, key.text, problems)) {
      names.requested.claim(key, key.text, "alias", problems);
      if (key.text != "auto") names.targets.claim(key, key.text, "alias", problems);
    }
    routing.aliases.push_back(targets_of(key, aliases->map().items[i], routing, problems));
  }
}

void load_substitutes(const Fields& root, const Names& names, Problems& problems, Routing& routing) {
  const auto substitutes = root.section("substitutes");
  if (!substitutes) return;
  for (std::size_t i = 0; i < substitutes->map().keys.size(); ++i) {
    const YamlNode& key = substitutes->map().keys[i];
    if (!names.requested.contains(key.text))
      problems.warn(key, shown(key) + " is no model, alias or workload of this file" + did_you_mean(key.text, names.requested.names()));
    routing.substitutes.push_back(targets_of(key, substitutes->map().items[i], routing, problems));
  }
}

}  // namespace

void load_names(const Fields& root, LoadContext& context, Routing& routing) {
  Names names;
  claim_upstreams(root, names, context.problems);
  load_workloads(root, context.folder, names, context.problems, routing);
  load_aliases(root, names, context.problems, routing);
  load_substitutes(root, names, context.problems, routing);
}

}  // namespace demarc::config
