// KeyRecord ⇄ ApiKeyRow: keys as access/ understands them and as the Store keeps them. Pure; any thread.
#pragma once

#include "core/io/store.hpp"
#include "core/key_record.hpp"

namespace demarc::gateway {

KeyRecord to_record(const ApiKeyRow& row);
ApiKeyRow to_row(const KeyRecord& record);
Result<std::vector<KeyRecord>, StoreError> load_keys(Store& store);

}  // namespace demarc::gateway
