// inspect(): has this file of a model been checked (models/format/check.hpp), and if not, is it now?
//
//   const format::Facts facts = TRY(inspect(store, file, store.folder(name) / file.path, run));
//
// The check itself runs in a process of its own, which the caller starts (`run`). What passed is remembered in DATA/models/checked by digest, with
// the file's size, time and inode, so that a start asks for nothing twice and bytes that were exchanged are looked at again. Any thread.
#pragma once

#include <filesystem>
#include <functional>
#include <string_view>

#include "models/format/check.hpp"
#include "models/store.hpp"

namespace demarc::models {

// `name`: its path in the model's folder. bad_weights: refused, the message says why.
using FileCheck = std::function<ModelResult<format::Facts>(std::string_view name, const std::filesystem::path& file)>;

ModelResult<format::Facts> inspect(const Store& store, const FileSpec& file, const std::filesystem::path& path, const FileCheck& run);

// All files of an installed model; the facts of the one that is its weights. Fails with the first that is refused.
ModelResult<format::Facts> inspect(const Store& store, const Resolved& model, const FileCheck& run);

}  // namespace demarc::models
