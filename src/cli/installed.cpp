#include "cli/installed.hpp"

#include "cli/check_file.hpp"
#include "models/lock.hpp"
#include "models/store.hpp"

namespace demarc::cli {

std::optional<EngineKind> engine_of(const std::string& runtime) {
  if (runtime == "llama.cpp") return EngineKind::llama;
  if (runtime == "ctranslate2") return EngineKind::speech;
  if (runtime == "tesseract") return EngineKind::document;
  return parse_engine_kind(runtime);
}

std::vector<config::LockedModel> locked_models(const std::string& data) {
  std::vector<config::LockedModel> models;
  const models::Store store(data);
  const auto lock = models::read_lock(store.lock_file());
  if (!lock) return models;
  for (const models::LockedModel& model : lock->models) {
    if (!store.resolve(model.name)) continue;  // pinned but not fetched
    for (const models::Role role : model.roles)
      models.push_back({.name = model.name, .role = std::string(models::to_string(role)), .engine = engine_of(model.engine)});
  }
  return models;
}

Result<std::vector<TargetRef>, std::string> pinned_snapshots(const std::string& data) {
  const auto lock = models::read_lock(models::Store(data).lock_file());
  if (!lock) return fail(lock.error().message);
  std::vector<TargetRef> pins;
  for (const models::PinnedSnapshot& pin : lock->snapshots) pins.push_back({pin.upstream, pin.model});
  return pins;
}

Result<engine::ModelFile, std::string> resolve_model(const std::string& data, const std::string& name) {
  const auto told = [](const models::ModelError& error) { return fail(error.message + (error.hint.empty() ? "" : " (" + error.hint + ")")); };
  const models::Store store(data);
  const auto model = store.resolve(name);
  if (!model) return told(model.error());
  if (const auto checked = models::inspect(store, *model, check_file); !checked) return told(checked.error());
  return engine::ModelFile{.path = model->weights.string(), .name = name, .digest = model->digest, .size_bytes = model->size_bytes};
}

}  // namespace demarc::cli
