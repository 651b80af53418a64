#include "governance/recovery.hpp"

#include <algorithm>

#include "base/strings.hpp"
#include "governance/wal.hpp"

namespace demarc::governance {
namespace {

OpenError disk_failure(const std::string& path, DiskError error) { return {OpenError::Kind::disk, path + ": " + std::string(to_string(error))}; }

OpenError damaged(const std::string& path, const std::string& what) {
  return {OpenError::Kind::damaged,
          path + ": " + what + "; the log is not continued: run `demarc audit verify`, and restore the folder or start a new one"};
}

Result<void, OpenError> settle_vkey(Disk& disk, const std::string& dir, const NoteSigner& signer) {
  const std::string path = dir + "/vkey";
  const auto found = read_file(disk, path, kMaxNoteBytes);
  if (found && found.value() == signer.vkey() + "\n") return {};
  if (found) return fail(OpenError{OpenError::Kind::key, path + ": another key than secret/log.key signed this log; restore that key"});
  if (found.error() != DiskError::not_found) return fail(disk_failure(path, found.error()));
  return write_file_durably(disk, path, signer.vkey() + "\n").map_error([&](DiskError error) { return disk_failure(path, error); });
}

// The checkpoint on disk, verified, and the tree's edge loaded up to it. None: an empty tree.
Result<void, OpenError> load_checkpoint(Disk& disk, const std::string& dir, const NoteSigner& signer, Sealer& sealer) {
  const std::string path = dir + "/checkpoint";
  const auto note = read_file(disk, path, kMaxNoteBytes);
  if (!note && note.error() == DiskError::not_found) return {};
  if (!note) return fail(disk_failure(path, note.error()));
  const auto checkpoint = open_checkpoint(note.value(), signer.verifier());
  if (!checkpoint) return fail(damaged(path, std::string(to_string(checkpoint.error()))));
  const auto loaded = sealer.load(checkpoint.value());
  if (!loaded) return fail(damaged(dir + "/tile", "the tiles do not lead to the checkpoint's root (" + std::string(to_string(loaded.error())) + ")"));
  return {};
}

// tmp/ holds tiles on their way to their names; after a crash nobody needs them.
Result<void, OpenError> clear_tmp(Disk& disk, const std::string& dir) {
  const auto files = disk.list(dir + "/tmp");
  if (!files && files.error() == DiskError::not_found) return {};
  if (!files) return fail(disk_failure(dir + "/tmp", files.error()));
  for (const DirectoryEntry& file : files.value())
    TRY(disk.remove(dir + "/tmp/" + file.name).map_error([&](DiskError error) { return disk_failure(dir + "/tmp/" + file.name, error); }));
  return {};
}

class WalWalk {
 public:
  WalWalk(Disk& disk, std::string wal_dir, Sealer& sealer, Recovered& out) : disk_(disk), dir_(std::move(wal_dir)), sealer_(sealer), out_(out) {}

  Result<void, OpenError> run(const std::vector<std::uint64_t>& segments) {
    auto at = std::upper_bound(segments.begin(), segments.end(), sealer_.size());
    if (at == segments.begin()) return fail(damaged(dir_, "the WAL begins behind the checkpoint: records are missing"));
    for (--at; at != segments.end(); ++at) {
      const bool last = at + 1 == segments.end();
      const std::uint64_t end = TRY(segment(*at, last));
      if (!last && end != *(at + 1)) return fail(damaged(path(*at), "ends before the next segment begins: records are missing"));
      if (last && end < sealer_.size()) return fail(damaged(path(*at), "the WAL is shorter than the checkpoint: records were removed"));
    }
    return {};
  }

 private:
  [[nodiscard]] std::string path(std::uint64_t first) const { return dir_ + "/" + wal_segment_name(first); }

  Result<std::uint64_t, OpenError> segment(std::uint64_t first, bool last) {
    const auto to_error = [&](DiskError error) {
      return error == DiskError::io ? damaged(path(first), "unreadable or with a broken head") : disk_failure(path(first), error);
    };
    auto reader = TRY(WalReader::open(disk_, dir_, first).map_error(to_error));
    out_.open_intents = reader.open_intents();
    for (;;) {
      switch (TRY(reader.next().map_error(to_error))) {
        case WalReader::Next::frame: TRY(frame(reader)); break;
        case WalReader::Next::end: return reader.end_index();
        case WalReader::Next::torn:
          if (!last) return fail(damaged(path(first), "a broken commit with later ones behind it"));
          out_.cut_bytes = reader.tail_bytes();
          return reader.end_index();
        case WalReader::Next::damaged: return fail(damaged(path(first), "a broken commit with later ones behind it"));
      }
    }
  }

  Result<void, OpenError> frame(const WalReader& reader) {
    for (std::size_t i = 0; i < reader.entries().size(); ++i) {
      const std::uint64_t index = reader.first() + i;
      if (!track_intent(index, reader.entries()[i], out_.open_intents))
        return fail(damaged(dir_, "record " + std::to_string(index) + " is none, or the OUTCOME of no open INTENT"));
      if (index < sealer_.size()) continue;
      const auto added = sealer_.add(reader.entries()[i]);
      if (!added) return fail(disk_failure(dir_, added.error()));
    }
    return {};
  }

  Disk& disk_;
  std::string dir_;
  Sealer& sealer_;
  Recovered& out_;
};

}  // namespace

bool track_intent(std::uint64_t index, std::string_view entry, std::set<std::uint64_t>& open_intents) {
  const auto record = read_record(entry);
  if (!record) return false;
  if (std::holds_alternative<IntentRecord>(record.value().record)) open_intents.insert(index);
  const auto* outcome = std::get_if<OutcomeRecord>(&record.value().record);
  return outcome == nullptr || open_intents.erase(outcome->intent) == 1;
}

Result<Recovered, OpenError> recover(Disk& disk, const std::string& dir, const NoteSigner& signer, Sealer& sealer) {
  const std::string wal_dir = dir + "/wal";
  const auto made = make_directories(disk, wal_dir);
  if (!made) return fail(disk_failure(wal_dir, made.error()));
  TRY(clear_tmp(disk, dir));
  TRY(settle_vkey(disk, dir, signer));
  TRY(load_checkpoint(disk, dir, signer, sealer));

  Recovered out;
  const auto files = TRY(disk.list(wal_dir).map_error([&](DiskError error) { return disk_failure(wal_dir, error); }));
  std::vector<std::uint64_t> segments;
  for (const DirectoryEntry& file : files) {
    if (const auto first = parse_wal_segment_name(file.name)) segments.push_back(*first);
    if (parse_wal_segment_name(file.name) || file.name.ends_with(".wal.tmp")) out.leftovers.insert(file.name);
  }
  if (segments.empty() && (sealer.size() > 0 || disk.list(dir + "/tile").ok()))
    return fail(damaged(wal_dir, "the WAL is gone: records after the checkpoint may be missing"));
  if (!segments.empty()) TRY(WalWalk(disk, wal_dir, sealer, out).run(segments));

  const auto sealed = sealer.checkpoint();
  if (!sealed) return fail(disk_failure(dir, sealed.error()));
  out.size = sealer.size();
  return out;
}

}  // namespace demarc::governance
