// A UsageQuery as SQL over `attempts`, and exact_sum(), the aggregate that adds money without SQLite's 64-bit limit.
#pragma once

#include <vector>

#include "core/io/store.hpp"
#include "store/sqlite.hpp"

namespace demarc::store {

Result<void, StoreError> add_exact_sum(Connection& connection);  // once per connection
Result<std::vector<UsageRow>, StoreError> read_usage(Connection& connection, const UsageQuery& query);

}  // namespace demarc::store
