// Inclusion proofs (c2sp.org/tlog-proof): a text that shows one record to be in the log, to anyone with the log's vkey: `demarc audit prove`.
//
//   auto proof = prove(disk, "data/audit", 1041);                  // against the checkpoint on disk; ProofError::not_covered if it is newer
//   auto proven = verify_proof(*proof, entry, verifier);           // entry: the record's bytes
//
// Reads only; blocks; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "core/io/disk.hpp"
#include "governance/note.hpp"

namespace demarc::governance {

enum class ProofError : std::uint8_t { unreadable, not_covered, malformed, bad_signature, wrong_hash };
std::string_view to_string(ProofError);

struct Proven {
  std::string origin;
  std::uint64_t index = 0, size = 0;
};

Result<std::string, ProofError> prove(Disk& disk, const std::string& dir, std::uint64_t index);
Result<Proven, ProofError> verify_proof(std::string_view proof, std::string_view entry, const NoteVerifier& verifier);

}  // namespace demarc::governance
