// One source delivering a model's files into a folder, unverified. pull() decides what to do with them.
//
//   TRY(deliver(source, entry, wanted, incoming, options));     // each file of `wanted` lies at part_of(incoming, file) afterwards
//
// Blocks; the caller holds the store's lock.
#pragma once

#include <filesystem>
#include <span>

#include "models/catalogue.hpp"
#include "models/pull.hpp"

namespace demarc::models {

std::filesystem::path part_of(const std::filesystem::path& incoming, const FileSpec& file);  // named by its digest, so any source may finish it
std::filesystem::path archives_of(const std::filesystem::path& incoming);

ModelResult<void> deliver(const Source& source, const Entry& entry, std::span<const FileSpec> wanted, const std::filesystem::path& incoming,
                          const PullOptions& options);

}  // namespace demarc::models
