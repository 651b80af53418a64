// verify: reads every byte of what models.lock names and says whether it is still what was pinned.
//
//   for (const Verified& model : TRY(verify(store, {}, check, stop, on_bytes))) for (const FileState& file : model.files) …
//
// Needs no lock and no network. Blocks for as long as the disk takes; any thread but an event loop's.
#pragma once

#include <cstdint>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "models/digest.hpp"
#include "models/inspect.hpp"
#include "models/store.hpp"

namespace demarc::models {

enum class FileCondition : std::uint8_t { intact, missing, changed, unreadable, refused };
std::string_view to_string(FileCondition condition);

struct FileState {
  std::string path;  // inside the model's folder
  FileCondition condition = FileCondition::intact;
  std::string found_sha256;  // with changed
  std::string why{};         // with refused: what the check says of it
};

struct Verified {
  std::string name, digest;  // as locked
  std::vector<FileState> files;
  [[nodiscard]] bool intact() const;
};

// All locked models, or the one of that name. With `check`, intact files are also checked anew (inspect.hpp), whatever is remembered of them.
ModelResult<std::vector<Verified>> verify(const Store& store, std::string_view only_name, const FileCheck& check, const std::stop_token& stop,
                                          const OnBytes& on_bytes);

}  // namespace demarc::models
