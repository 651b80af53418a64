// The Sealer turns durable entries into tiles and signs checkpoints over them. It holds only the tree's right edge, however long the log.
//
//   Sealer sealer(disk, dir, signer);
//   TRY(sealer.load(checkpoint));        // the edge as of the checkpoint on disk
//   TRY(sealer.add(entry));              // in order; full tiles go to disk by and by
//   TRY(sealer.checkpoint());            // everything added is now in synced tiles, under a signed checkpoint
//
// Only what is durable in the WAL may be added: a signature must never cover what a crash can lose. One thread; not to be used after an error.
#pragma once

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/io/disk.hpp"
#include "governance/checkpoint.hpp"
#include "governance/tiles.hpp"

namespace demarc::governance {

class Sealer {
 public:
  Sealer(Disk& disk, std::string dir, const NoteSigner& signer) : disk_(disk), dir_(std::move(dir)), signer_(signer) {}

  // DiskError::io also if the tiles do not lead to the checkpoint's root.
  Result<void, DiskError> load(const Checkpoint& checkpoint);
  Result<void, DiskError> add(std::string_view entry);
  Result<void, DiskError> checkpoint();
  [[nodiscard]] std::uint64_t size() const { return size_; }

 private:
  struct Unsynced {
    std::string fresh, path;  // written in tmp/ so far; to be named path
    std::unique_ptr<File> file;
  };
  Result<void, DiskError> push(unsigned level, const Hash& hash);
  Result<void, DiskError> write_tile(const TileName& name, std::string_view bytes);
  Result<void, DiskError> settle();                  // syncs and names what was written
  [[nodiscard]] std::vector<TileName> edge() const;  // the partial tiles of a tree of this size
  void remove_stale(const std::vector<TileName>& before);
  [[nodiscard]] Hash root() const;

  Disk& disk_;
  std::string dir_;
  const NoteSigner& signer_;
  std::uint64_t size_ = 0, signed_size_ = 0;
  bool signed_once_ = false;
  std::string bundle_;                     // entries of the unfinished bundle
  std::vector<std::vector<Hash>> levels_;  // per tile level, the hashes of the unfinished tile
  std::vector<Unsynced> unsynced_;
  std::vector<TileName> partials_;     // on disk, of the last checkpoint
  std::set<std::string> directories_;  // known to be there; forgotten when many
};

}  // namespace demarc::governance
