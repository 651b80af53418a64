// Offline verification of an audit folder, or a copy of one, with nothing but the public key: `demarc audit verify`.
//
//   VerifyReport report = verify_log(disk, "/media/copy/audit", {.vkey = trusted_vkey, .since = older_checkpoint});
//   if (!report.ok()) ... report.problems.front() ...            // the command exits with 5
//
// Checked: the checkpoint's signature, every entry up to the root, every tile, every record's form, INTENT and OUTCOME 1:1, the WAL to its last byte
// (what lies beyond the checkpoint is reported as uncovered), consistency with an older checkpoint, and that no other file stands there.
// A rollback of the whole folder shows only against a checkpoint kept elsewhere. Memory does not grow with the log. Reads only; blocks; any thread.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/io/disk.hpp"

namespace demarc::governance {

enum class ProblemKind : std::uint8_t {
  unreadable,       // a file that must be there is not, or cannot be read
  bad_key,          // the vkey is none, or the folder's is not the trusted one
  bad_checkpoint,   // not a checkpoint, or not signed by the trusted key
  wrong_hash,       // an entry or tile does not lead to the signed root
  bad_record,       // an entry that is not a record in canonical form
  unpaired,         // an OUTCOME without its INTENT, or a second one
  bad_wal,          // damaged frame, torn tail, gap between segments, or not what the tiles say
  inconsistent,     // the older checkpoint is not a prefix of this log
  rolled_back,      // the older checkpoint is larger than the newest one here
  unexpected_file,  // a file that no log writes
};
std::string_view to_string(ProblemKind);

struct Problem {
  ProblemKind kind = ProblemKind::unreadable;
  std::string file;                    // relative to the folder; "" if it is about none
  std::optional<std::uint64_t> index;  // of the first record concerned
  std::string what;
};

struct VerifyOptions {
  std::string vkey;                  // one line, from trusted media
  std::optional<std::string> since;  // an older checkpoint of this log, whole
};

struct VerifyReport {
  std::string origin;
  std::uint64_t size = 0;                      // covered by the checkpoint
  std::string root;                            // base64, as the checkpoint says
  std::uint64_t uncovered = 0;                 // whole records in the WAL beyond it
  std::map<std::string, std::uint64_t> kinds;  // records by kind
  std::vector<std::uint64_t> open_intents;     // without an OUTCOME at the end: in flight, or cut off by a crash before the next start; at most 1,000
  std::vector<Problem> problems;               // the first is the first found; at most 100
  [[nodiscard]] bool ok() const { return problems.empty(); }
};

VerifyReport verify_log(Disk& disk, const std::string& dir, const VerifyOptions& options);

}  // namespace demarc::governance
