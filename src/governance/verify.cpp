#include "governance/verify.hpp"

#include <algorithm>
#include <set>

#include "base/encode.hpp"
#include "base/strings.hpp"
#include "governance/checkpoint.hpp"
#include "governance/record_json.hpp"
#include "governance/tiles.hpp"
#include "governance/wal.hpp"

namespace demarc::governance {
namespace {

constexpr std::size_t kMaxProblems = 100, kMaxOpenShown = 1000;
constexpr int kMaxTries = 5;

class Verification {
 public:
  Verification(Disk& disk, const std::string& dir, const VerifyOptions& options) : disk_(disk), dir_(dir), options_(options) {}

  VerifyReport run() {
    if (!read_checkpoint()) return std::move(report_);
    walk_files("");
    check_wal_order();
    tiles_ = std::make_unique<TileReader>(disk_, dir_, size());
    note_open_intents();
    if (size() == 0) compare_roots();
    for (std::uint64_t n = 0; n * kTileWidth < size() && check_bundle(n); ++n) {
    }
    if (next_ == size()) check_wal();
    check_partials(0, true);
    for (const std::uint64_t intent : open_) {
      if (report_.open_intents.size() == kMaxOpenShown) break;
      report_.open_intents.push_back(intent);
    }
    return std::move(report_);
  }

 private:
  [[nodiscard]] std::uint64_t size() const { return checkpoint_.size; }

  void problem(ProblemKind kind, std::string file, std::optional<std::uint64_t> index, std::string what) {
    if (report_.problems.size() < kMaxProblems) report_.problems.push_back({kind, std::move(file), index, std::move(what)});
  }

  bool read_checkpoint() {
    const auto verifier = NoteVerifier::parse(trim(options_.vkey));
    if (!verifier) return problem(ProblemKind::bad_key, "", {}, "the key to verify with is not an Ed25519 vkey"), false;
    const auto own_vkey = read_file(disk_, dir_ + "/vkey", kMaxNoteBytes);
    if (!own_vkey)
      problem(ProblemKind::unreadable, "vkey", {}, std::string(to_string(own_vkey.error())));
    else if (own_vkey.value() != verifier->vkey() + "\n")
      problem(ProblemKind::bad_key, "vkey", {}, "is not the key to verify with");
    const auto note = read_file(disk_, dir_ + "/checkpoint", kMaxNoteBytes);
    if (!note) return problem(ProblemKind::unreadable, "checkpoint", {}, std::string(to_string(note.error()))), false;
    const auto checkpoint = open_checkpoint(note.value(), *verifier);
    if (!checkpoint) return problem(ProblemKind::bad_checkpoint, "checkpoint", {}, std::string(to_string(checkpoint.error()))), false;
    checkpoint_ = checkpoint.value();
    report_.origin = checkpoint_.origin, report_.size = size(), report_.root = to_base64(as_bytes(checkpoint_.root));
    if (!options_.since) return true;
    const auto since = open_checkpoint(*options_.since, *verifier);
    if (!since)
      problem(ProblemKind::bad_checkpoint, "", {}, "the older checkpoint: " + std::string(to_string(since.error())));
    else if (since.value().size > size())
      problem(ProblemKind::rolled_back, "checkpoint", size(),
              "the checkpoint to compare with has " + std::to_string(since.value().size) + " records");
    else
      since_ = since.value();
    return true;
  }

  // Every file has a place. Tiles are compared one by one later; partial ones are few, so their names are kept.
  void walk_files(const std::string& below) {
    const auto entries = disk_.list(below.empty() ? dir_ : dir_ + "/" + below);
    if (!entries) return problem(ProblemKind::unreadable, below, {}, std::string(to_string(entries.error())));
    for (const DirectoryEntry& entry : entries.value()) {
      const std::string path = below.empty() ? entry.name : below + "/" + entry.name;
      if (entry.is_directory)
        walk_files(path);
      else
        place_file(path);
    }
  }

