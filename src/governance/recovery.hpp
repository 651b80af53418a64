// What AuditLog::open does before anybody may append: reads what the last process left, refuses what no crash explains, and seals the rest.
//
// After recover() every record found stands in synced tiles under a signed checkpoint, so a WAL whose last sync failed is not trusted again: its
// pages may read well and yet never have reached the disk. Start-up thread only; the caller holds the data folder's lock.
#pragma once

#include <cstdint>
#include <set>
#include <string>

#include "core/io/disk.hpp"
#include "governance/audit_log.hpp"
#include "governance/sealer.hpp"

namespace demarc::governance {

struct Recovered {
  std::uint64_t size = 0;
  std::uint64_t cut_bytes = 0;
  std::set<std::uint64_t> open_intents;
  std::set<std::string> leftovers;  // files of the WAL that are of no use once a new segment begins at `size`
};

Result<Recovered, OpenError> recover(Disk& disk, const std::string& dir, const NoteSigner& signer, Sealer& sealer);

// Applies an entry to the set of INTENTs without OUTCOME; false if it is no record or an OUTCOME without its INTENT.
bool track_intent(std::uint64_t index, std::string_view entry, std::set<std::uint64_t>& open_intents);

}  // namespace demarc::governance
