#include "core/io/disk.hpp"

#include "base/check.hpp"

namespace demarc {

std::string_view to_string(DiskError error) {
  switch (error) {
    case DiskError::not_found: return "no such file";
    case DiskError::exists: return "already there";
    case DiskError::full: return "no space left";
    case DiskError::locked: return "in use by another process";
    case DiskError::denied: return "permission denied";
    case DiskError::too_large: return "larger than allowed";
    case DiskError::io: return "input/output error";
  }
  return "input/output error";
}

std::string parent_directory(const std::string& path) {
  const auto slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

Result<std::string, DiskError> read_file(Disk& disk, const std::string& path, std::size_t limit_bytes) {
  auto file = TRY(disk.open(path, OpenMode::read));
  const std::uint64_t size_bytes = TRY(file->size());
  if (size_bytes > limit_bytes) return fail(DiskError::too_large);
  return file->read(0, size_bytes);
}

Result<void, DiskError> write_file_durably(Disk& disk, const std::string& path, std::string_view contents, unsigned permissions) {
  const std::string fresh = path + ".tmp";
  auto created = disk.open(fresh, OpenMode::create, permissions);
  if (!created && created.error() == DiskError::exists) {  // left by a crash
    TRY(disk.remove(fresh));
    created = disk.open(fresh, OpenMode::create, permissions);
  }
  auto file = TRY(std::move(created));
  TRY(file->pwrite(0, contents));
  TRY(file->sync());
  TRY(disk.rename(fresh, path));
  return disk.sync_directory(parent_directory(path));
}

Result<void, DiskError> make_directories(Disk& disk, const std::string& path, unsigned permissions) {
  auto made = disk.make_directory(path, permissions);
  if (!made && made.error() == DiskError::not_found && parent_directory(path) != path) {
    TRY(make_directories(disk, parent_directory(path), permissions));
    made = disk.make_directory(path, permissions);
  }
  if (!made && made.error() == DiskError::exists) return {};
  TRY(made);
  return disk.sync_directory(parent_directory(path));
}

}  // namespace demarc
