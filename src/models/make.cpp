#include "models/make.hpp"

namespace demarc::models {

ModelResult<LockedModel> keep_made(const Store& store, const LockedModel& source, const Made& made, const FileCheck& check,
                                   const std::stop_token& stop) {
  const FolderLock held = TRY(store.lock_folder(stop, {}));
  if (TRY(read_lock(store.lock_file())).find(made.name) != nullptr)
    return fail(ModelError{ModelErrorKind::changed, "models.lock has a model '" + made.name + "' already",
                           "demarc models rm " + made.name + ", or another name"});
  const FileDigest found = TRY(digest_file(made.path, stop, {}));
  const FileSpec file{made.file_name, found.size_bytes, found.sha256};
  TRY(inspect(store, file, made.path, check));
  LockedModel model = source;  // its licence, roles and context are those of what it was made of
  model.name = made.name;
  model.files = {file};
  model.source_uri = "made:" + made.lineage.from, model.source_revision = "";
  model.digest = root_digest(model.files);
  model.lineage = made.lineage;
  TRY(store.adopt(made.path, file));
  TRY(store.install(model));
  return model;
}

}  // namespace demarc::models
