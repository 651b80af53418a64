#include "governance/prove.hpp"

#include <charconv>

#include "base/encode.hpp"
#include "governance/checkpoint.hpp"
#include "governance/tiles.hpp"

namespace demarc::governance {
namespace {

constexpr std::string_view kFirstLine = "c2sp.org/tlog-proof@v1\n";
constexpr std::size_t kMaxPath = 64, kMaxProofBytes = std::size_t{128} * 1024;
constexpr int kMaxTries = 3;  // a running log may replace partial tiles between two reads

std::optional<std::string_view> take_line(std::string_view& text) {
  const auto end = text.find('\n');
  if (end == std::string_view::npos) return {};
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end + 1);
  return line;
}

Result<std::string, ProofError> try_prove(Disk& disk, const std::string& dir, std::uint64_t index) {
  const auto note = read_file(disk, dir + "/checkpoint", kMaxNoteBytes);
  if (!note) return fail(ProofError::unreadable);
  const auto checkpoint = read_checkpoint_unverified(note.value());
  if (!checkpoint) return fail(ProofError::malformed);
  if (index >= checkpoint.value().size) return fail(ProofError::not_covered);
  TileReader tiles(disk, dir, checkpoint.value().size);
  const auto path = inclusion_path(index, tiles.size(), [&](unsigned level, std::uint64_t i) { return tiles.node(level, i); });
  if (!path) return fail(ProofError::unreadable);
  const auto leaf = tiles.node(0, index);
  if (!leaf || root_from_inclusion(*leaf, index, tiles.size(), *path) != checkpoint.value().root) return fail(ProofError::wrong_hash);
  std::string proof(kFirstLine);
  proof += "index " + std::to_string(index) + "\n";
  for (const Hash& hash : *path) proof += to_base64(as_bytes(hash)) + "\n";
  return proof + "\n" + note.value();
}

}  // namespace

std::string_view to_string(ProofError error) {
  switch (error) {
    case ProofError::unreadable: return "checkpoint or tiles cannot be read";
    case ProofError::not_covered: return "the record is not covered by a checkpoint yet";
    case ProofError::malformed: return "not a proof";
    case ProofError::bad_signature: return "the checkpoint is not signed by this key";
    case ProofError::wrong_hash: return "the proof does not lead to the signed root";
  }
  return "not a proof";
}

Result<std::string, ProofError> prove(Disk& disk, const std::string& dir, std::uint64_t index) {
  for (int tries = 1;; ++tries) {
    auto proof = try_prove(disk, dir, index);
    if (proof || proof.error() != ProofError::unreadable || tries == kMaxTries) return proof;
  }
}

Result<Proven, ProofError> verify_proof(std::string_view proof, std::string_view entry, const NoteVerifier& verifier) {
  if (proof.size() > kMaxProofBytes || !proof.starts_with(kFirstLine)) return fail(ProofError::malformed);
  proof.remove_prefix(kFirstLine.size());
  auto line = take_line(proof);
  if (line && line->starts_with("extra ")) {  // unauthenticated, so nothing to us
    if (!from_base64(line->substr(6))) return fail(ProofError::malformed);
    line = take_line(proof);
  }
  if (!line || !line->starts_with("index ")) return fail(ProofError::malformed);
  std::uint64_t index = 0;
  const auto [end, error] = std::from_chars(line->data() + 6, line->data() + line->size(), index);
  if (error != std::errc{} || "index " + std::to_string(index) != *line) return fail(ProofError::malformed);
  std::vector<Hash> path;
  for (line = take_line(proof); line && !line->empty(); line = take_line(proof)) {
    const auto hash = to_hash(from_base64(*line).value_or(""));
    if (!hash || path.size() == kMaxPath) return fail(ProofError::malformed);
    path.push_back(*hash);
  }
  if (!line) return fail(ProofError::malformed);
  const auto checkpoint = open_checkpoint(proof, verifier);
  if (!checkpoint) return fail(checkpoint.error() == NoteError::malformed ? ProofError::malformed : ProofError::bad_signature);
  if (root_from_inclusion(leaf_hash(entry), index, checkpoint.value().size, path) != checkpoint.value().root) return fail(ProofError::wrong_hash);
  return Proven{checkpoint.value().origin, index, checkpoint.value().size};
}

}  // namespace demarc::governance
