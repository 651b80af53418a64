#include "privacy/keyed.hpp"

#include "base/check.hpp"
#include "core/hmac.hpp"

namespace demarc::privacy {

Digest keyed(const Digest& key, std::initializer_list<std::string_view> parts) {
  HmacSha256 mac(bytes_of(key));  // piece by piece: a message made of them would leave copies of values in memory
  for (const std::string_view part : parts) {
    std::array<char, 8> size;
    for (std::size_t i = 0; i < size.size(); ++i) size.at(i) = static_cast<char>(std::uint64_t{part.size()} >> 8 * i & 0xFFU);
    mac.update({size.data(), size.size()});
    mac.update(part);
  }
  return mac.finish();
}

std::uint32_t Draw::below(std::uint32_t n) {
  CHECK(n > 0);
  std::uint64_t bits = 0;
  for (int i = 0; i < 8; ++i) {
    if (used_ == block_.size()) {
      const char round = static_cast<char>(++round_);
      block_ = keyed(seed_, {"draw", {&round, 1}}), used_ = 0;
    }
    bits = bits << 8U | block_[used_++];
  }
  return static_cast<std::uint32_t>(bits % n);
}

}  // namespace demarc::privacy
