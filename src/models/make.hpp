// keep_made(): takes a file that was made here out of an installed model into the store, as a model of its own with its lineage.
//
//   const LockedModel made = TRY(keep_made(store, source, {.name = "m-q8_0", .file_name = "m-Q8_0.gguf", .path = part, .lineage = …}, check, stop));
//
// Blocks for as long as the digest takes; any thread but an event loop's.
#pragma once

#include <filesystem>
#include <stop_token>
#include <string>

#include "models/inspect.hpp"

namespace demarc::models {

struct Made {
  std::string name;            // of the new model; `changed` if models.lock has one
  std::string file_name;       // in its folder
  std::filesystem::path path;  // where the file lies now: in store.incoming(), from where it is moved
  Lineage lineage;
};
ModelResult<LockedModel> keep_made(const Store& store, const LockedModel& source, const Made& made, const FileCheck& check,
                                   const std::stop_token& stop);

}  // namespace demarc::models
