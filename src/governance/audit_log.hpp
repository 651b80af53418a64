// The audit log: append() resolves when the record is on disk, never before. One writer for all loops, one sync for all who wait at that moment.
//
//   auto log = AuditLog::open(disk, *data_lock, data + "/audit", keys->signer, options);   // recovers; refuses a damaged log
//   std::uint64_t intent = CO_TRY(co_await (*log)->append(loop, Record{intent_record}));   // only now may a byte leave
//   ...
//   CO_TRY(co_await (*log)->append(loop, Record{outcome_record}));                         // only now may the last event go to the client
//
// Order is the index. An OUTCOME must name an open INTENT. append() is called on `loop`'s thread and resumes there; everything else on any thread.
// A failed write or sync ends the log for this process (LogError::failed, healthy() false): what the disk then holds is unknown, so nothing is
// retried. Restart recovers; after a failed sync restart the machine first. Bounded: 8,192 waiting records or 64 MiB of them, then LogError::full.
//
// Files and crash rules: docs/reference/audit-log.md, docs/adr/0003-audit-log-format.md.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "core/io/disk.hpp"
#include "core/io/loop.hpp"
#include "core/io/task.hpp"
#include "core/record.hpp"
#include "governance/note.hpp"
#include "governance/record_json.hpp"

namespace demarc::governance {

enum class LogError : std::uint8_t {
  full,      // too many wait: 503, try again
  failed,    // the disk failed: 503 until restart
  closed,    // shutting down
  not_open,  // an OUTCOME for an INTENT that is not open: our own mistake upstream, nothing was written
};
std::string_view to_string(LogError);

struct OpenError {
  enum class Kind : std::uint8_t { disk, damaged, key };
  Kind kind = Kind::disk;
  std::string message;  // for people: what is wrong, in which file, what to do
};

struct LogOptions {
  std::string tenant = "default";
  std::string build;    // version of demarc
  std::string boot_id;  // read_boot_id()
  // What an attempt cost that a crash cut off; called in open() for each. Without it: unpriced.
  std::function<Charge(const IntentRecord&)> charge_of_crashed;
  std::chrono::milliseconds checkpoint_interval{1000};  // a signed checkpoint covers what is older than this
  std::uint64_t segment_bytes = 16ULL << 20;            // of a WAL file, preallocated
  Clock* clock = nullptr;                               // system_clock() if null
};

std::string read_boot_id();  // the kernel's, "" where there is none

// What open() found and did.
struct Recovery {
  std::uint64_t size = 0;                      // records found
  std::uint64_t cut_bytes = 0;                 // of a torn tail
  std::vector<std::uint64_t> crashed_intents;  // that got an OUTCOME unknown_crash
};

class AuditLog {
 public:
  // `lock` shows that nobody else writes this folder; it must outlive the log, as must disk and clock.
  static Result<std::unique_ptr<AuditLog>, OpenError> open(Disk& disk, const DiskLock& lock, std::string dir, NoteSigner signer, LogOptions options);
  ~AuditLog();  // close()
  AuditLog(const AuditLog&) = delete;
  AuditLog& operator=(const AuditLog&) = delete;

  // The record's index once it is durable. The task must be awaited to its end; `record` must live so long.
  Task<Result<std::uint64_t, LogError>> append(Loop& loop, const Record& record);
  // Both in one commit, one after the other: the first one's index, the second's is one more. All or nothing, also in a crash.
  Task<Result<std::uint64_t, LogError>> append(Loop& loop, const Record& first, const Record& second);
  // For commands without a loop: blocks until durable.
  Result<std::uint64_t, LogError> append_blocking(const Record& record);

  // Blocks until a signed checkpoint covers all that was durable when it was called.
  Result<void, LogError> seal();
  // Refuses new records, finishes those that wait, signs the last checkpoint. Once; also by the destructor.
  void close();

  [[nodiscard]] bool healthy() const;           // false: answer /readyz with 503
  [[nodiscard]] std::string failure() const;    // what failed, "" while healthy
  [[nodiscard]] std::uint64_t waiting() const;  // appends whose caller has not been told yet
  [[nodiscard]] std::uint64_t size() const;     // durable records
  [[nodiscard]] std::uint64_t sealed() const;   // of those, covered by the signed checkpoint on disk
  [[nodiscard]] const Recovery& recovery() const;
  [[nodiscard]] const std::string& origin() const;

  // Durable entries as they are stored; blocking reads. For receipts, `audit show` and projections.
  [[nodiscard]] Result<std::string, DiskError> read(std::uint64_t index) const;  // not_found beyond size()
  // Every durable record from `from_index` on, in order, until the callback says stop; what was durable at the call is covered.
  enum class Replay : std::uint8_t { go_on, stop };
  using OnRecord = std::function<Replay(std::uint64_t index, StoredRecord&& record)>;
  [[nodiscard]] Result<void, OpenError> replay(std::uint64_t from_index, const OnRecord& on_record) const;

 private:
  struct Impl;
  explicit AuditLog(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace demarc::governance
