// Connection and Statement: SQLite's C interface with owners and errors as values; nothing else of this module calls sqlite3_*.
//
//   Statement& insert = TRY(connection.prepare("INSERT INTO meta VALUES (?, ?)"));    // cached by its text
//   insert.bind(1, "origin"), insert.bind(2, origin);
//   TRY(connection.run(insert));                                                      // to its end, then reset
//
// One thread at a time: whoever owns a Connection guards it.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/result.hpp"
#include "base/strings.hpp"
#include "core/io/store.hpp"

namespace demarc::store {

class Statement {
 public:
  explicit Statement(sqlite3_stmt* raw) : raw_(raw) {}

  void bind(int at, std::int64_t number) { sqlite3_bind_int64(raw_.get(), at, number); }
  void bind(int at, std::string_view text) {  // `text` lives until the statement was run
    sqlite3_bind_text64(raw_.get(), at, text.data() == nullptr ? "" : text.data(), text.size(), SQLITE_STATIC, SQLITE_UTF8);
  }
  void bind_null(int at) { sqlite3_bind_null(raw_.get(), at); }
  template <class T>
  void bind(int at, const std::optional<T>& value) {
    value ? bind(at, *value) : bind_null(at);
  }

  [[nodiscard]] std::int64_t number(int column) const { return sqlite3_column_int64(raw_.get(), column); }
  [[nodiscard]] std::string text(int column) const {
    const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(raw_.get(), column));
    return bytes == nullptr ? std::string() : std::string(bytes, static_cast<std::size_t>(sqlite3_column_bytes(raw_.get(), column)));
  }
  [[nodiscard]] bool is_null(int column) const { return sqlite3_column_type(raw_.get(), column) == SQLITE_NULL; }
  [[nodiscard]] std::optional<std::int64_t> maybe_number(int column) const { return is_null(column) ? std::nullopt : std::optional(number(column)); }

 private:
  friend class Connection;
  struct Finalize {
    void operator()(sqlite3_stmt* raw) const { sqlite3_finalize(raw); }
  };
  std::unique_ptr<sqlite3_stmt, Finalize> raw_;
};

class Connection {
 public:
  // Creates the file (mode 0600) if it is not there. Waits at most five seconds for another process's lock.
  static Result<Connection, StoreError> open(const std::string& path);

  Result<void, StoreError> execute(const char* sql);  // any number of statements, no values
  Result<Statement*, StoreError> prepare(std::string_view sql);
  Result<bool, StoreError> step(Statement& statement);  // true: a row is there
  Result<void, StoreError> run(Statement& statement);
  void reset(Statement& statement) { sqlite3_reset(statement.raw_.get()), sqlite3_clear_bindings(statement.raw_.get()); }
  [[nodiscard]] StoreError error() const;  // of the last failure
  [[nodiscard]] sqlite3* raw() { return raw_.get(); }

 private:
  struct Close {
    void operator()(sqlite3* raw) const { sqlite3_close_v2(raw); }
  };
  explicit Connection(sqlite3* raw, std::string path) : raw_(raw), path_(std::move(path)) {}
  std::unique_ptr<sqlite3, Close> raw_;
  std::string path_;
  std::unordered_map<std::string, std::unique_ptr<Statement>, TransparentHash, std::equal_to<>> statements_;  // gone before raw_
};

// BEGIN IMMEDIATE … COMMIT; rolled back unless commit() succeeded.
class Transaction {
 public:
  static Result<Transaction, StoreError> begin(Connection& connection);
  Transaction(Transaction&& other) noexcept : connection_(std::exchange(other.connection_, nullptr)) {}
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction();
  Result<void, StoreError> commit();

 private:
  explicit Transaction(Connection& connection) : connection_(&connection) {}
  Connection* connection_;
};

}  // namespace demarc::store
