#include <algorithm>

#include "config/base_url.hpp"
#include "config/context.hpp"

namespace demarc::config {
namespace {

constexpr std::size_t kMaxSecretBytes = 16 * 1024;
constexpr std::string_view kFilePrefix = "file:";

bool is_printable(std::string_view text) {
  return std::ranges::all_of(text, [](unsigned char c) { return c > 0x20 && c < 0x7f; });
}

std::vector<Operation> operations_of(const Fields& fields, std::span<const Operation> otherwise) {
  std::vector<Operation> out;
  for (const YamlNode* item : fields.list("serves"))
    if (const auto operation = parse_operation(item->text)) out.push_back(*operation);
  if (out.empty()) out.assign(otherwise.begin(), otherwise.end());
  return out;
}

ModelSpec inherited(const Fields& upstream, std::span<const Operation> serves) {
  ModelSpec model;
  model.serves.assign(serves.begin(), serves.end());
  model.context_tokens = upstream.whole("context_tokens");
  model.space = upstream.text("space").value_or("");
  return model;
}

ModelSpec model_of(const YamlNode& node, ModelSpec model) {
  if (node.kind == YamlKind::scalar) return model.name = trim(node.text), model;
  const Fields fields(node);
  model.name = fields.text("name").value_or("");
  model.serves = operations_of(fields, model.serves);
  if (const auto tokens = fields.whole("context_tokens")) model.context_tokens = tokens;
  if (const auto space = fields.text("space")) model.space = *space;
  return model;
}

void refuse_keys_of_other_kind(const Fields& fields, With kind, LoadContext& context) {
  const Section& section = *root_section().find("upstreams")->section;
  for (const YamlNode& key : fields.map().keys) {
    const KeySpec* spec = section.find(key.text);
    if (spec == nullptr || spec->with == With::any || spec->with == kind) continue;
    context.problems.error(key,
                           key.text + (kind == With::engine ? " goes with base_url, not with an engine" : " goes with an engine, not with base_url"));
  }
}

void load_engine(const Fields& fields, LoadContext& context, UpstreamSpec& spec) {
  refuse_keys_of_other_kind(fields, With::engine, context);
  if (spec.tier == Tier::cloud) context.problems.error(*fields.node("engine"), "an engine runs here: its tier is local");
  if (!fields.node("model")) context.problems.error(fields.map(), "an engine needs its model, a name in models.lock");
  spec.slots = static_cast<std::uint32_t>(fields.whole("slots").value_or(2));
  spec.threads = static_cast<std::uint32_t>(fields.whole("threads").value_or(0));
  spec.memory_limit_bytes = static_cast<std::uint64_t>(fields.whole("memory_mib").value_or(0)) * 1024 * 1024;

  if (fields.text("load") == "demand") spec.loading = Loading::demand;
  if (const auto mib = fields.whole("prompt_cache_mib")) spec.prompt_cache_bytes = static_cast<std::uint64_t>(*mib) << 20;
  if (const YamlNode* speakers = fields.node("speakers")) {
    spec.speakers = fields.text("speakers").value_or("");
    if (spec.engine && spec.engine != EngineKind::speech) context.problems.error(*speakers, "speakers goes with engine: speech");
  }

  std::span<const Operation> natural;
  if (spec.engine) natural = natural_operations(*spec.engine);
  ModelSpec model = inherited(fields, operations_of(fields, natural));
  model.name = fields.text("model").value_or("");
  spec.models.push_back(std::move(model));
}

void load_models(const Fields& fields, LoadContext& context, UpstreamSpec& spec) {
  const ModelSpec base = inherited(fields, operations_of(fields, {}));
  const YamlNode* models = fields.node("models");
  if (models == nullptr || (models->kind == YamlKind::list && models->items.empty()))
    return context.problems.error(fields.map(), "an upstream with base_url needs its models: models: [NAME, …]");
  for (const YamlNode& item : models->items) {
    ModelSpec model = model_of(item, base);
    if (model.name.empty()) continue;  // reported by check()
    if (model.serves.empty() && !fields.node("serves"))
      context.problems.error(item, "nothing says what " + shown(item.kind == YamlKind::scalar ? item : *item.find("name")) +
                                       " serves: serves: [chat] for the upstream or this model");
    const bool twice = std::ranges::any_of(spec.models, [&](const ModelSpec& other) { return other.name == model.name; });
    twice ? context.problems.error(item, "this model is listed twice") : spec.models.push_back(std::move(model));
  }
}

void check_transport(const YamlNode& at, const UpstreamSpec& spec, const Origin& origin, LoadContext& context) {
  const bool stays_here = origin.kind == Origin::Kind::unix_socket || is_loopback_host(origin.host);
  if (spec.tier == Tier::cloud && origin.kind == Origin::Kind::unix_socket)
    context.problems.error(at, "a cloud upstream is https, not a Unix socket");
  if (spec.tier == Tier::cloud && origin.kind == Origin::Kind::tcp && !stays_here)
    context.problems.error(at, "a cloud upstream is https; plain http goes only to loopback");
  if (spec.tier == Tier::local && origin.kind == Origin::Kind::tcp && !stays_here && !spec.key.empty())
    context.problems.warn(at, "the key of this upstream crosses the network in plain http");
}

std::optional<Origin> load_origin(const Fields& fields, const Egress& egress, LoadContext& context, UpstreamSpec& spec) {
  const YamlNode* url = fields.scalar("base_url");
  if (url == nullptr) return {};
  spec.base_url = trim(url->text);
  if (url->unexpanded) return {};
  auto origin = parse_base_url(spec.base_url);
  if (!origin) return context.problems.error(*url, "base_url: " + origin.error()), std::nullopt;
  check_transport(*url, spec, *origin, context);
  origin->ca_file = spec.ca_file;
  if (spec.tier == Tier::cloud && !is_loopback_host(origin->host)) {
    origin->proxy_host = egress.proxy_host, origin->proxy_port = egress.proxy_port;
    origin->proxy_ca_file = egress.ca_file;
  }
  return std::move(origin).value();
}

std::optional<Origin> load_remote(const Fields& fields, const Egress& egress, LoadContext& context, UpstreamSpec& spec) {
  refuse_keys_of_other_kind(fields, With::base_url, context);
  if (spec.tier == Tier::cloud && !fields.node("dialect")) context.problems.error(fields.map(), "a cloud upstream says which dialect it speaks");
  spec.provider = fields.parsed("dialect", parse_provider).value_or(Provider::openai);
  spec.no_store = fields.flag("no_store").value_or(false);
  if (const auto path = fields.text("ca_file")) spec.ca_file = resolve(context.folder, *path);
  if (const YamlNode* key = fields.scalar("key"); key != nullptr && context.serving() && !key->unexpanded) spec.key = read_secret(*key, context);
  if (spec.tier == Tier::cloud && context.serving() && !fields.node("key"))
    context.problems.warn(fields.map(), "this cloud upstream has no key; its provider will likely answer 401");
  load_models(fields, context, spec);
  return load_origin(fields, egress, context, spec);
}

void load_upstream(const Fields& fields, LoadContext& context, Config& config) {
  UpstreamSpec spec;
  spec.name = fields.text("name").value_or("");
  spec.tier = fields.parsed("tier", parse_tier).value_or(Tier::local);
  spec.engine = fields.parsed("engine", parse_engine_kind);
  spec.region = fields.text("region");

  std::optional<Origin> origin;
  const bool engine = fields.node("engine") != nullptr, remote = fields.node("base_url") != nullptr;
  if (engine && remote) {
    context.problems.error(fields.map(), "an upstream has an engine or a base_url, not both");
  } else if (engine) {
    load_engine(fields, context, spec);
  } else if (remote) {
    origin = load_remote(fields, config.egress, context, spec);
  } else {
    context.problems.error(fields.map(), "an upstream needs an engine with its model, or a base_url with its models");
  }
  config.routing.upstreams.push_back(std::move(spec));
  config.origins.push_back(std::move(origin));
}

}  // namespace

std::string read_secret(const YamlNode& node, LoadContext& context) {
  std::string secret(trim(node.text));
  if (secret.starts_with(kFilePrefix)) {
    const auto at_path = [&](const std::string& path) { return node.expanded ? std::string("key file") : "key file " + path; };
    const std::string path = resolve(context.folder, secret.substr(kFilePrefix.size()));
    const auto file = context.environment.read(path, kMaxSecretBytes);
    if (!file) return context.problems.error(node, at_path(path) + ": " + std::string(to_string(file.error()))), "";
    if (file->world_readable) context.problems.warn(node, at_path(path) + " is readable by everybody; chmod 600 it");
    secret = trim(file->text);
  } else if (!node.expanded) {
    context.problems.warn(node, "the key stands in the file itself; ${NAME} or file:PATH keeps it out of backups and reviews");
  }
  if (secret.empty()) return context.problems.error(node, "the key is empty"), "";
  if (!is_printable(secret)) return context.problems.error(node, "the key holds spaces or characters that no header carries"), "";
  return secret;
}

std::span<const Operation> natural_operations(EngineKind kind) {
  static constexpr Operation kLlama[] = {Operation::chat, Operation::completion, Operation::fim};
  static constexpr Operation kSpeech[] = {Operation::transcription, Operation::translation};
  static constexpr Operation kTensor[] = {Operation::embedding, Operation::rerank, Operation::classification};
  static constexpr Operation kDocument[] = {Operation::ocr};
  switch (kind) {
    case EngineKind::llama: return kLlama;
    case EngineKind::speech: return kSpeech;
    case EngineKind::tensor: return kTensor;
    case EngineKind::document: return kDocument;
  }
  return {};
}

void load_upstreams(const Fields& root, LoadContext& context, Config& config) {
  const YamlNode* list = root.node("upstreams");
  if (list != nullptr && list->kind == YamlKind::list && list->items.empty()) context.problems.error(*list, "upstreams is empty: nobody could serve");
  for (const YamlNode* item : root.sections("upstreams")) load_upstream(Fields(*item), context, config);
}

}  // namespace demarc::config
