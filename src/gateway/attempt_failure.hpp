// AttemptFailure: what a failed step of an attempt means for the plan. Pure value.
#pragma once

#include <cstdint>

#include "core/error.hpp"

namespace demarc::gateway {

struct AttemptFailure {
  ApiError error;                                             // what the caller is told if nothing else comes
  enum class Then : std::uint8_t { next, again, stop } then;  // try the next candidate, the same one once more, or give up
};

}  // namespace demarc::gateway
