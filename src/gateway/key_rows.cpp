#include "gateway/key_rows.hpp"

namespace demarc::gateway {

KeyRecord to_record(const ApiKeyRow& row) {
  return {.id = row.id,
          .hash = row.secret_hmac,
          .name = row.name,
          .team = row.team,
          .role = row.role,
          .scopes = {row.scopes.begin(), row.scopes.end()},
          .workloads = row.workloads,
          .sensitivity = row.sensitivity,
          .created = row.created,
          .expires = row.expires.value_or(row.created),  // a key without an end does not exist; one that lost it is over
          .revoked = row.revoked};
}

ApiKeyRow to_row(const KeyRecord& record) {
  return {.id = record.id,
          .secret_hmac = record.hash,
          .name = record.name,
          .team = record.team,
          .role = record.role,
          .scopes = {record.scopes.begin(), record.scopes.end()},
          .workloads = record.workloads,
          .sensitivity = record.sensitivity,
          .created = record.created,
          .expires = record.expires,
          .revoked = record.revoked,
          .last_used = {}};
}

Result<std::vector<KeyRecord>, StoreError> load_keys(Store& store) {
  std::vector<KeyRecord> records;
  for (const ApiKeyRow& row : TRY(store.keys())) records.push_back(to_record(row));
  return records;
}

}  // namespace demarc::gateway
