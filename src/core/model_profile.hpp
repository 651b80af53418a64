// ModelProfile: what a local engine with one model was measured to do on this machine (`demarc bench engine`, `demarc bench context`).
//
//   profile.quality_at(tokens)      // 0..1, expected of a request of that length; nullopt: never measured
//
// Pure value.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace demarc {

struct QualityPoint {
  std::int64_t context_tokens = 0;
  double quality = 0;  // share of the tasks solved at that length
  friend bool operator==(const QualityPoint&, const QualityPoint&) = default;
};

struct ModelProfile {
  double tokens_per_second = 0;         // of output; 0: not measured
  double prompt_tokens_per_second = 0;  // 0: not measured
  double real_time_factor = 0;          // seconds of work for a second of sound; 0: not measured
  std::vector<QualityPoint> curve;      // rising context_tokens

  // Between two lengths on the line from one to the other; before the first as at the first. Behind the last: as at the last, which it will hardly
  // surpass.
  [[nodiscard]] std::optional<double> quality_at(std::int64_t context_tokens) const {
    if (curve.empty()) return {};
    if (context_tokens <= curve.front().context_tokens) return curve.front().quality;
    for (std::size_t i = 1; i < curve.size(); ++i) {
      const QualityPoint &a = curve[i - 1], &b = curve[i];
      if (context_tokens > b.context_tokens) continue;
      const double share = static_cast<double>(context_tokens - a.context_tokens) / static_cast<double>(b.context_tokens - a.context_tokens);
      return a.quality + (b.quality - a.quality) * share;
    }
    return curve.back().quality;
  }
};

}  // namespace demarc
