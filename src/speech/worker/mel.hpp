// LogMel: Whisper's view of sound, the log-mel spectrum, exactly as its authors compute it.
//
//   LogMel mel(80);
//   const float floor = mel.floor_of(samples);                    // once a window: everything 80 dB below its loudest point is the same silence
//   mel.window(samples, first_frame, 3000, floor, features);      // features[band * 3000 + frame]
//
// Frames of 400 samples (Hann) every 160, the ends mirrored; power spectrum; Slaney's mel filters; log10, floored, (x + 4) / 4. Source: OpenAI
// whisper/audio.py (log_mel_spectrogram) and SYSTRAN faster-whisper 1.2.1 feature_extractor.py, against which mel_test.cpp compares. One
// thread at a time.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace demarc::speech::worker {

inline constexpr int kFftSize = 400;
inline constexpr int kHopSamples = 160;
inline constexpr int kFramesPerSecond = 100;

// Frames that hold sound: one every 10 ms.
inline std::int64_t count_frames(std::size_t samples) { return static_cast<std::int64_t>(samples / kHopSamples); }

class LogMel {
 public:
  explicit LogMel(int bands);
  ~LogMel();
  LogMel(LogMel&&) noexcept;
  LogMel& operator=(LogMel&&) = delete;

  [[nodiscard]] int bands() const { return bands_; }

  // log10 of the loudest point, less 8.
  float floor_of(std::span<const std::int16_t> samples);

  // Writes `width` frames a band, from `first` on; those past the end of the sound are 0. `out` has bands() * width places.
  void window(std::span<const std::int16_t> samples, std::int64_t first, int width, float floor, std::span<float> out);

 private:
  struct Fft;
  struct Filter {
    int first_bin = 0;
    std::vector<float> weights;
  };

  void frame(std::span<const std::int16_t> samples, std::int64_t index);  // fills log10_

  int bands_;
  std::unique_ptr<Fft> fft_;
  std::vector<Filter> filters_;
  std::array<float, kFftSize> hann_{};
  std::array<float, kFftSize / 2 + 1> power_{};
  std::vector<float> log10_;
};

}  // namespace demarc::speech::worker
