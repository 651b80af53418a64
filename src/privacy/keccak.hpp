// keccak_256: the hash of Ethereum, which is SHA-3's permutation with the padding of the submission (0x01), so OpenSSL 3.0 has no name for it.
// Keccak team, "The Keccak reference", 3.0. Pure; any thread.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace demarc::privacy {

std::array<std::uint8_t, 32> keccak_256(std::string_view message);  // at most 135 bytes, one block: CHECKed

}  // namespace demarc::privacy
