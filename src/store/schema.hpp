// The tables of db.sqlite and how an older file becomes today's: one step per version, in one transaction, PRAGMA user_version says which are done.
//
//   TRY(migrate(connection));    // or StoreError::newer
#pragma once

#include "base/result.hpp"
#include "store/sqlite.hpp"

namespace demarc::store {

inline constexpr std::int64_t kSchemaVersion = 5;

Result<void, StoreError> migrate(Connection& connection);

}  // namespace demarc::store
