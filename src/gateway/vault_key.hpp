// The key of the vault's file, from the file or the command that vault.key in demarc.yaml names.
//
//   privacy::Digest key = TRY(read_vault_key(config.vault));    // error: a sentence that says what to do
//
// Blocks, a command for ten seconds at most; at start only.
#pragma once

#include <string>

#include "base/result.hpp"
#include "config/config.hpp"
#include "privacy/keyed.hpp"

namespace demarc::gateway {

Result<privacy::Digest, std::string> read_vault_key(const config::VaultSettings& settings);

}  // namespace demarc::gateway
