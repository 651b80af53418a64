// JobStore: files and jobs in DATA/jobs/jobs.sqlite. They are no projection of the audit log: a file of their own, so that db.sqlite may be thrown
// away and made anew without losing one (docs/adr/0016-jobs.md).
//
//   auto jobs = TRY(JobStore::open(data + "/jobs/jobs.sqlite"));      // pieces that were under way are waiting again
//   jobs->begin(id, pieces, now);                                    // validated: the pieces are there, the job is in progress
//   auto piece = TRY(jobs->next(id, nullptr));                       // the first piece that waits is under way
//   piece = TRY(jobs->next(id, &finished));                          // one transaction: that one is finished, this one under way
//   jobs->end(id, JobState::completed, now, {output});
//
// A piece is finished when next() returned: its line must be durable in the output file before (docs/adr/0016). One connection behind a mutex; any
// thread, but not a loop's: every call may wait for the disk.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/mutex.hpp"
#include "core/job.hpp"
#include "store/sqlite.hpp"

namespace demarc::store {

struct FinishedPiece {
  std::int64_t number = 0;
  bool succeeded = false;
  std::int64_t output_bytes = 0, error_bytes = 0;  // how long the job's two files are with it
  std::int64_t amount = 0;                         // of a file that is done in parts, since its last part was kept
};

struct KeptPart {
  std::int64_t parts_bytes = 0;  // how long the file of the piece's parts is with it
  std::int64_t amount = 0;       // what it adds to the job's
};

struct Listing {
  std::string owner;
  std::string after{};    // id; "" from the start
  std::string purpose{};  // of files; "" any
  std::int64_t limit = 20;
  bool oldest_first = false;
};

class JobStore {
 public:
  static Result<std::unique_ptr<JobStore>, StoreError> open(const std::string& path);

  Result<void, StoreError> put_file(const StoredFile& file);
  Result<std::optional<StoredFile>, StoreError> file(std::string_view id);
  Result<std::vector<StoredFile>, StoreError> files(const Listing& listing);  // one more than `limit`, if there are more
  // Whoever owns them: of this purpose and name, in the order of their ids behind `after`, at most `limit`.
  Result<std::vector<StoredFile>, StoreError> files_named(std::string_view purpose, std::string_view filename, std::string_view after,
                                                          std::int64_t limit);
  Result<std::int64_t, StoreError> count_files(std::string_view purpose, std::string_view filename);
  Result<std::vector<StoredFile>, StoreError> expired_files(Instant now);
  Result<std::vector<StoredFile>, StoreError> files_of(std::string_view owner);
  Result<void, StoreError> remove_file(std::string_view id);
  struct Space {
    std::int64_t all_bytes = 0, owner_bytes = 0;
  };
  Result<Space, StoreError> space(std::string_view owner);

  Result<void, StoreError> put_job(const Job& job, std::span<const Piece> pieces);  // new
  Result<std::optional<Job>, StoreError> job(std::string_view id);
  Result<std::vector<Job>, StoreError> jobs(const Listing& listing, std::optional<JobKind> kind);  // one more than `limit`, if there are more
  Result<std::vector<Job>, StoreError> unfinished();                                               // in the order they came
  Result<std::vector<Job>, StoreError> jobs_of(std::string_view owner);                            // all, finished or not
  // An unfinished job that reads this file; "" if none.
  Result<std::string, StoreError> reader_of(std::string_view file);

  Result<void, StoreError> begin(std::string_view job, std::span<const Piece> pieces, Instant now);
  Result<std::optional<Piece>, StoreError> next(std::string_view job, const FinishedPiece* finished);
  Result<void, StoreError> finished(std::string_view job, const FinishedPiece& finished);  // the same without another
  Result<void, StoreError> keep_part(std::string_view job, std::int64_t piece, const KeptPart& part);
  Result<std::vector<Piece>, StoreError> unfinished_pieces(std::string_view job);
  Result<bool, StoreError> cancelling(std::string_view job, Instant now);  // false: it is over already
  Result<void, StoreError> finalizing(std::string_view job, Instant now);
  // Its last state, its pieces gone, its files there.
  Result<void, StoreError> end(const Job& job, std::span<const StoredFile> files);
  Result<std::int64_t, StoreError> forget_jobs(Instant ended_before);
  Result<void, StoreError> forget_jobs_of(std::string_view owner);  // those that are over

 private:
  explicit JobStore(Connection connection) : connection_(std::move(connection)) {}
  Result<std::vector<Job>, StoreError> read_jobs(Statement& statement) REQUIRES(mutex_);
  Result<std::vector<StoredFile>, StoreError> read_files(Statement& statement) REQUIRES(mutex_);

  Mutex mutex_;
  Connection connection_ GUARDED_BY(mutex_);
};

}  // namespace demarc::store
