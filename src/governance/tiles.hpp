// Tiles (c2sp.org/tlog-tiles 0.1.0): where hashes and entries stand, and how they are read back.
//
//   tile_path({.level = 0, .n = 1234067, .width = 256}) == "tile/0/x001/x234/067"
//   bundle_path(273, 112) == "tile/entries/273.p/112"
//
// A full tile has 256 hashes of 32 bytes; a bundle has as many entries, each with a big-endian u16 length in front. Any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/io/disk.hpp"
#include "governance/merkle.hpp"

namespace demarc::governance {

inline constexpr std::uint64_t kTileWidth = 256;
inline constexpr std::size_t kMaxBundleBytes = kTileWidth * (2 + 65'535);
inline constexpr unsigned kMaxTileLevels = 8;  // of 8 tree levels each: more than any log has

struct TileName {
  std::optional<unsigned> level;  // nullopt: a bundle of entries
  std::uint64_t n = 0;
  std::uint64_t width = kTileWidth;  // fewer: a partial one
  friend bool operator==(const TileName&, const TileName&) = default;
};

std::string tile_path(const TileName& name);  // relative to the log's folder
std::optional<TileName> parse_tile_path(std::string_view path);

inline TileName bundle_name(std::uint64_t n, std::uint64_t width) { return {std::nullopt, n, width}; }

// How many hashes of tile level `level` a tree of `size` leaves has (they may be spread over many tiles).
inline std::uint64_t hashes_at(unsigned level, std::uint64_t size) { return level >= 8 ? 0 : size >> (8 * level); }
// The width that tile n of a level has in a tree of this size: 256, fewer at the right edge, 0 beyond it.
std::uint64_t tile_width(unsigned level, std::uint64_t n, std::uint64_t size);

void append_bundle_entry(std::string& bundle, std::string_view entry);  // entry <= 65,535 bytes
// The entries of a whole bundle, as views into it; nullopt if it does not end where an entry ends.
std::optional<std::vector<std::string_view>> parse_bundle(std::string_view bundle);

// Reads tiles of a tree of a known size; keeps the last few, so that walking along is cheap. One thread.
class TileReader {
 public:
  TileReader(Disk& disk, std::string dir, std::uint64_t size) : disk_(disk), dir_(std::move(dir)), size_(size) {}
  // Hashes of the tile as this tree has it. DiskError::io also for a file of the wrong length.
  Result<const std::vector<Hash>*, DiskError> tile(unsigned level, std::uint64_t n);
  Result<std::string, DiskError> bundle(std::uint64_t n);          // its bytes; entries beyond size() cut off where the file has more
  std::optional<Hash> node(unsigned tree_level, std::uint64_t i);  // a NodeHash for merkle.hpp
  [[nodiscard]] std::uint64_t size() const { return size_; }

 private:
  struct Kept {
    TileName name;
    std::vector<Hash> hashes;
  };
  Disk& disk_;
  std::string dir_;
  std::uint64_t size_;
  std::vector<Kept> kept_;  // at most one per level
};

}  // namespace demarc::governance
