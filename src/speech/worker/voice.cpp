#include "speech/worker/voice.hpp"

#include <algorithm>
#include <cstdlib>

namespace demarc::speech::worker {
namespace {

constexpr int kQuietestPeak = 16;  // of 32768, -66 dB: what stays below is no voice
constexpr std::int64_t kRateHz = 16'000;

using namespace workers::onnx;

}  // namespace

Result<std::unique_ptr<Voice>, std::string> Voice::load() {
  std::unique_ptr<Voice> voice(new Voice);
  constexpr std::size_t kThreads = 1;  // a step is a tenth of a millisecond's work
  if (auto opened = voice->session_.open(voice_weights(), kThreads); !opened) return fail("the model of voice activity: " + opened.error());
  return voice;
}

Result<float, std::string> VoiceTrack::next(std::span<const std::int16_t, kVoiceStep> samples) {
  std::copy(input_.end() - kBefore, input_.end(), input_.begin());
  std::ranges::transform(samples, input_.begin() + kBefore, [](std::int16_t sample) { return static_cast<float>(sample) / 32768.0F; });
  if (std::ranges::all_of(samples, [](int sample) { return std::abs(sample) < kQuietestPeak; })) return 0.0F;

  constexpr std::array<std::int64_t, 1> kRate = {kRateHz};
  constexpr std::array<std::int64_t, 2> kInputShape = {1, kBefore + kVoiceStep};
  constexpr std::array<std::int64_t, 3> kStateShape = {2, 1, 128};
  const auto input = TRY(view_of(input_, kInputShape)), state = TRY(view_of(state_, kStateShape)), rate_hz = TRY(view_of(kRate, {}));
  const std::array<const char*, 3> names = {"input", "state", "sr"};
  const std::array<const OrtValue*, 3> inputs = {input.get(), state.get(), rate_hz.get()};
  const std::array<const char*, 2> output_names = {"output", "stateN"};
  std::array<OrtValue*, 2> outputs = {nullptr, nullptr};
  auto ran = checked(api().Run(voice_.session_.get(), nullptr, names.data(), inputs.data(), inputs.size(), output_names.data(), 2, outputs.data()));
  const Owned<OrtValue> probability(outputs[0]), next_state(outputs[1]);
  TRY(std::move(ran));
  void* data = nullptr;
  TRY(checked(api().GetTensorMutableData(next_state.get(), &data)));
  std::copy_n(static_cast<const float*>(data), kState, state_.begin());
  TRY(checked(api().GetTensorMutableData(probability.get(), &data)));
  return *static_cast<const float*>(data);
}

}  // namespace demarc::speech::worker