  void place_file(const std::string& path) {
    if (path == "checkpoint" || path == "vkey") return;
    if (path.starts_with("wal/")) {
      if (const auto first = parse_wal_segment_name(path.substr(4))) return segments_.push_back(*first);
    } else if (const auto name = parse_tile_path(path)) {
      if (name->width < kTileWidth) return partials_.push_back(*name);
      if (tile_width(name->level.value_or(0), name->n, size()) == kTileWidth) return;
      return beyond_.push_back(*name);
    }
    problem(ProblemKind::unexpected_file, path, {},
            path.ends_with(".tmp") ? "left by a crash; a start of the log clears it" : "no log writes such a file");
  }

  // Records, one after the other. False once an entry is wrong: what comes after it means nothing.
  bool check_entry(const std::string& file, std::string_view entry) {
    const auto record = read_record(entry);
    if (!record) return problem(ProblemKind::bad_record, file, next_, std::string(to_string(record.error()))), false;
    ++report_.kinds[std::string(kind_of(record.value().record))];
    if (std::holds_alternative<IntentRecord>(record.value().record)) open_.insert(next_);
    const auto* outcome = std::get_if<OutcomeRecord>(&record.value().record);
    if (outcome != nullptr && open_.erase(outcome->intent) == 0)
      problem(ProblemKind::unpaired, file, next_, "OUTCOME of record " + std::to_string(outcome->intent) + ", which is no open INTENT");
    range_.append(leaf_hash(entry));
    push(0, leaf_hash(entry));
    ++next_;
    if (next_ % kTileWidth == 0) current_bundle_.clear();
    note_open_intents();
    compare_roots();
    return true;
  }

  void note_open_intents() {
    if (std::binary_search(segments_.begin(), segments_.end(), next_)) open_at_segment_[next_] = open_;
  }

  void compare_roots() {
    if (since_ && since_->size == next_ && since_->root != range_.root())
      problem(ProblemKind::inconsistent, "", next_, "the first records are not those of the older checkpoint");
    if (next_ == size() && checkpoint_.root != range_.root())
      problem(ProblemKind::wrong_hash, "checkpoint", {}, "the records do not lead to the signed root");
  }

  bool check_bundle(std::uint64_t n) {
    const TileName name = bundle_name(n, tile_width(0, n, size()));
    const std::string path = tile_path(name);
    const auto bytes = read_file(disk_, dir_ + "/" + path, kMaxBundleBytes);
    if (!bytes) return problem(ProblemKind::unreadable, path, n * kTileWidth, std::string(to_string(bytes.error()))), false;
    const auto entries = parse_bundle(bytes.value());
    if (!entries || entries->size() != name.width)
      return problem(ProblemKind::wrong_hash, path, n * kTileWidth, "does not hold " + std::to_string(name.width) + " entries"), false;
    const auto hashes = tiles_->tile(0, n);
    for (std::size_t i = 0; i < entries->size(); ++i) {
      if (hashes && (*hashes.value())[i] != leaf_hash((*entries)[i]))
        return problem(ProblemKind::wrong_hash, path, next_, "the entry is not the one in " + tile_path({0U, n, name.width})), false;
      append_bundle_entry(current_bundle_, (*entries)[i]);
      if (!check_entry(path, (*entries)[i])) return false;
    }
    return true;
  }

  // The tree as its tiles should be: complete ones are compared when they fill up, partial ones by their beginning.
  void push(unsigned level, const Hash& hash) {
    if (levels_.size() <= level) levels_.emplace_back(), counts_.push_back(0);
    levels_[level].push_back(hash);
    ++counts_[level];
    if (levels_[level].size() < kTileWidth) return;
    const std::uint64_t n = counts_[level] / kTileWidth - 1;
    const bool there = tile_width(level, n, size()) == kTileWidth || std::erase(beyond_, TileName{level, n, kTileWidth}) > 0;
    if (there) compare_tile({level, n, kTileWidth}, levels_[level]);
    if (level == 0) check_full_bundle_beyond(n);
    check_partials(level, false);
    const Hash above = subtree_root(levels_[level]);
    levels_[level].clear();
    push(level + 1, above);
  }

