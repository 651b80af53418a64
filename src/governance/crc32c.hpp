// CRC-32C (Castagnoli, RFC 3720 appendix B.4), by which a WAL frame knows that it is whole. Not a defence against people: the signed tree is.
#pragma once

#include <cstdint>
#include <string_view>

namespace demarc::governance {
std::uint32_t crc32c(std::string_view bytes, std::uint32_t before = 0);  // `before`: the crc of what stands in front
}  // namespace demarc::governance
