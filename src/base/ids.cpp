#include "base/ids.hpp"

#include "base/encode.hpp"

namespace demarc {

// unix_ts_ms (48) ver=7 (4) rand_a (12) var=10 (2) rand_b (62)
std::string make_uuid7(Instant now, const std::array<std::uint8_t, 10>& random) {
  std::array<char, 16> bytes{};
  const auto ms = static_cast<std::uint64_t>(now.unix_ms());
  for (int i = 0; i < 6; ++i) bytes[i] = static_cast<char>(ms >> (40 - 8 * i));
  for (int i = 0; i < 10; ++i) bytes[6 + i] = static_cast<char>(random[i]);
  bytes[6] = static_cast<char>(0x70 | (bytes[6] & 0x0f));
  bytes[8] = static_cast<char>(0x80 | (bytes[8] & 0x3f));
  const std::string hex = to_hex({bytes.data(), bytes.size()});
  return hex.substr(0, 8) + "-" + hex.substr(8, 4) + "-" + hex.substr(12, 4) + "-" + hex.substr(16, 4) + "-" + hex.substr(20);
}

std::string make_id(std::string_view prefix, Instant now, const std::array<std::uint8_t, 10>& random) {
  return std::string(prefix) + "_" + make_uuid7(now, random);
}

}  // namespace demarc
