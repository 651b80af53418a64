// Voice: where somebody speaks, by Silero's model of voice activity (MIT, docs/adr/0014-voice-activity.md), run by ONNX Runtime.
//
//   auto voice = TRY(Voice::load());
//   VoiceTrack track(*voice);                             // one recording
//   float p = TRY(track.next(samples));                   // 512 of them, the next 32 ms: 0 to 1, how surely there is speech
//
// Each step hears the last 64 samples of the one before, without which this version finds no speech at all. Digital silence is not asked about.
// load() once; any thread may have tracks of its own.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "workers/onnx/onnx.hpp"

namespace demarc::speech::worker {

inline constexpr std::size_t kVoiceStep = 512;  // samples
std::string_view voice_weights();

class Voice {
 public:
  static Result<std::unique_ptr<Voice>, std::string> load();

 private:
  friend class VoiceTrack;
  Voice() = default;

  workers::onnx::Session session_;
};

class VoiceTrack {
 public:
  explicit VoiceTrack(const Voice& voice) : voice_(voice) {}
  Result<float, std::string> next(std::span<const std::int16_t, kVoiceStep> samples);

 private:
  static constexpr std::size_t kBefore = 64, kState = 2UL * 128;

  const Voice& voice_;
  std::array<float, kBefore + kVoiceStep> input_{};
  std::array<float, kState> state_{};
};

}  // namespace demarc::speech::worker
