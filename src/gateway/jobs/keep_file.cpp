#include "gateway/jobs/keep_file.hpp"

#include "gateway/jobs/routes.hpp"

namespace demarc::gateway {

Result<void, ApiError> keep_file(Keeper& keeper, const config::Limits& limits, const StoredFile& file, std::string_view bytes) {
  const auto space = keeper.store().space(file.owner);
  if (!space) return fail(disk_error(space.error().message));
  const bool of_key = space->owner_bytes + file.bytes > limits.files_key_mib << 20;
  if (of_key || space->all_bytes + file.bytes > limits.files_mib << 20)
    return fail(ApiError{.kind = ErrorKind::too_large,
                         .message = std::string("The files ") + (of_key ? "of this key" : "of all keys together") + " would take more than limits." +
                                    (of_key ? "files_key_mib" : "files_mib") + " allows.",
                         .param = "file",
                         .hint = "delete files that are no longer needed: demarc files rm, DELETE /v1/files/{id}"});
  if (auto written = keeper.shelf().store(file.id, bytes); !written) return fail(disk_error(std::string(to_string(written.error()))));
  if (auto put = keeper.store().put_file(file); !put) return static_cast<void>(keeper.shelf().remove(file.id)), fail(disk_error(put.error().message));
  return {};
}

}  // namespace demarc::gateway