  void compare_tile(const TileName& name, const std::vector<Hash>& hashes) {
    std::string expected;
    for (std::size_t i = 0; i < name.width && i < hashes.size(); ++i) expected += as_bytes(hashes[i]);
    compare_file(name, expected);
  }

  void compare_file(const TileName& name, std::string_view expected) {
    const std::string path = tile_path(name);
    const auto bytes = read_file(disk_, dir_ + "/" + path, kMaxBundleBytes);
    if (!bytes)
      problem(ProblemKind::unreadable, path, {}, std::string(to_string(bytes.error())));
    else if (bytes.value() != expected)
      problem(ProblemKind::wrong_hash, path, {}, "is not what the records say");
  }

  void check_full_bundle_beyond(std::uint64_t n) {
    if (std::erase(beyond_, bundle_name(n, kTileWidth)) > 0) compare_file(bundle_name(n, kTileWidth), current_bundle_);
  }

  // Partial tiles of this level's unfinished tile (and of the bundle, with level 0). At the end: all that are left.
  void check_partials(unsigned level, bool at_end) {
    std::vector<TileName> rest;
    for (const TileName& name : partials_) {
      const unsigned of = name.level.value_or(0);
      const std::vector<Hash>* hashes = of < levels_.size() ? &levels_[of] : nullptr;
      const std::uint64_t n = hashes == nullptr ? 0 : (counts_[of] - (hashes->empty() ? 0 : 1)) / kTileWidth;
      const bool comparable = hashes != nullptr && n == name.n && hashes->size() >= name.width && (at_end || of == level);
      if (comparable && name.level)
        compare_tile(name, *hashes);
      else if (comparable)
        compare_file(name, bundle_beginning(name.width));
      else
        rest.push_back(name);
    }
    partials_ = std::move(rest);
    if (!at_end) return;
    if (next_ >= size()) {
      for (const TileName& name : partials_) problem(ProblemKind::unexpected_file, tile_path(name), {}, "beyond the last record");
      for (const TileName& name : beyond_) problem(ProblemKind::unexpected_file, tile_path(name), {}, "beyond the last record");
      for (unsigned level = 0; level < kMaxTileLevels && hashes_at(level, size()) > 0; ++level) check_edge_exists(level);
    }
  }

  void check_edge_exists(unsigned level) {
    const TileName name{level, hashes_at(level, size()) / kTileWidth, hashes_at(level, size()) % kTileWidth};
    if (name.width != 0 && !disk_.open(dir_ + "/" + tile_path(name), OpenMode::read))
      problem(ProblemKind::unreadable, tile_path(name), {}, "the checkpoint needs it");
  }

  std::string_view bundle_beginning(std::uint64_t width) const {
    const auto entries = parse_bundle(current_bundle_);
    if (!entries || entries->size() < width) return {};
    const std::string_view last = (*entries)[width - 1];
    return {current_bundle_.data(), static_cast<std::size_t>(last.data() + last.size() - current_bundle_.data())};
  }

  void check_wal_order() {
    std::sort(segments_.begin(), segments_.end());
    if (segments_.empty()) problem(ProblemKind::bad_wal, "wal", {}, "no segment is there");
    if (!segments_.empty() && segments_.front() > size()) problem(ProblemKind::bad_wal, "wal", size(), "begins behind the checkpoint");
  }

  void check_wal() {
    for (std::size_t i = 0; i < segments_.size(); ++i) {
      const std::string file = "wal/" + wal_segment_name(segments_[i]);
      auto reader = WalReader::open(disk_, dir_ + "/wal", segments_[i]);
      if (!reader) {
        problem(ProblemKind::bad_wal, file, segments_[i], "its head is broken");
        continue;
      }
      const auto open_there = open_at_segment_.find(segments_[i]);
      if (open_there != open_at_segment_.end() && open_there->second != reader.value().open_intents())
        problem(ProblemKind::bad_wal, file, segments_[i], "its head names other open INTENTs than the records do");
      const std::uint64_t end = check_segment(file, reader.value());
      if (i + 1 < segments_.size() && end != segments_[i + 1]) problem(ProblemKind::bad_wal, file, end, "ends before the next one begins");
      if (i + 1 == segments_.size() && end < size()) problem(ProblemKind::bad_wal, file, end, "is shorter than the checkpoint");
    }
    report_.uncovered = next_ - size();
  }

