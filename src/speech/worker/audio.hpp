// Audio: any sound file in memory becomes samples, 16 kHz and mono for Whisper. The one place where untrusted media is parsed.
//
//   auto heard = decode_speech(bytes, limits, [&](auto samples, double part_of_file) { … });      // as they are decoded
//   auto rest = decode_speech(bytes, {.from_ms = 3'600'000}, …);                                  // without its first hour
//   if (!heard) return refuse(describe(heard.error()));      // says what to change, nothing of the content
//
// Containers and codecs are an allow-list (kFormats, kCodecs); nothing is opened but `bytes`: no protocol, no file, no network. A damaged packet is
// skipped, as players do; what holds no sound at all is an error. Any thread; a call keeps its own state.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string_view>

#include "base/result.hpp"

namespace demarc::speech::worker {

inline constexpr int kSampleRateHz = 16'000;
inline constexpr std::size_t kMaxFileBytes = std::size_t{200} << 20;
inline constexpr std::int64_t kMaxDurationS = 24 * 3600;

struct AudioLimits {
  std::size_t file_bytes = kMaxFileBytes;
  std::int64_t duration_s = kMaxDurationS;
  std::int64_t from_ms = 0;  // what lies before is passed over, to 10 ms at worst (Opus in Ogg); a file may end there
};

enum class AudioError { empty, too_large, not_audio, no_sound, unsupported, too_long, stopped };

// For the caller of the API, in a sentence.
std::string_view describe(AudioError error);

// 0 is the recording's own. Channels are interleaved. 16-bit, since that is what Whisper's own loaders give the model.
struct Shape {
  int rate_hz = 0, channels = 0;
};
using OnSamples = std::function<Result<void, AudioError>(Shape, std::span<const std::int16_t>)>;
// Some samples at a time, each once. `proceed` is asked every few packets; false ends the work with `stopped`, an error of on_samples with that.
Result<void, AudioError> decode_samples(std::string_view file, Shape shape, const OnSamples& on_samples, const std::function<bool()>& proceed = {});

// For the model: 16 kHz, mono, within the limits, and not nothing. `part_of_file`: of its bytes, how many are read, 0 to 1.
using OnSpeech = std::function<Result<void, AudioError>(std::span<const std::int16_t> samples, double part_of_file)>;
Result<void, AudioError> decode_speech(std::string_view file, const AudioLimits& limits, const OnSpeech& on_speech,
                                       const std::function<bool()>& proceed = {});
// Whether it begins like something that decode_speech() can decode: asked before an answer begins that cannot be taken back.
Result<void, AudioError> can_decode(std::string_view file, const AudioLimits& limits = {});

}  // namespace demarc::speech::worker
