#include "speech/worker/mel.hpp"

#include <algorithm>
#include <cmath>
#include <complex>
#include <numbers>

#include "base/check.hpp"

extern "C" {
#include <libavutil/mem.h>
#include <libavutil/tx.h>
}

namespace demarc::speech::worker {
namespace {

constexpr int kBins = kFftSize / 2 + 1;
constexpr int kSampleRateHz = 16'000;
constexpr std::size_t kTailSamples = 160;  // faster-whisper appends as much silence before it mirrors the end
constexpr double kSmallestPower = 1e-10;
constexpr double kDynamicRange = 8.0;  // decades

// Slaney's scale: linear up to 1000 Hz, logarithmic above (Auditory Toolbox, 1998; librosa's htk=False).
double mel_to_hz(double mel) {
  constexpr double kHzPerMel = 200.0 / 3, kKneeHz = 1000.0, kKneeMel = kKneeHz / kHzPerMel;
  return mel < kKneeMel ? mel * kHzPerMel : kKneeHz * std::exp(std::log(6.4) / 27.0 * (mel - kKneeMel));
}
constexpr double kTopMel = 45.245640471924965;  // 8000 Hz

}  // namespace

// libavutil is fast for 80 = 5·16 points but not for 400, so that a frame is five interleaved transforms of 80, joined by one step of Cooley-Tukey.
struct LogMel::Fft {
  static constexpr int kParts = 5, kPart = kFftSize / kParts, kPartBins = kPart / 2 + 1;

  AVTXContext* context = nullptr;
  av_tx_fn run = nullptr;
  std::array<std::array<std::complex<float>, kBins>, kParts> twiddles;
  alignas(64) std::array<std::array<float, 96>, kParts> input;  // rows padded to the alignment that libavutil asks for
  alignas(64) std::array<std::array<std::complex<float>, 48>, kParts> output;

  Fft() {
    const float scale = 1;
    CHECK(av_tx_init(&context, &run, AV_TX_FLOAT_RDFT, 0, kPart, &scale, 0) >= 0);
    for (int part = 0; part < kParts; ++part)
      for (int bin = 0; bin < kBins; ++bin) {
        const double angle = -2 * std::numbers::pi * part * bin / kFftSize;
        twiddles[part][bin] = {static_cast<float>(std::cos(angle)), static_cast<float>(std::sin(angle))};
      }
  }
  ~Fft() { av_tx_uninit(&context); }
  Fft(const Fft&) = delete;
  Fft& operator=(const Fft&) = delete;

  void power(std::array<float, kBins>& out) {
    for (int part = 0; part < kParts; ++part) run(context, output[part].data(), input[part].data(), sizeof(float));
    for (int bin = 0; bin < kBins; ++bin) {
      const int folded = bin % kPart;
      std::complex<float> sum = 0;
      for (int part = 0; part < kParts; ++part) {
        const std::complex<float> value = folded < kPartBins ? output[part][folded] : std::conj(output[part][kPart - folded]);
        const std::complex<float> twiddle = twiddles[part][bin];
        sum += std::complex<float>(value.real() * twiddle.real() - value.imag() * twiddle.imag(),
                                   value.real() * twiddle.imag() + value.imag() * twiddle.real());
      }
      out[bin] = std::norm(sum);
    }
  }
};

LogMel::LogMel(int bands) : bands_(bands), fft_(std::make_unique<Fft>()), filters_(bands), log10_(bands) {
  for (int i = 0; i < kFftSize; ++i) hann_[i] = static_cast<float>(0.5 - 0.5 * std::cos(2 * std::numbers::pi * i / kFftSize));
  const auto edge_hz = [&](int i) { return mel_to_hz(kTopMel * i / (bands + 1)); };
  for (int band = 0; band < bands; ++band) {
    const double low = edge_hz(band), middle = edge_hz(band + 1), high = edge_hz(band + 2);
    Filter& filter = filters_[band];
    for (int bin = 0; bin < kBins; ++bin) {
      const double hz = static_cast<double>(bin) * kSampleRateHz / kFftSize;
      const double height = std::min((hz - low) / (middle - low), (high - hz) / (high - middle));
      if (height <= 0) continue;
      if (filter.weights.empty()) filter.first_bin = bin;
      filter.weights.push_back(static_cast<float>(height * 2 / (high - low)));  // each band of equal energy
    }
  }
}

LogMel::~LogMel() = default;
LogMel::LogMel(LogMel&&) noexcept = default;

void LogMel::frame(std::span<const std::int16_t> samples, std::int64_t index) {
  const auto length = static_cast<std::int64_t>(samples.size() + kTailSamples);
  const auto sound = static_cast<std::int64_t>(samples.size());
  for (int i = 0; i < kFftSize; ++i) {
    std::int64_t at = index * kHopSamples + i - kFftSize / 2;
    while (at < 0 || at >= length) at = at < 0 ? -at : 2 * (length - 1) - at;  // mirrored, and again where the sound is shorter than the mirror
    const float value = at < sound ? static_cast<float>(samples[static_cast<std::size_t>(at)]) / 32768.0F : 0.0F;
    fft_->input[i % Fft::kParts][i / Fft::kParts] = value * hann_[i];
  }
  fft_->power(power_);
  for (int band = 0; band < bands_; ++band) {
    const Filter& filter = filters_[band];
    float energy = 0;
    for (std::size_t i = 0; i < filter.weights.size(); ++i) energy += filter.weights[i] * power_[filter.first_bin + i];
    log10_[band] = std::log10(std::max(energy, static_cast<float>(kSmallestPower)));
  }
}

float LogMel::floor_of(std::span<const std::int16_t> samples) {
  auto loudest = static_cast<float>(std::log10(kSmallestPower));
  for (std::int64_t index = 0; index <= count_frames(samples.size()); ++index) {
    frame(samples, index);
    loudest = std::max(loudest, *std::ranges::max_element(log10_));
  }
  return loudest - static_cast<float>(kDynamicRange);
}

void LogMel::window(std::span<const std::int16_t> samples, std::int64_t first, int width, float floor, std::span<float> out) {
  CHECK(out.size() == static_cast<std::size_t>(bands_) * static_cast<std::size_t>(width));
  std::ranges::fill(out, 0.0F);
  const std::int64_t count = std::clamp<std::int64_t>(count_frames(samples.size()) - first, 0, width);
  for (std::int64_t i = 0; i < count; ++i) {
    frame(samples, first + i);
    for (int band = 0; band < bands_; ++band)
      out[static_cast<std::size_t>(band) * static_cast<std::size_t>(width) + static_cast<std::size_t>(i)] =
          (std::max(log10_[band], floor) + 4.0F) / 4.0F;
  }
}

}  // namespace demarc::speech::worker
