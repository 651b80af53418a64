// A document written anew as PDF, without what the gateway's answer hides, by demarc-document in a sandbox.
//
//   const fs::path to = TRY(redacted_path("OUT", "letter.pdf"));        // OUT/letter.redacted.pdf, or OUT itself where it is no folder
//   TRY(write_redacted("letter.pdf", to, answer, limits));
//
// The whole file or none. Blocking; any thread.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "core/document_limits.hpp"

namespace demarc::cli {

Result<std::filesystem::path, std::string> redacted_path(const std::filesystem::path& target, const std::filesystem::path& document);
Result<void, std::string> write_redacted(const std::filesystem::path& document, const std::filesystem::path& to, std::string_view answer,
                                         const DocumentLimits& limits);

}  // namespace demarc::cli
