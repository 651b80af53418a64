// What serves with no file at all.
#include <algorithm>
#include <array>

#include "config/config.hpp"

namespace demarc::config {
namespace {

constexpr std::string_view kPolicy =
    "# The default without a file: everything is served here, nothing leaves.\n"
    "version: 1\n"
    "rules:\n"
    "  - {id: local-is-ours, permit: local}\n";

struct Role {
  std::string_view name, upstream;
  EngineKind engine;
};
constexpr std::array kRoles = {
    Role{"chat", "chat-local", EngineKind::llama},        Role{"fim", "code-local", EngineKind::llama},
    Role{"speech", "speech-local", EngineKind::speech},   Role{"embedding", "vectors-local", EngineKind::tensor},
    Role{"ocr", "documents-local", EngineKind::document}, Role{"image", "images-local", EngineKind::tensor},
};

std::vector<Operation> operations_of(std::string_view role, EngineKind engine) {
  if (role == "chat") return {Operation::chat, Operation::completion};
  if (role == "fim") return {Operation::fim, Operation::completion};
  if (role == "speech") return {Operation::transcription, Operation::translation};
  if (role == "ocr") return {Operation::ocr};
  if (role == "image") return {Operation::image_classification};
  if (engine != EngineKind::tensor) return {Operation::embedding};
  const auto natural = natural_operations(engine);
  return {natural.begin(), natural.end()};
}

}  // namespace

Config default_config(std::span<const LockedModel> models) {
  Config config;
  config.listen.push_back({.host = "127.0.0.1", .port = 8400, .unix_path = {}});
  config.policy_text = kPolicy;
  config.prices = {"builtin"};
  for (const Role& role : kRoles) {
    const auto model = std::ranges::find(models, role.name, &LockedModel::role);
    if (model == models.end()) continue;
    UpstreamSpec spec;
    spec.name = role.upstream, spec.tier = Tier::local, spec.engine = model->engine.value_or(role.engine);
    spec.models.push_back({.name = model->name, .serves = operations_of(role.name, *spec.engine), .context_tokens = {}, .space = {}});
    config.routing.upstreams.push_back(std::move(spec));
    config.origins.emplace_back();
  }
  return config;
}

}  // namespace demarc::config
