// A checkpoint (c2sp.org/tlog-checkpoint): origin, size and root of the tree as a signed note.
//
//   std::string note = sign_checkpoint({signer.name(), size, root}, signer);
//   auto checkpoint = open_checkpoint(note, verifier);      // its origin is the verifier's name, its signature holds
//
// Pure; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "governance/merkle.hpp"
#include "governance/note.hpp"

namespace demarc::governance {

struct Checkpoint {
  std::string origin;
  std::uint64_t size = 0;
  Hash root{};
};

std::string sign_checkpoint(const Checkpoint& checkpoint, const NoteSigner& signer);
Result<Checkpoint, NoteError> open_checkpoint(std::string_view note, const NoteVerifier& verifier);
// What it says, unproven: for a reader that only looks for its way.
Result<Checkpoint, NoteError> read_checkpoint_unverified(std::string_view note);

}  // namespace demarc::governance
