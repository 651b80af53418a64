// ModelError: why a model could not be had. Says what, where, and what to do; printed to the operator, never to a caller of the gateway.
//
//   return fail(ModelError{ModelErrorKind::no_space, "…/models has 120 MB free, 640 MB are needed", "free some space, or move `data`"});
//
// Never holds a token or a URL's query (signed links carry secrets). Pure value.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace demarc::models {

enum class ModelErrorKind : std::uint8_t {
  unknown_model,    // no such name in the catalogue or the lock
  bad_catalogue,    // a catalogue that cannot be read
  bad_lock,         // a models.lock that cannot be read, or does not fit itself
  not_installed,    // known, but its files are not here
  changed,          // the lock pins other bytes under this name
  digest_mismatch,  // bytes came, but not the right ones
  unauthorized,     // the hub wants a token, or does not accept this one
  not_found,        // the source does not have the file
  unreachable,      // no answer, or it broke off
  tool_missing,     // pip or npm is not there
  no_source,        // every source failed; the message tells each one's reason
  bad_archive,      // an archive without the member, or a broken one
  bad_weights,      // the input of a conversion is not what it should be
  no_space,
  disk,
  cancelled,
};

struct ModelError {
  ModelErrorKind kind = ModelErrorKind::disk;
  std::string message;
  std::string hint{};  // what to do next; empty: nothing to advise
};

template <class T>
using ModelResult = Result<T, ModelError>;

// "could not OPEN FILE: No space left on device", from errno.
ModelError disk_error(std::string_view what, std::string_view where, int error);

}  // namespace demarc::models
