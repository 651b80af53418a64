// The file of a tagger's weights: this header, then buckets × labels bytes. Little-endian, as every machine that demarc runs on.
#pragma once

#include <array>
#include <cstdint>

#include "tensor/tagger/chain.hpp"

namespace demarc::tensor::tagger {

inline constexpr std::array<char, 8> kMagic = {'d', 't', 'a', 'g', 'g', 'e', 'r', '1'};

struct Header {
  std::array<char, 8> magic = kMagic;
  std::uint32_t labels = kLabels;
  std::uint32_t buckets = 0;  // a power of two
  float unit = 0;             // what a weight of 1 stands for
  Transitions transitions{};
};

}  // namespace demarc::tensor::tagger
