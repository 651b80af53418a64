// keep_file(): a file onto the shelf and into the store, within limits.files_mib and files_key_mib; both or neither.
//
//   TRY(keep_file(keeper, limits, file, bytes));        // within keeper.on_side(): it waits for the disk
#pragma once

#include "config/limits.hpp"
#include "core/error.hpp"
#include "gateway/jobs/keeper.hpp"

namespace demarc::gateway {

Result<void, ApiError> keep_file(Keeper& keeper, const config::Limits& limits, const StoredFile& file, std::string_view bytes);

}  // namespace demarc::gateway
