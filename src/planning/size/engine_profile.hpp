// EngineProfile: what one machine does, as it was measured: how fast it reads prompts, and how many tokens a second it writes with that many requests
// at once.
//
//   profiles:
//     - name: own-gpu
//       slots: 64                       # requests at once; more wait
//       prefill_tokens_per_s: 9000
//       decode: [{concurrent: 1, tokens_per_s: 95}, {concurrent: 16, tokens_per_s: 900}, {concurrent: 64, tokens_per_s: 2100}]
//       source: vllm bench serve, our own
//       date: 2026-10-12
//
// Pure values; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace demarc::planning {

struct DecodePoint {
  int concurrent = 1;
  double tokens_per_s = 0;  // of all of them together
};

struct EngineProfile {
  std::string name, source, date;
  int slots = 1;
  double prefill_tokens_per_s = 0;
  std::vector<DecodePoint> decode;                                 // rising in `concurrent`
  [[nodiscard]] double decode_tokens_per_s(int concurrent) const;  // straight between points, flat outside
  [[nodiscard]] double most_tokens_per_s() const;
};

Result<std::vector<EngineProfile>, std::string> read_profiles(std::string_view yaml, const std::string& file);

}  // namespace demarc::planning
