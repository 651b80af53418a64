// SqliteStore: the Store in one SQLite file (WAL mode), the embedded default.
//
//   auto store = SqliteStore::open(data + "/db.sqlite");
//   if (!store) → "db.sqlite: …", exit 1
//
// Migrates an older file on opening, refuses a newer one. One connection writes, one reads, each behind its mutex, so a receipt does not wait for a
// commit. Any thread. Tables and why they look so: docs/adr/0007-sqlite-projections.md.
#pragma once

#include <memory>
#include <string>

#include "core/io/store.hpp"

namespace demarc::store {

class SqliteStore final : public Store {
 public:
  static Result<std::unique_ptr<SqliteStore>, StoreError> open(const std::string& path);
  ~SqliteStore() override;

  Result<Projected, StoreError> projected_to() override;
  Result<void, StoreError> commit(const Projected& to, const std::vector<Receipt>& receipts) override;
  Result<void, StoreError> clear_projections() override;
  Result<std::optional<Receipt>, StoreError> receipt(std::string_view id) override;
  Result<std::optional<Receipt>, StoreError> receipt_of_intent(std::uint64_t intent) override;
  Result<std::vector<UsageRow>, StoreError> usage(const UsageQuery& query) override;
  Result<void, StoreError> put_key(const KeyRecord& key) override;
  Result<std::optional<KeyRecord>, StoreError> key(std::string_view id) override;
  Result<std::vector<KeyRecord>, StoreError> keys() override;

 private:
  struct Impl;
  explicit SqliteStore(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace demarc::store
