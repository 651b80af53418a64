#include "store/schema.hpp"

#include <array>

namespace demarc::store {
namespace {

// Money is two integers, whole dollars and pico-dollars of the rest (same sign): SQLite's integers have 64 bits. Lists are joined by U+001F.
// An attempt repeats who asked and when, so that usage and budgets read one table.
constexpr const char* kVersion1 = R"sql(
CREATE TABLE meta(key TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE requests(
  id TEXT PRIMARY KEY, parent TEXT NOT NULL, received_ns INTEGER NOT NULL, key_id TEXT NOT NULL, team TEXT NOT NULL, role TEXT NOT NULL,
  workload TEXT NOT NULL, operation TEXT NOT NULL, dialect TEXT NOT NULL, requested_model TEXT NOT NULL, declared INTEGER NOT NULL,
  sensitivity INTEGER NOT NULL, findings TEXT, policy_digest TEXT NOT NULL, effect INTEGER NOT NULL, deny_record INTEGER, cause TEXT NOT NULL,
  rules TEXT NOT NULL, matched TEXT NOT NULL, status INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX requests_by_parent ON requests(parent, id) WHERE parent != '';
CREATE TABLE attempts(
  intent INTEGER PRIMARY KEY, request_id TEXT NOT NULL, received_ns INTEGER NOT NULL, key_id TEXT NOT NULL, team TEXT NOT NULL,
  workload TEXT NOT NULL, attempt INTEGER NOT NULL, kind TEXT NOT NULL, upstream TEXT NOT NULL, model TEXT NOT NULL, model_digest TEXT NOT NULL,
  tier INTEGER NOT NULL, rules TEXT NOT NULL, matched TEXT NOT NULL, requires TEXT NOT NULL, redactions TEXT NOT NULL,
  outcome_record INTEGER, outcome INTEGER NOT NULL, reason TEXT NOT NULL, model_served TEXT NOT NULL, finish_reason TEXT NOT NULL,
  status INTEGER NOT NULL, last INTEGER NOT NULL, input_tokens INTEGER, cached_input_tokens INTEGER, cache_write_tokens INTEGER,
  cache_write_1h_tokens INTEGER, output_tokens INTEGER, reasoning_tokens INTEGER, input_audio_tokens INTEGER, audio_ms INTEGER,
  estimated INTEGER NOT NULL, charge_kind INTEGER NOT NULL, usd INTEGER, usd_pico INTEGER, alternative_upstream TEXT, alternative_model TEXT,
  alternative_usd INTEGER, alternative_pico INTEGER, answer_findings TEXT NOT NULL, queued_ms INTEGER NOT NULL, first_token_ms INTEGER NOT NULL,
  total_ms INTEGER NOT NULL, log_us INTEGER NOT NULL);
CREATE INDEX attempts_by_request ON attempts(request_id);
CREATE INDEX attempts_by_time ON attempts(received_ns);
CREATE TABLE api_keys(
  id TEXT PRIMARY KEY, secret_hmac TEXT NOT NULL, name TEXT NOT NULL, team TEXT NOT NULL, role TEXT NOT NULL, scopes TEXT NOT NULL,
  workloads TEXT NOT NULL, sensitivity INTEGER, created_ns INTEGER NOT NULL, expires_ns INTEGER, revoked_ns INTEGER, last_used_ns INTEGER)
  WITHOUT ROWID;
)sql";

constexpr const char* kVersion2 = R"sql(
ALTER TABLE attempts ADD COLUMN context_tokens INTEGER;
ALTER TABLE attempts ADD COLUMN context_tokens_by INTEGER NOT NULL DEFAULT 0;
)sql";

constexpr const char* kVersion3 = "ALTER TABLE api_keys DROP COLUMN last_used_ns";  // nothing wrote it

constexpr const char* kVersion4 = R"sql(
ALTER TABLE requests ADD COLUMN job TEXT NOT NULL DEFAULT '';
ALTER TABLE requests ADD COLUMN job_piece INTEGER NOT NULL DEFAULT 0;
ALTER TABLE requests ADD COLUMN job_run INTEGER NOT NULL DEFAULT 0;
)sql";

constexpr const char* kVersion5 = "ALTER TABLE attempts ADD COLUMN pages INTEGER";

constexpr std::array<const char*, kSchemaVersion> kSteps = {kVersion1, kVersion2, kVersion3, kVersion4,
                                                            kVersion5};  // step n leads from version n to n + 1

Result<std::int64_t, StoreError> version_of(Connection& connection) {
  Statement& read = *TRY(connection.prepare("PRAGMA user_version"));
  TRY(connection.step(read));
  const std::int64_t version = read.number(0);
  connection.reset(read);
  return version;
}

}  // namespace

Result<void, StoreError> migrate(Connection& connection) {
  if (TRY(version_of(connection)) == kSchemaVersion) return {};
  Transaction transaction = TRY(Transaction::begin(connection));
  const std::int64_t version = TRY(version_of(connection));  // another process may have been faster
  if (version < 0 || version > kSchemaVersion)
    return fail(StoreError{StoreError::Kind::newer, "db.sqlite has schema version " + std::to_string(version) + ", this demarc knows " +
                                                        std::to_string(kSchemaVersion) + "; run the newer demarc, or move the file away"});
  for (auto step = static_cast<std::size_t>(version); step < kSteps.size(); ++step) TRY(connection.execute(kSteps[step]));
  TRY(connection.execute(("PRAGMA user_version = " + std::to_string(kSchemaVersion)).c_str()));
  return transaction.commit();
}

}  // namespace demarc::store
