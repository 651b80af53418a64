// Reads entries where they stand at the moment: in tiles up to the checkpoint, in the WAL beyond. For replay, receipts and `demarc audit ls|show`,
// also on a folder that nobody serves. Trusts the files (CRC of the WAL apart): who does not, verifies.
//
//   auto next = for_each_entry(disk, dir, 0, UINT64_MAX, [](std::uint64_t index, std::string_view entry) { ...; return Visit::go_on; });
//
// Blocks; any thread, also beside a running writer: tiles that appear and segments that vanish meanwhile are followed.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "core/io/disk.hpp"
#include "governance/wal.hpp"

namespace demarc::governance {

enum class Visit : std::uint8_t { go_on, stop };
using OnEntry = std::function<Visit(std::uint64_t index, std::string_view entry)>;

// Entries [from, to) as far as there are any, in order; the index after the last one visited. DiskError::io: damaged.
Result<std::uint64_t, DiskError> for_each_entry(Disk& disk, const std::string& dir, std::uint64_t from, std::uint64_t to, const OnEntry& on_entry);

// Follows the writer through the WAL: each read goes on where the last one ended, however much the segment holds before that. One thread.
class WalFollower {
 public:
  WalFollower(Disk& disk, std::string dir) : disk_(disk), dir_(std::move(dir)) {}
  // Entries from `from` to the end of the commit that holds `to` - 1; all must be durable and in the WAL. DiskError::io: damaged or not there.
  Result<void, DiskError> read(std::uint64_t from, std::uint64_t to, const OnEntry& on_entry);

 private:
  Result<void, DiskError> open(std::uint64_t at);

  Disk& disk_;
  std::string dir_;
  std::optional<WalReader> reader_;
};

}  // namespace demarc::governance
