// Audio: any sound file in memory becomes 16 kHz mono samples. The one place where untrusted media is parsed.
//
//   Result<Audio, AudioError> audio = decode_audio(bytes, limits);
//   if (!audio) return refuse(describe(audio.error()));      // says what to change, nothing of the content
//
// Containers and codecs are an allow-list (kFormats, kCodecs); nothing is opened but `bytes`: no protocol, no file, no network. A damaged packet is
// skipped, as players do; what holds no sound at all is an error. Any thread; a call keeps its own state.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace demarc::speech::worker {

inline constexpr int kSampleRateHz = 16'000;
inline constexpr std::size_t kMaxFileBytes = std::size_t{200} << 20;
inline constexpr std::int64_t kMaxDurationS = 4 * 3600;

struct AudioLimits {
  std::size_t file_bytes = kMaxFileBytes;
  std::int64_t duration_s = kMaxDurationS;
};

// 16-bit, since that is what Whisper's own loaders give the model, and since four hours of it take 460 MB rather than 920.
struct Audio {
  std::vector<std::int16_t> samples;

  [[nodiscard]] double duration_s() const { return static_cast<double>(samples.size()) / kSampleRateHz; }
};

enum class AudioError { empty, too_large, not_audio, no_sound, unsupported, too_long, stopped };

// For the caller of the API, in a sentence.
std::string_view describe(AudioError error);

// As decode_audio(), piece by piece and in another shape: 0 is the recording's own. Channels are interleaved.
struct Shape {
  int rate_hz = 0, channels = 0;
};
using OnSamples = std::function<Result<void, AudioError>(Shape, std::span<const std::int16_t>)>;
Result<void, AudioError> decode_samples(std::string_view file, Shape shape, const OnSamples& on_samples, const std::function<bool()>& proceed = {});

// `proceed` is asked every few packets; false ends the work with `stopped`.
Result<Audio, AudioError> decode_audio(std::string_view file, const AudioLimits& limits = {}, const std::function<bool()>& proceed = {});

}  // namespace demarc::speech::worker
