#include "store/sqlite.hpp"

#include <fcntl.h>
#include <unistd.h>

namespace demarc::store {
namespace {

StoreError::Kind kind_of(int code) {
  switch (code & 0xff) {
    case SQLITE_FULL: return StoreError::Kind::full;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: return StoreError::Kind::corrupt;
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return StoreError::Kind::busy;
    default: return StoreError::Kind::unavailable;
  }
}

std::string_view advice(StoreError::Kind kind) {
  switch (kind) {
    case StoreError::Kind::full: return "; make room on this disk";
    case StoreError::Kind::corrupt:
      return "; move the file away and restart: receipts, usage and budgets come back from the audit log, API keys do not";
    case StoreError::Kind::newer: return "; run the newer demarc, or move the file away";
    case StoreError::Kind::busy: return "; another program holds it open for writing";
    case StoreError::Kind::unavailable: return "";
  }
  return "";
}

// The owner alone may read it: it holds key hashes and who asked what.
void create_private(const std::string& path) {
  const int fd = ::open(path.c_str(), O_CREAT | O_CLOEXEC | O_RDWR, 0600);
  if (fd >= 0) ::close(fd);
}

}  // namespace

Result<Connection, StoreError> Connection::open(const std::string& path) {
  create_private(path);
  sqlite3* raw = nullptr;
  const int code =
      sqlite3_open_v2(path.c_str(), &raw, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nullptr);
  Connection connection(raw, path);
  if (raw == nullptr) return fail(StoreError{StoreError::Kind::unavailable, path + ": out of memory"});
  if (code != SQLITE_OK) return fail(connection.error());
  sqlite3_busy_timeout(raw, 5000);
  TRY(connection.execute("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA journal_size_limit=67108864;"));
  return connection;
}

StoreError Connection::error() const {
  const StoreError::Kind kind = kind_of(sqlite3_extended_errcode(raw_.get()));
  return {kind, path_ + ": " + sqlite3_errmsg(raw_.get()) + std::string(advice(kind))};
}

Result<void, StoreError> Connection::execute(const char* sql) {
  if (sqlite3_exec(raw_.get(), sql, nullptr, nullptr, nullptr) != SQLITE_OK) return fail(error());
  return {};
}

Result<Statement*, StoreError> Connection::prepare(std::string_view sql) {
  if (const auto known = statements_.find(sql); known != statements_.end()) return known->second.get();
  sqlite3_stmt* raw = nullptr;
  if (sqlite3_prepare_v3(raw_.get(), sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT, &raw, nullptr) != SQLITE_OK)
    return fail(error());
  return statements_.emplace(std::string(sql), std::make_unique<Statement>(raw)).first->second.get();
}

Result<bool, StoreError> Connection::step(Statement& statement) {
  const int code = sqlite3_step(statement.raw_.get());
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return reset(statement), false;
  StoreError why = error();
  reset(statement);
  return fail(std::move(why));
}

Result<void, StoreError> Connection::run(Statement& statement) {
  while (TRY(step(statement))) {
  }
  return {};
}

Result<Transaction, StoreError> Transaction::begin(Connection& connection) {
  TRY(connection.execute("BEGIN IMMEDIATE"));
  return Transaction(connection);
}

Result<void, StoreError> Transaction::commit() {
  TRY(connection_->execute("COMMIT"));
  connection_ = nullptr;
  return {};
}

Transaction::~Transaction() {
  if (connection_ != nullptr) (void)connection_->execute("ROLLBACK");  // of a transaction that SQLite ended by itself: an error that says nothing new
}

}  // namespace demarc::store
