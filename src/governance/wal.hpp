// The write-ahead log: files wal/<first index>.wal in which entries become durable before tiles and checkpoint take them over.
//
//   segment = frame*  zero*                       preallocated; one frame is one commit, so a torn one takes no acknowledged record with it
//   frame   = u32 len | u32 crc32c | u64 first | payload[len] | zero to the next multiple of 8        little-endian; crc over first and payload
//   payload = "demarcW1" u64*                     of the segment's first frame: the INTENTs open at its beginning
//           | (u16BE len | entry)*                of all others, at least one entry
//
// What follows the last whole frame is zero, or a torn commit nobody was told of. A whole frame of a later commit behind a broken one cannot come
// from a crash (commits are written one after the other, each synced): the file was damaged.
#pragma once

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/io/disk.hpp"

namespace demarc::governance {

inline constexpr std::size_t kMaxFramePayloadBytes = 4U << 20;

std::string wal_segment_name(std::uint64_t first_index);  // 20 digits, ".wal"
std::optional<std::uint64_t> parse_wal_segment_name(std::string_view name);
Result<std::vector<std::uint64_t>, DiskError> list_wal_segments(Disk& disk, const std::string& wal_dir);  // rising; other files are not listed

// Walks along one segment. One thread.
class WalReader {
 public:
  enum class Next : std::uint8_t {
    frame,    // entries() holds the next commit, first() its index
    end,      // nothing but zeros follows
    torn,     // something follows that is no whole frame, and no later whole frame behind it
    damaged,  // a whole frame follows behind something that is none, or the segment's head is broken
  };
  // Reads the head, too: DiskError::io if it is broken.
  static Result<WalReader, DiskError> open(Disk& disk, const std::string& wal_dir, std::uint64_t first_index);

  // Reads no further than `limit` frames' worth of entries: a frame beginning at index `limit` or later is not looked at and counts as the end.
  Result<Next, DiskError> next(std::uint64_t limit = UINT64_MAX);
  [[nodiscard]] std::uint64_t first() const { return first_; }                                 // index of entries()[0]
  [[nodiscard]] const std::vector<std::string_view>& entries() const { return entries_; }      // until the next call
  [[nodiscard]] std::uint64_t end_index() const { return end_index_; }                         // behind what was read so far
  [[nodiscard]] std::uint64_t offset_bytes() const { return offset_; }                         // of the frame to come
  [[nodiscard]] std::uint64_t tail_bytes() const { return tail_bytes_; }                       // after torn: up to the last byte that is not zero
  [[nodiscard]] const std::set<std::uint64_t>& open_intents() const { return open_intents_; }  // at the segment's beginning

 private:
  explicit WalReader(std::unique_ptr<File> file) : file_(std::move(file)) {}
  Result<bool, DiskError> read_frame(std::uint64_t offset, std::uint64_t& first, std::string& payload);
  Result<Next, DiskError> judge_tail();

  std::unique_ptr<File> file_;
  std::uint64_t size_bytes_ = 0, offset_ = 0, first_ = 0, end_index_ = 0, tail_bytes_ = 0;
  std::string payload_;
  std::vector<std::string_view> entries_;
  std::set<std::uint64_t> open_intents_;
};

// Writes commits. One thread. After any error it must not be used again.
class WalWriter {
 public:
  WalWriter(Disk& disk, std::string wal_dir, std::uint64_t segment_bytes) : disk_(disk), dir_(std::move(wal_dir)), segment_bytes_(segment_bytes) {}
  // Begins a segment at `next_index`: made under another name, preallocated, synced, then named.
  Result<void, DiskError> begin_segment(std::uint64_t next_index, const std::set<std::uint64_t>& open_intents);
  // One commit of a bundle's bytes: durable when it returns. Goes to a new segment when this one is full; `open_intents` as of before the commit.
  Result<void, DiskError> commit(std::uint64_t first_index, std::string_view payload, const std::set<std::uint64_t>& open_intents);

 private:
  Disk& disk_;
  std::string dir_;
  std::uint64_t segment_bytes_, offset_ = 0;
  std::unique_ptr<File> file_;
  std::string frame_;
};

}  // namespace demarc::governance
