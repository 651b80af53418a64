#include "governance/checkpoint.hpp"

#include <charconv>

#include "base/encode.hpp"
#include "base/strings.hpp"

namespace demarc::governance {
namespace {

std::string print(const Checkpoint& checkpoint) {
  return checkpoint.origin + "\n" + std::to_string(checkpoint.size) + "\n" + to_base64(as_bytes(checkpoint.root)) + "\n";
}

// origin, size, root, then extension lines that we do not know and skip.
Result<Checkpoint, NoteError> parse(std::string_view text) {
  const auto lines = split(text, '\n');
  if (lines.size() < 4) return fail(NoteError::malformed);
  Checkpoint checkpoint{std::string(lines[0]), 0, {}};
  const auto [end, error] = std::from_chars(lines[1].data(), lines[1].data() + lines[1].size(), checkpoint.size);
  const auto root = to_hash(from_base64(lines[2]).value_or(""));
  if (error != std::errc{} || end != lines[1].data() + lines[1].size() || !root) return fail(NoteError::malformed);
  checkpoint.root = *root;
  if (checkpoint.origin.empty() || !text.starts_with(print(checkpoint))) return fail(NoteError::malformed);  // no leading zeros
  return checkpoint;
}

}  // namespace

std::string sign_checkpoint(const Checkpoint& checkpoint, const NoteSigner& signer) { return sign_note(print(checkpoint), signer); }

Result<Checkpoint, NoteError> open_checkpoint(std::string_view note, const NoteVerifier& verifier) {
  Checkpoint checkpoint = TRY(parse(TRY(open_note(note, std::span(&verifier, 1)))));
  if (checkpoint.origin != verifier.name()) return fail(NoteError::no_known_signature);
  return checkpoint;
}

Result<Checkpoint, NoteError> read_checkpoint_unverified(std::string_view note) { return parse(note.substr(0, note.find("\n\n") + 1)); }

}  // namespace demarc::governance
