// Shelf: the bytes of uploaded files and of jobs' results, in DATA/jobs/files, sealed under a key derived from the data folder's secret.
//
//   TRY(shelf.store("file-1", bytes));                         // whole; durable on return
//   std::string line = TRY(shelf.read("file-1", 4096, 300));   // of a file that was stored whole
//   end = TRY(shelf.append("file-2", end, line));              // one frame more behind `end`; durable on return
//   ShelfReader reader(shelf, "file-2");  TRY(reader.next());  // frame by frame; "" at the end
//
//   file  = frame*
//   frame = length sealed          ; length: 4 bytes, little-endian, of `sealed`; its plain text is that less kSealBytes
//
// A frame of store() holds kFrameBytes, the last one the rest, so that a byte is found without reading what stands before it. What stands behind the
// end that the caller knows is of a write that a crash cut off: append() writes over it, whoever reads goes by the length on record.
// A frame is sealed with its file's id and its place, so none can be moved. Calls block on the disk; any thread, but one
// at a time for one file.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/io/disk.hpp"
#include "core/io/loop.hpp"
#include "privacy/sealed.hpp"

namespace demarc::gateway {

// Where what is kept of a piece that is done in part stands: "JOB.3".
std::string parts_id(std::string_view job, std::int64_t piece);
std::string job_of_parts(std::string_view id);  // "": it is none

class Shelf {
 public:
  static constexpr std::size_t kFrameBytes = std::size_t{64} << 10;
  static constexpr std::size_t kHeadBytes = 4;

  static Result<Shelf, DiskError> open(Disk& disk, std::string folder, const privacy::Digest& key, Random& random);

  Result<void, DiskError> store(const std::string& id, std::string_view bytes);
  Result<std::string, DiskError> read(const std::string& id, std::uint64_t offset, std::size_t size_bytes);
  Result<std::uint64_t, DiskError> append(const std::string& id, std::uint64_t end, std::string_view plain);
  Result<std::int64_t, DiskError> plain_bytes(const std::string& id, std::uint64_t end);  // of the frames before `end`
  Result<void, DiskError> remove(const std::string& id);                                  // also where there is none
  Result<std::vector<std::string>, DiskError> ids();

 private:
  friend class ShelfReader;
  Shelf(Disk& disk, std::string folder, const privacy::Digest& key, Random& random)
      : disk_(&disk), folder_(std::move(folder)), key_(key), random_(&random) {}
  [[nodiscard]] std::string path(const std::string& id) const { return folder_ + "/" + id; }
  [[nodiscard]] std::string frame(const std::string& id, std::uint64_t at, std::string_view plain) const;
  Result<std::string, DiskError> open_frame(File& file, const std::string& id, std::uint64_t at, std::uint64_t& next) const;  // "" behind the last

  Disk* disk_;
  std::string folder_;
  privacy::Digest key_;
  Random* random_;
};

class ShelfReader {
 public:
  static Result<ShelfReader, DiskError> open(const Shelf& shelf, std::string id);
  Result<std::string, DiskError> next();
  [[nodiscard]] std::uint64_t at() const { return at_; }  // where the next frame begins

 private:
  ShelfReader(const Shelf& shelf, std::string id, std::unique_ptr<File> file) : shelf_(&shelf), id_(std::move(id)), file_(std::move(file)) {}
  const Shelf* shelf_;
  std::string id_;
  std::unique_ptr<File> file_;
  std::uint64_t at_ = 0;
};

}  // namespace demarc::gateway
