#include "store/job_rows.hpp"

#include <array>

#include "store/columns.hpp"

namespace demarc::store {
namespace {

// pieces.state: 0 waits, 1 is under way, 2 succeeded, 3 failed.
constexpr const char* kVersion1 = R"sql(
CREATE TABLE files(
  id TEXT PRIMARY KEY, owner TEXT NOT NULL, filename TEXT NOT NULL, purpose TEXT NOT NULL, bytes INTEGER NOT NULL, created_ns INTEGER NOT NULL,
  expires_ns INTEGER) WITHOUT ROWID;
CREATE INDEX files_by_owner ON files(owner, id);
CREATE TABLE jobs(
  id TEXT PRIMARY KEY, kind INTEGER NOT NULL, state INTEGER NOT NULL, owner TEXT NOT NULL, endpoint TEXT NOT NULL, input_file TEXT NOT NULL,
  time_window TEXT NOT NULL, options TEXT NOT NULL, metadata TEXT NOT NULL, sensitivity TEXT NOT NULL, workload TEXT NOT NULL,
  created_ns INTEGER NOT NULL, expires_ns INTEGER NOT NULL, started_ns INTEGER, finalizing_ns INTEGER, cancelling_ns INTEGER, ended_ns INTEGER,
  output_file TEXT NOT NULL, error_file TEXT NOT NULL, output_bytes INTEGER NOT NULL, error_bytes INTEGER NOT NULL, total INTEGER NOT NULL,
  completed INTEGER NOT NULL, failed INTEGER NOT NULL, errors TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX jobs_by_owner ON jobs(owner, id);
CREATE TABLE pieces(
  job TEXT NOT NULL, number INTEGER NOT NULL, custom_id TEXT NOT NULL, file TEXT NOT NULL, offset INTEGER NOT NULL, bytes INTEGER NOT NULL,
  run INTEGER NOT NULL, state INTEGER NOT NULL, PRIMARY KEY(job, number)) WITHOUT ROWID;
CREATE INDEX pieces_that_wait ON pieces(job, number) WHERE state = 0;
CREATE INDEX pieces_by_file ON pieces(file);
)sql";

constexpr const char* kVersion2 = R"sql(
ALTER TABLE jobs ADD COLUMN heard_ms INTEGER NOT NULL DEFAULT 0;
ALTER TABLE pieces ADD COLUMN parts_bytes INTEGER NOT NULL DEFAULT 0;
)sql";

constexpr const char* kVersion3 = "ALTER TABLE jobs RENAME COLUMN heard_ms TO amount;";

constexpr std::array<const char*, kJobSchemaVersion> kSteps = {kVersion1, kVersion2, kVersion3};

std::optional<std::int64_t> ns(const std::optional<Instant>& at) { return at ? std::optional(at->unix_ns) : std::nullopt; }
std::optional<Instant> instant(const std::optional<std::int64_t>& ns) { return ns ? std::optional(Instant{*ns}) : std::nullopt; }

// Four texts for each.
std::string join_errors(const std::vector<JobError>& errors) {
  std::vector<std::string> texts;
  for (const JobError& error : errors)
    texts.insert(texts.end(), {error.code, error.message, error.param, error.line ? std::to_string(*error.line) : std::string("-")});
  return join(texts);
}

std::vector<JobError> unjoin_errors(std::string_view text) {
  std::vector<JobError> out;
  const std::vector<std::string> texts = unjoin(text);
  for (std::size_t i = 0; i + 3 < texts.size(); i += 4) {
    JobError error{.code = texts[i], .message = texts[i + 1], .param = texts[i + 2]};
    if (texts[i + 3] != "-") error.line = std::stoll(texts[i + 3]);
    out.push_back(std::move(error));
  }
  return out;
}

}  // namespace

Result<void, StoreError> migrate_jobs(Connection& connection) {
  Statement& read = *TRY(connection.prepare("PRAGMA user_version"));
  TRY(connection.step(read));
  const std::int64_t version = read.number(0);
  connection.reset(read);
  if (version == kJobSchemaVersion) return {};
  if (version < 0 || version > kJobSchemaVersion)
    return fail(StoreError{StoreError::Kind::newer, "jobs.sqlite has schema version " + std::to_string(version) + ", this demarc knows " +
                                                        std::to_string(kJobSchemaVersion) + "; run the newer demarc"});
  Transaction transaction = TRY(Transaction::begin(connection));
  for (auto step = static_cast<std::size_t>(version); step < kSteps.size(); ++step) TRY(connection.execute(kSteps[step]));
  TRY(connection.execute(("PRAGMA user_version = " + std::to_string(kJobSchemaVersion)).c_str()));
  return transaction.commit();
}

StoredFile read_file_row(const Statement& row) {
  return {.id = row.text(0),
          .owner = row.text(1),
          .filename = row.text(2),
          .purpose = row.text(3),
          .bytes = row.number(4),
          .created = {row.number(5)},
          .expires = instant(row.maybe_number(6))};
}

Job read_job_row(const Statement& row) {
  int at = 0;
  const auto text = [&] { return row.text(at++); };
  const auto number = [&] { return row.number(at++); };
  const auto when = [&] { return instant(row.maybe_number(at++)); };
  Job job;
  job.id = text(), job.kind = static_cast<JobKind>(number()), job.state = static_cast<JobState>(number());
  job.owner = text(), job.endpoint = text(), job.input_file = text(), job.window = text(), job.options = text(), job.metadata = text();
  job.sensitivity = text(), job.workload = text();
  job.created = {number()}, job.expires = {number()};
  job.started = when(), job.finalizing = when(), job.cancelling = when(), job.ended = when();
  job.output_file = text(), job.error_file = text(), job.output_bytes = number(), job.error_bytes = number();
  job.total = number(), job.completed = number(), job.failed = number();
  job.errors = unjoin_errors(text());
  job.amount = number();
  return job;
}

Result<void, StoreError> write_file_row(Connection& connection, const StoredFile& file) {
  Statement& row = *TRY(connection.prepare("INSERT OR REPLACE INTO files(" + std::string(kFileColumns) + ") VALUES(?,?,?,?,?,?,?)"));
  row.bind(1, file.id), row.bind(2, file.owner), row.bind(3, file.filename), row.bind(4, file.purpose), row.bind(5, file.bytes);
  row.bind(6, file.created.unix_ns), row.bind(7, ns(file.expires));
  return connection.run(row);
}

Result<void, StoreError> write_job_row(Connection& connection, const Job& job) {
  Statement& row = *TRY(connection.prepare("INSERT OR REPLACE INTO jobs(" + std::string(kJobColumns) +
                                           ") VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)"));
  int at = 0;
  const auto put = [&](const auto& value) { row.bind(++at, value); };
  const std::string errors = join_errors(job.errors);
  put(job.id), put(static_cast<std::int64_t>(job.kind)), put(static_cast<std::int64_t>(job.state));
  put(job.owner), put(job.endpoint), put(job.input_file), put(job.window), put(job.options), put(job.metadata), put(job.sensitivity);
  put(job.workload), put(job.created.unix_ns), put(job.expires.unix_ns);
  put(ns(job.started)), put(ns(job.finalizing)), put(ns(job.cancelling)), put(ns(job.ended));
  put(job.output_file), put(job.error_file), put(job.output_bytes), put(job.error_bytes), put(job.total), put(job.completed), put(job.failed);
  put(errors), put(job.amount);
  return connection.run(row);
}

}  // namespace demarc::store
