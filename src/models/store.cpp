#include "models/store.hpp"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>

#include "base/strings.hpp"

namespace demarc::models {
namespace fs = std::filesystem;
namespace {

ModelError not_installed(std::string_view name, std::string_view why) {
  return {ModelErrorKind::not_installed, "the model '" + std::string(name) + "' " + std::string(why), "demarc models pull " + std::string(name)};
}

ModelResult<void> link_files(const fs::path& folder, const LockedModel& model, const Store& store) {
  for (const FileSpec& file : model.files) {
    const fs::path link = folder / file.path;
    TRY(make_folder(link.parent_path()));
    std::error_code error;
    // Relative to the folder's final place, which is as deep as its temporary one.
    fs::create_symlink(store.blob(file.sha256).lexically_relative(link.parent_path()), link, error);
    if (error) return fail(disk_error("link", link.native(), error.value()));
  }
  return sync_folder(folder);
}

bool is_used(const ModelsLock& lock, std::string_view sha256) {
  return std::ranges::any_of(
      lock.models, [&](const LockedModel& model) { return std::ranges::find(model.files, sha256, &FileSpec::sha256) != model.files.end(); });
}

Listed row_of(const LockedModel& model) {
  return {.name = model.name,
          .licence = model.licence,
          .engine = model.engine,
          .source = model.source_uri,
          .digest = model.digest,
          .roles = model.roles,
          .size_bytes = total_bytes(model.files),
          .locked = true};
}

Listed row_of(const Entry& entry) {
  Listed row = row_of(locked(entry, entry.sources.front()));
  row.locked = false;
  return row;
}

}  // namespace

ModelResult<Resolved> Store::resolve(std::string_view name) const {
  const ModelsLock lock = TRY(read_lock(lock_file()));
  const LockedModel* model = lock.find(name);
  if (model == nullptr) return fail(not_installed(name, "is not in " + lock_file().native()));
  for (const FileSpec& file : model->files) {
    struct stat found{};
    const fs::path path = folder(name) / file.path;
    if (stat(path.c_str(), &found) != 0) return fail(not_installed(name, "lacks " + path.native()));
    if (static_cast<std::uint64_t>(found.st_size) != file.size_bytes)
      return fail(not_installed(name, "has a " + path.native() + " of the wrong size"));
  }
  const fs::path weights = model->files.size() == 1 ? folder(name) / model->files.front().path : folder(name);
  return Resolved{weights, model->digest, total_bytes(model->files), *model};
}

ModelResult<std::vector<Listed>> Store::list(const Catalogue& catalogue) const {
  const ModelsLock lock = TRY(read_lock(lock_file()));
  std::vector<Listed> rows;
  for (const Entry& entry : catalogue.entries) {
    const LockedModel* model = lock.find(entry.name);
    Listed row = model != nullptr ? row_of(*model) : row_of(entry);
    row.summary = entry.summary, row.starter = entry.starter, row.in_catalogue = true;
    rows.push_back(std::move(row));
  }
  for (const LockedModel& model : lock.models)
    if (catalogue.find(model.name) == nullptr) rows.push_back(row_of(model));
  for (Listed& row : rows) row.installed = row.locked && resolve(row.name).ok();
  return rows;
}

ModelResult<FolderLock> Store::lock_folder(const std::stop_token& stop, const std::function<void()>& on_wait) const {
  for (const fs::path& folder : {models() / "sha256", models() / "by-name", incoming()}) TRY(make_folder(folder));
  return FolderLock::take(models() / "lock", stop, on_wait);
}

bool Store::has_blob(const FileSpec& file) const {
  struct stat found{};
  return stat(blob(file.sha256).c_str(), &found) == 0 && static_cast<std::uint64_t>(found.st_size) == file.size_bytes;
}

ModelResult<void> Store::adopt(const fs::path& verified, const FileSpec& file) const {
  {
    const Fd fd(open(verified.c_str(), O_RDONLY | O_CLOEXEC));
    if (fd.get() < 0 || fsync(fd.get()) != 0 || fchmod(fd.get(), 0444) != 0) return fail(disk_error("keep", verified.native(), errno));
  }
  if (rename(verified.c_str(), blob(file.sha256).c_str()) != 0) return fail(disk_error("move to its place", verified.native(), errno));
  return sync_folder(models() / "sha256");
}

ModelResult<void> Store::install(const LockedModel& model) const {
  const fs::path place = folder(model.name);
  const fs::path next = models() / "by-name" / ("." + model.name + ".new");  // names never begin with a dot
  std::error_code error;
  fs::remove_all(next, error);
  TRY(make_folder(next));
  TRY(link_files(next, model, *this));
  if (rename(next.c_str(), place.c_str()) != 0) {  // onto a folder that is not empty: exchange the two
    if (errno != ENOTEMPTY && errno != EEXIST) return fail(disk_error("create", place.native(), errno));
    if (renameat2(AT_FDCWD, next.c_str(), AT_FDCWD, place.c_str(), RENAME_EXCHANGE) != 0) return fail(disk_error("replace", place.native(), errno));
    fs::remove_all(next, error);
  }
  TRY(sync_folder(models() / "by-name"));
  ModelsLock lock = TRY(read_lock(lock_file()));
  lock.put(model);
  return write_lock(lock_file(), lock);
}

ModelResult<LockedModel> lock_only(const Store& store, const Entry& entry, const std::stop_token& stop) {
  const FolderLock held = TRY(store.lock_folder(stop, {}));
  ModelsLock lock = TRY(read_lock(store.lock_file()));
  LockedModel model = locked(entry, entry.sources.front());
  if (const LockedModel* before = lock.find(entry.name)) {
    if (before->digest == model.digest) return *before;
    return fail(ModelError{ModelErrorKind::changed,
                           "models.lock pins '" + entry.name + "' at " + before->digest + ", the catalogue has " + model.digest,
                           "to take the new one: demarc models rm " + entry.name + ", then pull it again"});
  }
  lock.put(model);
  TRY(write_lock(store.lock_file(), lock));
  return model;
}

ModelResult<Removed> remove(const Store& store, std::string_view name, const std::stop_token& stop) {
  const FolderLock held = TRY(store.lock_folder(stop, {}));
  ModelsLock lock = TRY(read_lock(store.lock_file()));
  const LockedModel* found = lock.find(name);
  if (found == nullptr)
    return fail(ModelError{ModelErrorKind::unknown_model, "models.lock has no model '" + std::string(name) + "'", "`demarc models ls` lists them"});
  const LockedModel model = *found;
  lock.erase(name);
  TRY(write_lock(store.lock_file(), lock));  // first of all: what is served must be there

  std::error_code error;
  fs::remove_all(store.folder(model.name), error);
  if (error) return fail(disk_error("delete", store.folder(model.name).native(), error.value()));
  Removed removed;
  for (const FileSpec& file : model.files) {
    if (is_used(lock, file.sha256)) continue;
    std::error_code ignored;
    fs::remove(store.models() / "checked" / file.sha256, ignored);
    if (fs::remove(store.blob(file.sha256), error)) removed.freed_bytes += file.size_bytes;
    if (error) return fail(disk_error("delete", store.blob(file.sha256).native(), error.value()));
  }
  return removed;
}

}  // namespace demarc::models
