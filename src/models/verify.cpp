#include "models/verify.hpp"

#include <algorithm>

namespace demarc::models {
namespace {

ModelResult<FileState> verify_file(const std::filesystem::path& path, const FileSpec& expected, const FileCheck& check, const std::stop_token& stop,
                                   const OnBytes& on_bytes) {
  std::error_code error;
  if (!std::filesystem::exists(path, error)) return FileState{expected.path, FileCondition::missing, ""};
  auto found = digest_file(path, stop, on_bytes);
  if (!found.ok() && found.error().kind == ModelErrorKind::cancelled) return fail(found.error());
  if (!found.ok()) return FileState{expected.path, FileCondition::unreadable, ""};
  if (found->sha256 != expected.sha256) return FileState{expected.path, FileCondition::changed, found->sha256};
  if (!check) return FileState{expected.path, FileCondition::intact, ""};
  const auto facts = check(expected.path, path);
  if (facts.ok()) return FileState{expected.path, FileCondition::intact, ""};
  if (facts.error().kind != ModelErrorKind::bad_weights) return fail(facts.error());
  return FileState{expected.path, FileCondition::refused, "", facts.error().message};
}

}  // namespace

std::string_view to_string(FileCondition condition) {
  switch (condition) {
    case FileCondition::intact: return "intact";
    case FileCondition::missing: return "missing";
    case FileCondition::changed: return "changed";
    case FileCondition::unreadable: return "unreadable";
    case FileCondition::refused: return "refused";
  }
  return "";
}

bool Verified::intact() const {
  return std::ranges::all_of(files, [](const FileState& file) { return file.condition == FileCondition::intact; });
}

ModelResult<std::vector<Verified>> verify(const Store& store, std::string_view only_name, const FileCheck& check, const std::stop_token& stop,
                                          const OnBytes& on_bytes) {
  const ModelsLock lock = TRY(read_lock(store.lock_file()));
  std::vector<Verified> verified;
  for (const LockedModel& model : lock.models) {
    if (!only_name.empty() && model.name != only_name) continue;
    Verified state{model.name, model.digest, {}};
    for (const FileSpec& file : model.files)
      state.files.push_back(TRY(verify_file(store.folder(model.name) / file.path, file, check, stop, on_bytes)));
    verified.push_back(std::move(state));
  }
  if (verified.empty() && !only_name.empty())
    return fail(
        ModelError{ModelErrorKind::unknown_model, "models.lock has no model '" + std::string(only_name) + "'", "`demarc models ls` lists them"});
  return verified;
}

}  // namespace demarc::models
