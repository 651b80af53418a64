// Voiceprint: what a voice sounds like, as a vector; core/voices.hpp says which are one person's. A value.
#pragma once

#include <cstdint>
#include <vector>

namespace demarc {

// One vector of length 1, or the sum of several that are the same person's.
struct Voiceprint {
  std::vector<float> sum;
  std::uint32_t count = 1;
};

}  // namespace demarc
