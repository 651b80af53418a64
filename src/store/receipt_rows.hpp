// A Receipt as rows of `requests` and `attempts`, both ways.
#pragma once

#include <optional>
#include <string_view>

#include "core/receipt.hpp"
#include "store/sqlite.hpp"

namespace demarc::store {

Result<void, StoreError> write_receipt(Connection& connection, const Receipt& receipt);
Result<std::optional<Receipt>, StoreError> read_receipt(Connection& connection, std::string_view id);

}  // namespace demarc::store
