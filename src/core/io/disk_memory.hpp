// MemoryDisk: a disk for tests that forgets what was not synced, tears writes, fills up, and fails when told.
//
//   MemoryDisk disk;
//   disk.crash_at(7);                          // the 7th operation from now and all after it fail: the power is off
//   run(disk);
//   disk.crash(MemoryDisk::Survives::some, seed);   // back on; open files are dead
//   check_recovery(disk);
//
// A failed write leaves half of it; a failed sync leaves what was written readable but lost at the next crash, whatever is synced later (as Linux
// does). Names live until the crash, after it only if their folder was synced. Any thread.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "base/mutex.hpp"
#include "core/io/disk.hpp"

namespace demarc {

class MemoryDisk final : public Disk {
 public:
  enum class Survives : std::uint8_t {
    nothing,  // of what was not synced
    some,     // blocks of 512 bytes as the seed wills; names up to some moment
    all,      // the process died, the machine did not (kill -9)
  };

  void fail_at(std::uint64_t n);   // the n-th operation from now (1, 2, …) fails with io; the others do not
  void crash_at(std::uint64_t n);  // it and all after it fail, until crash()
  void crash(Survives survives, std::uint64_t seed = 0);
  void set_capacity(std::uint64_t size_bytes);  // of all files together
  [[nodiscard]] bool fault_happened() const;    // since the last fail_at() or crash_at()

  // Straight access for tests: no faults, nothing to sync.
  [[nodiscard]] std::map<std::string, std::string> files() const;
  void put(const std::string& path, std::string contents);  // makes its folders
  void erase(const std::string& path);

  Result<std::unique_ptr<File>, DiskError> open(const std::string& path, OpenMode mode, unsigned permissions) override;
  Result<void, DiskError> rename(const std::string& from, const std::string& to) override;
  Result<void, DiskError> remove(const std::string& path) override;
  Result<void, DiskError> make_directory(const std::string& path, unsigned permissions) override;
  Result<void, DiskError> sync_directory(const std::string& path) override;
  Result<std::vector<DirectoryEntry>, DiskError> list(const std::string& path) override;
  Result<std::unique_ptr<DiskLock>, DiskError> lock(const std::string& path) override;

 private:
  struct Node {  // a file or (directory) a folder
    bool directory = false;
    std::string durable, current;
    std::vector<std::pair<std::uint64_t, std::string>> unsynced;  // writes in order
  };
  using Names = std::map<std::string, std::shared_ptr<Node>>;
  using Change = std::vector<std::pair<std::string, std::shared_ptr<Node>>>;  // path → node, null: removed; one step of a journal
  class MemoryFile;
  class MemoryLock;

  Result<void, DiskError> step() REQUIRES(mutex_);  // counts an operation; fails if it is the one
  void apply(Change change) REQUIRES(mutex_);
  [[nodiscard]] std::shared_ptr<Node> find(const std::string& path) const REQUIRES(mutex_);
  [[nodiscard]] std::uint64_t used() const REQUIRES(mutex_);
  Result<void, DiskError> write(Node& node, std::uint64_t offset, std::string_view bytes) REQUIRES(mutex_);

  mutable Mutex mutex_;
  Names names_ GUARDED_BY(mutex_), durable_names_ GUARDED_BY(mutex_);
  std::vector<Change> unsynced_names_ GUARDED_BY(mutex_);
  std::shared_ptr<std::set<std::string>> locks_ GUARDED_BY(mutex_) = std::make_shared<std::set<std::string>>();
  std::uint64_t generation_ GUARDED_BY(mutex_) = 0;  // crashes so far; files opened before the last one are dead
  std::uint64_t countdown_ GUARDED_BY(mutex_) = 0;   // operations until the fault; 0: none
  bool stays_off_ GUARDED_BY(mutex_) = false, off_ GUARDED_BY(mutex_) = false, happened_ GUARDED_BY(mutex_) = false;
  std::uint64_t capacity_bytes_ GUARDED_BY(mutex_) = UINT64_MAX;
};

}  // namespace demarc