  std::uint64_t check_segment(const std::string& file, WalReader& reader) {
    for (;;) {
      const auto next = reader.next();
      if (!next) return problem(ProblemKind::unreadable, file, reader.end_index(), std::string(to_string(next.error()))), reader.end_index();
      switch (next.value()) {
        case WalReader::Next::frame: break;
        case WalReader::Next::end: return reader.end_index();
        case WalReader::Next::torn:
          problem(ProblemKind::bad_wal, file, reader.end_index(),
                  std::to_string(reader.tail_bytes()) + " bytes behind the last whole commit: a copy made while writing, a crash, or damage");
          return reader.end_index();
        case WalReader::Next::damaged:
          problem(ProblemKind::bad_wal, file, reader.end_index(), "a broken commit with later ones behind it");
          return reader.end_index();
      }
      for (std::size_t i = 0; i < reader.entries().size(); ++i)
        if (!check_wal_entry(file, reader.first() + i, reader.entries()[i])) return reader.end_index();
    }
  }

  bool check_wal_entry(const std::string& file, std::uint64_t index, std::string_view entry) {
    if (index >= size()) {
      if (index != next_) return problem(ProblemKind::bad_wal, file, index, "not the next record"), false;
      append_bundle_entry(current_bundle_, entry);
      return check_entry(file, entry);
    }
    const auto hash = tiles_->node(0, index);
    if (hash && *hash != leaf_hash(entry)) problem(ProblemKind::bad_wal, file, index, "not the entry that the tiles hold");
    return true;
  }

  Disk& disk_;
  const std::string& dir_;
  const VerifyOptions& options_;
  VerifyReport report_;
  Checkpoint checkpoint_;
  std::optional<Checkpoint> since_;
  std::unique_ptr<TileReader> tiles_;
  std::vector<std::uint64_t> segments_;
  std::vector<TileName> partials_, beyond_;  // partial tiles; full ones behind the checkpoint (a crash left them)

  std::uint64_t next_ = 0;  // index of the entry to come
  CompactRange range_;
  std::vector<std::vector<Hash>> levels_;  // per tile level, the tile that is filling up
  std::vector<std::uint64_t> counts_;      // hashes seen per level
  std::string current_bundle_;
  std::set<std::uint64_t> open_;
  std::map<std::uint64_t, std::set<std::uint64_t>> open_at_segment_;  // as of the first record of each WAL segment
};

}  // namespace

std::string_view to_string(ProblemKind kind) {
  switch (kind) {
    case ProblemKind::unreadable: return "unreadable";
    case ProblemKind::bad_key: return "bad_key";
    case ProblemKind::bad_checkpoint: return "bad_checkpoint";
    case ProblemKind::wrong_hash: return "wrong_hash";
    case ProblemKind::bad_record: return "bad_record";
    case ProblemKind::unpaired: return "unpaired";
    case ProblemKind::bad_wal: return "bad_wal";
    case ProblemKind::inconsistent: return "inconsistent";
    case ProblemKind::rolled_back: return "rolled_back";
    case ProblemKind::unexpected_file: return "unexpected_file";
  }
  return "unreadable";
}

VerifyReport verify_log(Disk& disk, const std::string& dir, const VerifyOptions& options) {
  for (int tries = 1;; ++tries) {
    const std::string before = read_file(disk, dir + "/checkpoint", kMaxNoteBytes).value_or("");
    VerifyReport report = Verification(disk, dir, options).run();
    const bool moved = read_file(disk, dir + "/checkpoint", kMaxNoteBytes).value_or("") != before;
    if (report.ok() || !moved || tries == kMaxTries) return report;  // a log in service replaces its edge meanwhile: look again
  }
}

}  // namespace demarc::governance
