#include "governance/log_reader.hpp"

#include <algorithm>
#include <utility>

#include "governance/checkpoint.hpp"
#include "governance/tiles.hpp"
#include "governance/wal.hpp"

namespace demarc::governance {
namespace {

constexpr int kMaxTries = 5;  // without getting any further, while a writer moves things

struct Walk {
  std::uint64_t next, to;
  const OnEntry& on_entry;
  bool stopped = false;
  [[nodiscard]] bool done() const { return stopped || next >= to; }
  void visit(std::string_view entry) { stopped = on_entry(next, entry) == Visit::stop, ++next; }
};

Result<std::uint64_t, DiskError> checkpoint_size(Disk& disk, const std::string& dir) {
  auto note = read_file(disk, dir + "/checkpoint", kMaxNoteBytes);
  if (!note && note.error() == DiskError::not_found) return std::uint64_t{0};
  const auto checkpoint = read_checkpoint_unverified(TRY(std::move(note)));
  if (!checkpoint) return fail(DiskError::io);
  return checkpoint.value().size;
}

Result<void, DiskError> walk_tiles(Disk& disk, const std::string& dir, Walk& walk) {
  TileReader tiles(disk, dir, TRY(checkpoint_size(disk, dir)));
  while (!walk.done() && walk.next < tiles.size()) {
    const std::uint64_t n = walk.next / kTileWidth;
    const std::string bundle = TRY(tiles.bundle(n));
    const auto entries = parse_bundle(bundle);
    for (std::size_t i = walk.next % kTileWidth; i < entries->size() && !walk.done(); ++i) walk.visit((*entries)[i]);
  }
  return {};
}

// true: the WAL has no more.
Result<bool, DiskError> walk_wal(Disk& disk, const std::string& dir, Walk& walk) {
  auto segments = TRY(list_wal_segments(disk, dir + "/wal"));
  auto after = std::upper_bound(segments.begin(), segments.end(), walk.next);
  if (after == segments.begin()) return segments.empty();  // it has moved to tiles meanwhile
  for (auto at = after - 1; at != segments.end() && !walk.done(); ++at) {
    auto reader = TRY(WalReader::open(disk, dir + "/wal", *at));
    while (!walk.done()) {
      const auto next = TRY(reader.next(walk.to));
      if (next == WalReader::Next::damaged) return fail(DiskError::io);
      if (next != WalReader::Next::frame) break;
      for (std::size_t i = 0; i < reader.entries().size() && !walk.done(); ++i)
        if (reader.first() + i == walk.next) walk.visit(reader.entries()[i]);
    }
    if (!walk.done() && at + 1 != segments.end() && *(at + 1) != walk.next) return false;
  }
  return true;
}

}  // namespace

Result<std::uint64_t, DiskError> for_each_entry(Disk& disk, const std::string& dir, std::uint64_t from, std::uint64_t to, const OnEntry& on_entry) {
  Walk walk{from, to, on_entry};
  for (int tries = 0; !walk.done(); ++tries) {
    const std::uint64_t before = walk.next;
    auto in_tiles = walk_tiles(disk, dir, walk);
    if (in_tiles && !walk.done()) {
      auto in_wal = walk_wal(disk, dir, walk);
      if (in_wal && in_wal.value()) return walk.next;
      if (!in_wal && tries >= kMaxTries) return fail(in_wal.error());
    }
    if (walk.next != before) tries = 0;
    if (tries >= kMaxTries) return fail(in_tiles ? DiskError::io : in_tiles.error());
  }
  return walk.next;
}

Result<void, DiskError> WalFollower::open(std::uint64_t at) {
  const auto segments = TRY(list_wal_segments(disk_, dir_ + "/wal"));
  const auto after = std::upper_bound(segments.begin(), segments.end(), at);
  if (after == segments.begin()) return fail(DiskError::io);
  reader_.emplace(TRY(WalReader::open(disk_, dir_ + "/wal", *(after - 1))));
  return {};
}

Result<void, DiskError> WalFollower::read(std::uint64_t from, std::uint64_t to, const OnEntry& on_entry) {
  std::uint64_t next = from;
  std::optional<std::uint64_t> reopened_at;
  while (next < to) {
    if (!reader_ || reader_->end_index() > next) TRY(open(next));
    const auto got = TRY(reader_->next(to));
    if (got == WalReader::Next::damaged) return fail(DiskError::io);
    if (got != WalReader::Next::frame) {  // the segment ends here, or has grown since it was opened: look again, once
      if (std::exchange(reopened_at, next) == next) return fail(DiskError::io);
      TRY(open(next));
      continue;
    }
    for (std::size_t i = 0; i < reader_->entries().size(); ++i) {
      if (reader_->first() + i < next) continue;
      if (on_entry(next, reader_->entries()[i]) == Visit::stop) return {};
      ++next;
    }
  }
  return {};
}

}  // namespace demarc::governance
