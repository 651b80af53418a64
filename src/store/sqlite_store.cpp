#include "store/sqlite_store.hpp"

#include "base/encode.hpp"
#include "base/mutex.hpp"
#include "store/columns.hpp"
#include "store/receipt_rows.hpp"
#include "store/schema.hpp"
#include "store/sqlite.hpp"
#include "store/usage_sql.hpp"

namespace demarc::store {
namespace {

constexpr std::string_view kKeyColumns =
    "SELECT id, secret_hmac, name, team, role, scopes, workloads, sensitivity, created_ns, expires_ns, revoked_ns FROM api_keys ";

std::optional<std::int64_t> ns(const std::optional<Instant>& at) { return at ? std::optional(at->unix_ns) : std::nullopt; }
std::optional<Instant> instant(const std::optional<std::int64_t>& ns) { return ns ? std::optional(Instant{*ns}) : std::nullopt; }

KeyRecord read_key(const Statement& row) {
  KeyRecord key;
  key.id = row.text(0), key.hash = from_hex(row.text(1)).value_or("");
  key.name = row.text(2), key.team = row.text(3), key.role = row.text(4);
  const auto scopes = unjoin(row.text(5));
  key.scopes = {scopes.begin(), scopes.end()}, key.workloads = unjoin(row.text(6));
  if (const auto level = row.maybe_number(7)) key.sensitivity = static_cast<Sensitivity>(*level);
  key.created = {row.number(8)};
  key.expires = instant(row.maybe_number(9)).value_or(key.created);  // a key without an end does not exist; one that lost it is over
  key.revoked = instant(row.maybe_number(10));
  return key;
}

Result<void, StoreError> put_meta(Connection& connection, std::string_view name, const auto& value) {
  Statement& put = *TRY(connection.prepare("INSERT OR REPLACE INTO meta(key, value) VALUES(?, ?)"));
  put.bind(1, name), put.bind(2, value);
  return connection.run(put);
}

// The receipt's three statements see one state of the file.
Result<std::optional<Receipt>, StoreError> read_in_snapshot(Connection& connection, std::string_view id) {
  TRY(connection.execute("BEGIN"));
  auto receipt = read_receipt(connection, id);
  TRY(connection.execute("COMMIT"));
  return receipt;
}

}  // namespace

struct SqliteStore::Impl {
  Impl(Connection writing, Connection reading) : writer(std::move(writing)), reader(std::move(reading)) {}
  Mutex write_mutex, read_mutex;
  Connection writer GUARDED_BY(write_mutex);
  Connection reader GUARDED_BY(read_mutex);
};

SqliteStore::SqliteStore(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
SqliteStore::~SqliteStore() = default;

Result<std::unique_ptr<SqliteStore>, StoreError> SqliteStore::open(const std::string& path) {
  Connection writer = TRY(Connection::open(path));
  TRY(migrate(writer));
  Connection reader = TRY(Connection::open(path));
  TRY(add_exact_sum(reader));
  return std::unique_ptr<SqliteStore>(new SqliteStore(std::make_unique<Impl>(std::move(writer), std::move(reader))));
}

Result<Projected, StoreError> SqliteStore::projected_to() {
  MutexLock lock(impl_->read_mutex);
  Statement& read =
      *TRY(impl_->reader.prepare("SELECT (SELECT value FROM meta WHERE key = 'log_origin'), (SELECT value FROM meta WHERE key = 'log_size')"));
  TRY(impl_->reader.step(read));
  Projected projected{.origin = read.text(0), .size = static_cast<std::uint64_t>(read.number(1))};
  impl_->reader.reset(read);
  return projected;
}

Result<void, StoreError> SqliteStore::commit(const Projected& to, const std::vector<Receipt>& receipts) {
  MutexLock lock(impl_->write_mutex);
  Transaction transaction = TRY(Transaction::begin(impl_->writer));
  for (const Receipt& receipt : receipts) TRY(write_receipt(impl_->writer, receipt));
  TRY(put_meta(impl_->writer, "log_origin", to.origin));
  TRY(put_meta(impl_->writer, "log_size", static_cast<std::int64_t>(to.size)));
  return transaction.commit();
}

Result<void, StoreError> SqliteStore::clear_projections() {
  MutexLock lock(impl_->write_mutex);
  Transaction transaction = TRY(Transaction::begin(impl_->writer));
  TRY(impl_->writer.execute("DELETE FROM attempts; DELETE FROM requests; DELETE FROM meta WHERE key IN ('log_origin', 'log_size');"));
  return transaction.commit();
}

Result<std::optional<Receipt>, StoreError> SqliteStore::receipt(std::string_view id) {
  MutexLock lock(impl_->read_mutex);
  return read_in_snapshot(impl_->reader, id);
}

Result<std::optional<Receipt>, StoreError> SqliteStore::receipt_of_intent(std::uint64_t intent) {
  MutexLock lock(impl_->read_mutex);
  Statement& find = *TRY(impl_->reader.prepare("SELECT request_id FROM attempts WHERE intent = ?"));
  find.bind(1, static_cast<std::int64_t>(intent));
  if (!TRY(impl_->reader.step(find))) return std::optional<Receipt>();
  const std::string id = find.text(0);
  impl_->reader.reset(find);
  return read_in_snapshot(impl_->reader, id);
}

Result<std::vector<UsageRow>, StoreError> SqliteStore::usage(const UsageQuery& query) {
  MutexLock lock(impl_->read_mutex);
  return read_usage(impl_->reader, query);
}

Result<void, StoreError> SqliteStore::put_key(const KeyRecord& key) {
  MutexLock lock(impl_->write_mutex);
  Statement& put =
      *TRY(impl_->writer.prepare("INSERT OR REPLACE INTO api_keys(id, secret_hmac, name, team, role, scopes, workloads, sensitivity, "
                                 "created_ns, expires_ns, revoked_ns) VALUES(?,?,?,?,?,?,?,?,?,?,?)"));
  const std::string hmac = to_hex(key.hash), scopes = join(std::vector(key.scopes.begin(), key.scopes.end())), workloads = join(key.workloads);
  put.bind(1, key.id), put.bind(2, hmac), put.bind(3, key.name), put.bind(4, key.team), put.bind(5, key.role);
  put.bind(6, scopes), put.bind(7, workloads);
  put.bind(8, key.sensitivity ? std::optional(static_cast<std::int64_t>(*key.sensitivity)) : std::nullopt);
  put.bind(9, key.created.unix_ns), put.bind(10, key.expires.unix_ns), put.bind(11, ns(key.revoked));
  return impl_->writer.run(put);
}

Result<std::optional<KeyRecord>, StoreError> SqliteStore::key(std::string_view id) {
  MutexLock lock(impl_->read_mutex);
  Statement& row = *TRY(impl_->reader.prepare(std::string(kKeyColumns) + "WHERE id = ?"));
  row.bind(1, id);
  if (!TRY(impl_->reader.step(row))) return std::optional<KeyRecord>();
  KeyRecord found = read_key(row);
  impl_->reader.reset(row);
  return std::optional(std::move(found));
}

Result<std::vector<KeyRecord>, StoreError> SqliteStore::keys() {
  MutexLock lock(impl_->read_mutex);
  Statement& row = *TRY(impl_->reader.prepare(std::string(kKeyColumns) + "ORDER BY created_ns, id"));
  std::vector<KeyRecord> all;
  while (TRY(impl_->reader.step(row))) all.push_back(read_key(row));
  return all;
}

}  // namespace demarc::store
