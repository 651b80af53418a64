#include "store/job_store.hpp"

#include "store/job_rows.hpp"

namespace demarc::store {
namespace {

constexpr std::int64_t kSucceeded = 2, kFailed = 3;             // pieces.state (job_rows.cpp)
constexpr std::string_view kNotOver = "state IN (0, 1, 2, 6)";  // validating, in_progress, finalizing, cancelling
static_assert(static_cast<int>(JobState::validating) == 0 && static_cast<int>(JobState::finalizing) == 2 &&
              static_cast<int>(JobState::cancelling) == 6);

std::string select(std::string_view columns, std::string_view table, std::string_view rest) {
  return "SELECT " + std::string(columns) + " FROM " + std::string(table) + " WHERE " + std::string(rest);
}
std::string jobs_where(std::string_view rest) { return select(kJobColumns, "jobs", rest); }
std::string files_where(std::string_view rest) { return select(kFileColumns, "files", rest); }
std::string not_over_and(std::string_view rest) { return std::string(kNotOver) + " " + std::string(rest); }

Result<void, StoreError> insert_pieces(Connection& connection, std::string_view job, std::span<const Piece> pieces) {
  Statement& insert = *TRY(connection.prepare("INSERT INTO pieces(job, number, custom_id, file, offset, bytes, run, state) VALUES(?,?,?,?,?,?,0,0)"));
  for (const Piece& piece : pieces) {
    insert.bind(1, job), insert.bind(2, piece.number), insert.bind(3, piece.custom_id), insert.bind(4, piece.file);
    insert.bind(5, piece.offset), insert.bind(6, piece.bytes);
    TRY(connection.run(insert));
  }
  return {};
}

Piece read_piece(const Statement& row) {
  return {.number = row.number(0),
          .custom_id = row.text(1),
          .file = row.text(2),
          .offset = row.number(3),
          .bytes = row.number(4),
          .run = row.number(5),
          .parts_bytes = row.number(6)};
}

Result<void, StoreError> finish(Connection& connection, std::string_view job, const FinishedPiece& finished) {
  Statement& piece = *TRY(connection.prepare("UPDATE pieces SET state = ? WHERE job = ? AND number = ?"));
  piece.bind(1, finished.succeeded ? kSucceeded : kFailed), piece.bind(2, job), piece.bind(3, finished.number);
  TRY(connection.run(piece));
  Statement& counts =
      *TRY(connection.prepare("UPDATE jobs SET completed = completed + ?, failed = failed + ?, output_bytes = ?, error_bytes = ?, "
                              "amount = amount + ? WHERE id = ?"));
  counts.bind(1, finished.succeeded ? 1 : 0), counts.bind(2, finished.succeeded ? 0 : 1);
  counts.bind(3, finished.output_bytes), counts.bind(4, finished.error_bytes), counts.bind(5, finished.amount), counts.bind(6, job);
  return connection.run(counts);
}

}  // namespace

Result<std::unique_ptr<JobStore>, StoreError> JobStore::open(const std::string& path) {
  Connection connection = TRY(Connection::open(path));
  TRY(connection.execute("PRAGMA secure_delete=ON"));
  TRY(migrate_jobs(connection));
  TRY(connection.execute("UPDATE pieces SET state = 0 WHERE state = 1"));
  return std::unique_ptr<JobStore>(new JobStore(std::move(connection)));
}

Result<std::vector<Job>, StoreError> JobStore::read_jobs(Statement& statement) {
  std::vector<Job> out;
  while (TRY(connection_.step(statement))) out.push_back(read_job_row(statement));
  return out;
}

Result<std::vector<StoredFile>, StoreError> JobStore::read_files(Statement& statement) {
  std::vector<StoredFile> out;
  while (TRY(connection_.step(statement))) out.push_back(read_file_row(statement));
  return out;
}

Result<void, StoreError> JobStore::put_file(const StoredFile& file) {
  MutexLock lock(mutex_);
  return write_file_row(connection_, file);
}

Result<std::optional<StoredFile>, StoreError> JobStore::file(std::string_view id) {
  MutexLock lock(mutex_);
  Statement& read = *TRY(connection_.prepare(files_where("id = ?")));
  read.bind(1, id);
  auto found = TRY(read_files(read));
  return found.empty() ? std::nullopt : std::optional(std::move(found.front()));
}

Result<std::vector<StoredFile>, StoreError> JobStore::files(const Listing& listing) {
  MutexLock lock(mutex_);
  Statement& read =
      *TRY(connection_.prepare(files_where("owner = ?1 " + std::string(listing.oldest_first ? "AND id > ?2" : "AND (?2 = '' OR id < ?2)") +
                                           " AND (?3 = '' OR purpose = ?3) ORDER BY id " + (listing.oldest_first ? "" : "DESC") + " LIMIT ?4")));
  read.bind(1, listing.owner), read.bind(2, listing.after), read.bind(3, listing.purpose), read.bind(4, listing.limit + 1);
  return read_files(read);
}

Result<std::vector<StoredFile>, StoreError> JobStore::files_named(std::string_view purpose, std::string_view filename, std::string_view after,
                                                                  std::int64_t limit) {
  MutexLock lock(mutex_);
  Statement& read = *TRY(connection_.prepare(files_where("purpose = ? AND filename = ? AND id > ? ORDER BY id LIMIT ?")));
  read.bind(1, purpose), read.bind(2, filename), read.bind(3, after), read.bind(4, limit);
  return read_files(read);
}

Result<std::int64_t, StoreError> JobStore::count_files(std::string_view purpose, std::string_view filename) {
  MutexLock lock(mutex_);
  Statement& read = *TRY(connection_.prepare("SELECT count(*) FROM files WHERE purpose = ? AND filename = ?"));
  read.bind(1, purpose), read.bind(2, filename);
  TRY(connection_.step(read));
  const std::int64_t count = read.number(0);
  connection_.reset(read);
  return count;
}

Result<std::vector<StoredFile>, StoreError> JobStore::expired_files(Instant now) {
  MutexLock lock(mutex_);
  Statement& read = *TRY(connection_.prepare(files_where("expires_ns <= ?")));
  read.bind(1, now.unix_ns);
  return read_files(read);
}

Result<std::vector<StoredFile>, StoreError> JobStore::files_of(std::string_view owner) {
  MutexLock lock(mutex_);
  Statement& read = *TRY(connection_.prepare(files_where("owner = ?")));
  read.bind(1, owner);
  return read_files(read);
}

Result<void, StoreError> JobStore::remove_file(std::string_view id) {
  MutexLock lock(mutex_);
  Statement& remove = *TRY(connection_.prepare("DELETE FROM files WHERE id = ?"));
  remove.bind(1, id);
  return connection_.run(remove);
}

Result<JobStore::Space, StoreError> JobStore::space(std::string_view owner) {
  MutexLock lock(mutex_);
  Statement& read = *TRY(
      connection_.prepare("SELECT coalesce(sum(bytes), 0), coalesce(sum(CASE WHEN owner = ?1 THEN bytes ELSE 0 END), 0) FROM ("
                          "SELECT owner, bytes FROM files UNION ALL SELECT owner, output_bytes + error_bytes FROM jobs WHERE ended_ns IS NULL)"));
  read.bind(1, owner);
  TRY(connection_.step(read));
  const Space space{.all_bytes = read.number(0), .owner_bytes = read.number(1)};
  connection_.reset(read);
  return space;
}

Result<void, StoreError> JobStore::put_job(const Job& job, std::span<const Piece> pieces) {
  MutexLock lock(mutex_);
  Transaction transaction = TRY(Transaction::begin(connection_));
  TRY(write_job_row(connection_, job));
  TRY(insert_pieces(connection_, job.id, pieces));
  return transaction.commit();
}

Result<std::optional<Job>, StoreError> JobStore::job(std::string_view id) {
  MutexLock lock(mutex_);
  Statement& read = *TRY(connection_.prepare(jobs_where("id = ?")));
  read.bind(1, id);
  auto found = TRY(read_jobs(read));
  return found.empty() ? std::nullopt : std::optional(std::move(found.front()));
}

Result<std::vector<Job>, StoreError> JobStore::jobs(const Listing& listing, std::optional<JobKind> kind) {
  MutexLock lock(mutex_);
  Statement& read =
      *TRY(connection_.prepare(jobs_where("owner = ?1 AND (?2 = '' OR (created_ns, id) < (SELECT created_ns, id FROM jobs WHERE id = ?2)) AND (?3 < "
                                          "0 OR kind = ?3) ORDER BY created_ns DESC, id DESC LIMIT ?4")));
  read.bind(1, listing.owner), read.bind(2, listing.after), read.bind(3, kind ? static_cast<std::int64_t>(*kind) : -1);
  read.bind(4, listing.limit + 1);
  return read_jobs(read);
}

Result<std::vector<Job>, StoreError> JobStore::unfinished() {
  MutexLock lock(mutex_);
  return read_jobs(*TRY(connection_.prepare(jobs_where(not_over_and("ORDER BY created_ns")))));
}

Result<std::vector<Job>, StoreError> JobStore::jobs_of(std::string_view owner) {
  MutexLock lock(mutex_);
  Statement& read = *TRY(connection_.prepare(jobs_where("owner = ?")));
  read.bind(1, owner);
  return read_jobs(read);
}

Result<std::string, StoreError> JobStore::reader_of(std::string_view file) {
  MutexLock lock(mutex_);
  Statement& read =
      *TRY(connection_.prepare("SELECT id FROM jobs WHERE " + not_over_and("AND (input_file = ?1 OR id IN (SELECT job FROM pieces WHERE "
                                                                           "file = ?1)) LIMIT 1")));
  read.bind(1, file);
  std::string id;
  if (TRY(connection_.step(read))) id = read.text(0), connection_.reset(read);
  return id;
}

Result<void, StoreError> JobStore::begin(std::string_view job, std::span<const Piece> pieces, Instant now) {
  MutexLock lock(mutex_);
  Transaction transaction = TRY(Transaction::begin(connection_));
  TRY(insert_pieces(connection_, job, pieces));
  Statement& begin =
      *TRY(connection_.prepare("UPDATE jobs SET state = CASE state WHEN 0 THEN 1 ELSE state END, started_ns = ?, total = ? WHERE id = ?"));
  begin.bind(1, now.unix_ns), begin.bind(2, static_cast<std::int64_t>(pieces.size())), begin.bind(3, job);
  TRY(connection_.run(begin));
  return transaction.commit();
}

Result<std::optional<Piece>, StoreError> JobStore::next(std::string_view job, const FinishedPiece* finished) {
  MutexLock lock(mutex_);
  Transaction transaction = TRY(Transaction::begin(connection_));
  if (finished != nullptr) TRY(finish(connection_, job, *finished));
  Statement& take = *TRY(connection_.prepare(
      "UPDATE pieces SET state = 1, run = run + 1 WHERE job = ?1 AND number = (SELECT min(number) FROM pieces WHERE job = ?1 AND state = 0) "
      "RETURNING number, custom_id, file, offset, bytes, run, parts_bytes"));
  take.bind(1, job);
  std::optional<Piece> piece;
  while (TRY(connection_.step(take))) piece = read_piece(take);
  TRY(transaction.commit());
  return piece;
}

Result<void, StoreError> JobStore::finished(std::string_view job, const FinishedPiece& finished) {
  MutexLock lock(mutex_);
  Transaction transaction = TRY(Transaction::begin(connection_));
  TRY(finish(connection_, job, finished));
  return transaction.commit();
}

Result<void, StoreError> JobStore::keep_part(std::string_view job, std::int64_t piece, const KeptPart& part) {
  MutexLock lock(mutex_);
  Transaction transaction = TRY(Transaction::begin(connection_));
  Statement& end = *TRY(connection_.prepare("UPDATE pieces SET parts_bytes = ? WHERE job = ? AND number = ?"));
  end.bind(1, part.parts_bytes), end.bind(2, job), end.bind(3, piece);
  TRY(connection_.run(end));
  Statement& amount = *TRY(connection_.prepare("UPDATE jobs SET amount = amount + ? WHERE id = ?"));
  amount.bind(1, part.amount), amount.bind(2, job);
  TRY(connection_.run(amount));
  return transaction.commit();
}

Result<std::vector<Piece>, StoreError> JobStore::unfinished_pieces(std::string_view job) {
  MutexLock lock(mutex_);
  Statement& read = *TRY(connection_.prepare(
      "SELECT number, custom_id, file, offset, bytes, run, parts_bytes FROM pieces WHERE job = ? AND state IN (0, 1) ORDER BY number"));
  read.bind(1, job);
  std::vector<Piece> out;
  while (TRY(connection_.step(read))) out.push_back(read_piece(read));
  return out;
}

Result<bool, StoreError> JobStore::cancelling(std::string_view job, Instant now) {
  MutexLock lock(mutex_);
  Statement& update =
      *TRY(connection_.prepare("UPDATE jobs SET state = 6, cancelling_ns = coalesce(cancelling_ns, ?) WHERE id = ? AND state IN (0, 1, 6)"));
  update.bind(1, now.unix_ns), update.bind(2, job);
  TRY(connection_.run(update));
  return sqlite3_changes(connection_.raw()) > 0;
}

Result<void, StoreError> JobStore::finalizing(std::string_view job, Instant now) {
  MutexLock lock(mutex_);
  Statement& update = *TRY(connection_.prepare("UPDATE jobs SET state = CASE state WHEN 1 THEN 2 ELSE state END, finalizing_ns = ? WHERE id = ?"));
  update.bind(1, now.unix_ns), update.bind(2, job);
  return connection_.run(update);
}

Result<void, StoreError> JobStore::end(const Job& job, std::span<const StoredFile> files) {
  MutexLock lock(mutex_);
  Transaction transaction = TRY(Transaction::begin(connection_));
  TRY(write_job_row(connection_, job));
  for (const StoredFile& file : files) TRY(write_file_row(connection_, file));
  Statement& pieces = *TRY(connection_.prepare("DELETE FROM pieces WHERE job = ?"));
  pieces.bind(1, job.id);
  TRY(connection_.run(pieces));
  return transaction.commit();
}

Result<std::int64_t, StoreError> JobStore::forget_jobs(Instant ended_before) {
  MutexLock lock(mutex_);
  Statement& remove = *TRY(connection_.prepare("DELETE FROM jobs WHERE ended_ns < ?"));
  remove.bind(1, ended_before.unix_ns);
  TRY(connection_.run(remove));
  return sqlite3_changes(connection_.raw());
}

Result<void, StoreError> JobStore::forget_jobs_of(std::string_view owner) {
  MutexLock lock(mutex_);
  Statement& remove = *TRY(connection_.prepare("DELETE FROM jobs WHERE owner = ? AND ended_ns IS NOT NULL"));
  remove.bind(1, owner);
  return connection_.run(remove);
}

}  // namespace demarc::store
