#include "governance/sealer.hpp"

#include <algorithm>
#include <bit>

namespace demarc::governance {
namespace {

constexpr std::size_t kMaxUnsyncedFiles = 64, kMaxKnownDirectories = 1000;

std::string tile_bytes(const std::vector<Hash>& hashes) {
  std::string bytes;
  bytes.reserve(hashes.size() * sizeof(Hash));
  for (const Hash& hash : hashes) bytes += as_bytes(hash);
  return bytes;
}

}  // namespace

Result<void, DiskError> Sealer::load(const Checkpoint& checkpoint) {
  size_ = signed_size_ = checkpoint.size, signed_once_ = true;
  TileReader tiles(disk_, dir_, size_);
  for (unsigned level = 0; level < kMaxTileLevels && hashes_at(level, size_) > 0; ++level) {
    levels_.emplace_back();
    const std::uint64_t n = hashes_at(level, size_) / kTileWidth;
    if (hashes_at(level, size_) % kTileWidth != 0) levels_.back() = *TRY(tiles.tile(level, n));
  }
  if (size_ % kTileWidth != 0) bundle_ = TRY(tiles.bundle(size_ / kTileWidth));
  partials_ = edge();
  if (root() != checkpoint.root) return fail(DiskError::io);
  const auto entries = parse_bundle(bundle_);
  for (std::size_t i = 0; i < entries->size(); ++i)
    if (leaf_hash((*entries)[i]) != levels_[0][i]) return fail(DiskError::io);
  return {};
}

Result<void, DiskError> Sealer::add(std::string_view entry) {
  append_bundle_entry(bundle_, entry);
  ++size_;
  TRY(push(0, leaf_hash(entry)));
  if (size_ % kTileWidth != 0) return {};
  TRY(write_tile(bundle_name(size_ / kTileWidth - 1, kTileWidth), bundle_));
  bundle_.clear();
  return {};
}

Result<void, DiskError> Sealer::push(unsigned level, const Hash& hash) {
  if (levels_.size() <= level) levels_.emplace_back();
  levels_[level].push_back(hash);
  if (levels_[level].size() < kTileWidth) return {};
  TRY(write_tile({level, hashes_at(level + 1, size_) - 1, kTileWidth}, tile_bytes(levels_[level])));
  const Hash above = subtree_root(levels_[level]);
  levels_[level].clear();
  return push(level + 1, above);
}

Result<void, DiskError> Sealer::write_tile(const TileName& name, std::string_view bytes) {
  if (unsynced_.size() >= kMaxUnsyncedFiles) TRY(settle());
  Unsynced tile{dir_ + "/tmp/" + std::to_string(unsynced_.size()), dir_ + "/" + tile_path(name), nullptr};
  for (const std::string& folder : {parent_directory(tile.fresh), parent_directory(tile.path)}) {
    if (directories_.contains(folder)) continue;
    if (directories_.size() >= kMaxKnownDirectories) directories_.clear();
    TRY(make_directories(disk_, folder));
    directories_.insert(folder);
  }
  tile.file = TRY(disk_.open(tile.fresh, OpenMode::create));
  TRY(tile.file->pwrite(0, bytes));
  unsynced_.push_back(std::move(tile));
  return {};
}

// All are written before the first is synced, so that the file system can take them in few commits of its own.
Result<void, DiskError> Sealer::settle() {
  std::set<std::string> folders;
  for (const Unsynced& tile : unsynced_) TRY(tile.file->sync());
  for (const Unsynced& tile : unsynced_) {
    TRY(disk_.rename(tile.fresh, tile.path));
    folders.insert(parent_directory(tile.path));
  }
  for (const std::string& folder : folders) TRY(disk_.sync_directory(folder));
  unsynced_.clear();
  return {};
}

std::vector<TileName> Sealer::edge() const {
  std::vector<TileName> names;
  if (size_ % kTileWidth != 0) names.push_back(bundle_name(size_ / kTileWidth, size_ % kTileWidth));
  for (unsigned level = 0; level < levels_.size(); ++level)
    if (!levels_[level].empty()) names.push_back({level, hashes_at(level + 1, size_), levels_[level].size()});
  return names;
}

Result<void, DiskError> Sealer::checkpoint() {
  if (signed_once_ && signed_size_ == size_) return {};
  const std::vector<TileName> now = edge(), before = partials_;
  for (const TileName& name : now) {
    if (std::find(before.begin(), before.end(), name) != before.end()) continue;  // unchanged
    TRY(write_tile(name, name.level ? tile_bytes(levels_[*name.level]) : bundle_));
  }
  TRY(settle());
  TRY(write_file_durably(disk_, dir_ + "/checkpoint", sign_checkpoint({signer_.name(), size_, root()}, signer_)));
  signed_size_ = size_, signed_once_ = true;
  partials_ = now;
  remove_stale(before);
  return {};
}

// Partial tiles of the checkpoint before this one. What cannot be removed stays, and stays true.
void Sealer::remove_stale(const std::vector<TileName>& before) {
  for (const TileName& name : before) {
    if (std::find(partials_.begin(), partials_.end(), name) != partials_.end()) continue;
    const std::string path = dir_ + "/" + tile_path(name);
    (void)disk_.remove(path).ok();
    const bool finished = tile_width(name.level.value_or(0), name.n, size_) == kTileWidth;
    if (finished) (void)disk_.remove(parent_directory(path)).ok();
  }
}

Hash Sealer::root() const {
  std::vector<Hash> peaks;  // full subtrees, smallest first
  for (const auto& hashes : levels_) {
    std::size_t end = hashes.size();
    while (end > 0) {
      const std::size_t width = std::size_t{1} << std::countr_zero(end);
      peaks.push_back(subtree_root(std::span(hashes).subspan(end - width, width)));
      end -= width;
    }
  }
  if (peaks.empty()) return empty_root();
  Hash root = peaks.front();
  for (std::size_t i = 1; i < peaks.size(); ++i) root = node_hash(peaks[i], root);
  return root;
}

}  // namespace demarc::governance
