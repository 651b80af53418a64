// Disk: the seam to files for whatever must survive a crash, so that a test can fail the n-th operation or pull the plug (core/io/disk_memory.hpp).
//
//   Disk& disk = real_disk();
//   auto lock = TRY(disk.lock(data + "/lock"));                          // DiskError::locked: another process serves this folder
//   auto file = TRY(disk.open(path, OpenMode::create));
//   TRY(file->pwrite(0, bytes));
//   TRY(file->sync());                                                   // the bytes are durable; the name after sync_directory()
//   write_file_durably(disk, path, text, 0600);                          // whole file or the old one, never half
//
// Nothing is durable before sync() of the file and, for a name that is new, renamed or removed, sync_directory() of its folder. A failed sync says
// that bytes may be lost for good: never try it again. Calls block; any thread, but one File belongs to one thread at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace demarc {

enum class DiskError : std::uint8_t { not_found, exists, full, locked, denied, too_large, io };
std::string_view to_string(DiskError);

enum class OpenMode : std::uint8_t {
  read,    // must exist
  update,  // read and write; must exist
  create,  // read and write; must not exist
};

class File {
 public:
  virtual ~File() = default;
  // Up to `size_bytes` from `offset`; fewer only where the file ends.
  virtual Result<std::string, DiskError> read(std::uint64_t offset, std::size_t size_bytes) = 0;
  virtual Result<void, DiskError> pwrite(std::uint64_t offset, std::string_view bytes) = 0;  // all of it
  virtual Result<void, DiskError> append(std::string_view bytes) = 0;                        // all of it, at the end
  virtual Result<void, DiskError> sync() = 0;                                                // fdatasync: contents and length
  virtual Result<void, DiskError> preallocate(std::uint64_t size_bytes) = 0;                 // at least so long, with space; new bytes read as zero
  virtual Result<std::uint64_t, DiskError> size() = 0;
};

class DiskLock {  // held until it dies or the process ends
 public:
  virtual ~DiskLock() = default;
};

struct DirectoryEntry {
  std::string name;
  bool is_directory = false;
};

class Disk {
 public:
  virtual ~Disk() = default;
  // `permissions` of a created file, whatever the umask would add or take.
  virtual Result<std::unique_ptr<File>, DiskError> open(const std::string& path, OpenMode mode, unsigned permissions = 0644) = 0;
  virtual Result<void, DiskError> rename(const std::string& from, const std::string& to) = 0;                // replaces `to`
  virtual Result<void, DiskError> remove(const std::string& path) = 0;                                       // a file, or a folder that is empty
  virtual Result<void, DiskError> make_directory(const std::string& path, unsigned permissions = 0755) = 0;  // DiskError::exists if it is there
  virtual Result<void, DiskError> sync_directory(const std::string& path) = 0;
  virtual Result<std::vector<DirectoryEntry>, DiskError> list(const std::string& path) = 0;  // sorted by name, without . and ..
  virtual Result<std::unique_ptr<DiskLock>, DiskError> lock(const std::string& path) = 0;  // exclusive, at once or DiskError::locked; makes the file
};
Disk& real_disk();  // the operating system's files; any thread

// The folder a path lies in: "a/b" → "a", "b" → ".".
std::string parent_directory(const std::string& path);
// The whole file; DiskError::too_large if it is longer than `limit_bytes`.
Result<std::string, DiskError> read_file(Disk& disk, const std::string& path, std::size_t limit_bytes);
// Writes PATH.tmp, syncs, renames, syncs the folder: after a crash there is the old file or the new one.
Result<void, DiskError> write_file_durably(Disk& disk, const std::string& path, std::string_view contents, unsigned permissions = 0644);
// Makes the folder and those above it that are missing, and syncs what it made.
Result<void, DiskError> make_directories(Disk& disk, const std::string& path, unsigned permissions = 0755);

}  // namespace demarc
