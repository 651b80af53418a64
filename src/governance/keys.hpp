// The secrets of a data folder: the key that signs checkpoints (secret/log.key) and the pepper (secret/pepper) for keyed digests of API keys and
// conversations.
//
//   auto keys = load_or_create_keys(disk, data + "/secret", default_origin(host, random), OriginRule::suggested, random);
//   keys->signer.vkey();        // what a verifier needs; AuditLog::open writes it to audit/vkey
//
// Both files are made at the first start, 0600, synced before use; the folder is 0700. The log's name (origin) is part of log.key and stays what it
// was.
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "core/io/disk.hpp"
#include "core/io/loop.hpp"
#include "governance/note.hpp"

namespace demarc::governance {

struct Keys {
  NoteSigner signer;   // its name is the log's origin
  std::string pepper;  // 32 random bytes
};

struct KeysError {
  std::string message;  // for people; names the file, never its contents
};

// A name for a log that nobody named: host name, slash, eight random hex digits.
std::string default_origin(std::string_view host, Random& random);

enum class OriginRule : std::uint8_t {
  suggested,  // `origin` names a log that has no key yet; an existing key's name wins
  required,   // audit.origin of demarc.yaml: an existing key of another name is an error
};
Result<Keys, KeysError> load_or_create_keys(Disk& disk, const std::string& secret_dir, std::string_view origin, OriginRule rule, Random& random);

}  // namespace demarc::governance
