// Names of things we make: "req_" + UUIDv7 (RFC 9562, section 5.7), so ids sort by time.
//
//   std::string id = make_id("req", clock.now(), random.bytes<10>());
//
// Pure: the caller brings the time and ten random bytes (74 bits are used). Any thread.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/time.hpp"

namespace demarc {

std::string make_uuid7(Instant now, const std::array<std::uint8_t, 10>& random);
std::string make_id(std::string_view prefix, Instant now, const std::array<std::uint8_t, 10>& random);

}  // namespace demarc
