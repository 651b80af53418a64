// SpeakerEncoder: what a voice sounds like, whatever it says, as a vector: CAM++ (Apache-2.0, docs/adr/0039-speakers.md), run by ONNX Runtime.
//
//   auto encoder = TRY(SpeakerEncoder::load(threads));
//   std::vector<std::vector<float>> voices = TRY(encoder->encode(windows));     // of 1.6 s each, one behind the other
//   core's cosine() of two of them                                              // one voice: mostly above 0.5; two: mostly below 0.3
//
// load() once; any thread may encode. A window takes some hundredths of a second of one thread.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "workers/onnx/onnx.hpp"

namespace demarc::speech::worker {

inline constexpr std::size_t kSpeakerWindow = 25'600;  // samples
inline constexpr std::size_t kSpeakerNumbers = 192;
inline constexpr std::size_t kMostSpeakerWindows = 4;  // in one call: what it holds at once is bounded
std::string_view speaker_weights();

class SpeakerEncoder {
 public:
  static Result<std::unique_ptr<SpeakerEncoder>, std::string> load(std::size_t threads);

  // `samples`: 1 to kMostSpeakerWindows windows. Vectors of length 1, kSpeakerNumbers each.
  [[nodiscard]] Result<std::vector<std::vector<float>>, std::string> encode(std::span<const float> samples) const;

 private:
  SpeakerEncoder() = default;

  workers::onnx::Session session_;
};

}  // namespace demarc::speech::worker
