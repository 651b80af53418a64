#include "privacy/keccak.hpp"

#include <bit>

#include "base/check.hpp"

namespace demarc::privacy {
namespace {

constexpr std::size_t kRate = 136;

void permute(std::array<std::uint64_t, 25>& a) {
  constexpr std::array<std::uint64_t, 24> kRound = {
      0x0000000000000001, 0x0000000000008082, 0x800000000000808A, 0x8000000080008000, 0x000000000000808B, 0x0000000080000001,
      0x8000000080008081, 0x8000000000008009, 0x000000000000008A, 0x0000000000000088, 0x0000000080008009, 0x000000008000000A,
      0x000000008000808B, 0x800000000000008B, 0x8000000000008089, 0x8000000000008003, 0x8000000000008002, 0x8000000000000080,
      0x000000000000800A, 0x800000008000000A, 0x8000000080008081, 0x8000000000008080, 0x0000000080000001, 0x8000000080008008};
  for (const std::uint64_t constant : kRound) {
    std::array<std::uint64_t, 5> column{};
    for (std::size_t x = 0; x < 5; ++x) column[x] = a[x] ^ a[x + 5] ^ a[x + 10] ^ a[x + 15] ^ a[x + 20];
    for (std::size_t i = 0; i < 25; ++i) a[i] ^= column[(i + 4) % 5] ^ std::rotl(column[(i + 1) % 5], 1);
    // rho and pi walk one cycle through all lanes but the first
    std::uint64_t moved = a[1];
    for (std::size_t t = 0, x = 1, y = 0; t < 24; ++t) {
      const std::size_t to_x = y, to_y = (2 * x + 3 * y) % 5;
      std::swap(moved, a[to_x + 5 * to_y]);
      a[to_x + 5 * to_y] = std::rotl(a[to_x + 5 * to_y], static_cast<int>((t + 1) * (t + 2) / 2 % 64));
      x = to_x, y = to_y;
    }
    for (std::size_t y = 0; y < 25; y += 5) {
      const std::array<std::uint64_t, 5> row = {a[y], a[y + 1], a[y + 2], a[y + 3], a[y + 4]};
      for (std::size_t x = 0; x < 5; ++x) a[y + x] = row[x] ^ (~row[(x + 1) % 5] & row[(x + 2) % 5]);
    }
    a[0] ^= constant;
  }
}

}  // namespace

std::array<std::uint8_t, 32> keccak_256(std::string_view message) {
  CHECK(message.size() < kRate);
  std::array<std::uint64_t, 25> lanes{};
  const auto mix = [&](std::size_t at, std::uint8_t byte) { lanes[at / 8] ^= static_cast<std::uint64_t>(byte) << (at % 8 * 8); };
  for (std::size_t i = 0; i < message.size(); ++i) mix(i, static_cast<std::uint8_t>(message[i]));
  mix(message.size(), 0x01);
  mix(kRate - 1, 0x80);
  permute(lanes);
  std::array<std::uint8_t, 32> hash{};
  for (std::size_t i = 0; i < hash.size(); ++i) hash[i] = static_cast<std::uint8_t>(lanes[i / 8] >> (i % 8 * 8));
  return hash;
}

}  // namespace demarc::privacy
