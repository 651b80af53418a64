// check_file(): runs demarc-check on one file of a model, in a process that can do nothing else.
//
//   const auto facts = check_file("model.gguf", path);     // bad_weights: refused, and why
//
// Takes milliseconds for weights of any size (only their head is read). Blocks; any thread but an event loop's.
#pragma once

#include <filesystem>
#include <string_view>

#include "models/inspect.hpp"

namespace demarc::cli {

models::ModelResult<models::format::Facts> check_file(std::string_view name, const std::filesystem::path& file);

}  // namespace demarc::cli
