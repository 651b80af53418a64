// ReviewSettings: the third detector as demarc.yaml configures it (detectors.review): a language model of the local tier reads what the other two
// have seen, before anything that sensitive may leave. Config makes it, the gateway asks. Immutable; any thread may read.
#pragma once

#include <cstdint>
#include <string>

#include "core/operation.hpp"

namespace demarc {

struct ReviewSettings {
  Sensitivity at_least = Sensitivity::restricted;  // requests of this sensitivity or more, where a candidate of the cloud tier is left
  std::string model = "auto";                      // as a caller would name it; only candidates of the local tier are asked
  std::int64_t timeout_ms = 20'000;                // for the whole review
  std::int64_t most_kib = 64;                      // of text that was not reviewed before
  friend bool operator==(const ReviewSettings&, const ReviewSettings&) = default;
};

}  // namespace demarc
