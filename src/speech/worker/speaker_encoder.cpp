#include "speech/worker/speaker_encoder.hpp"

#include <array>

#include "base/check.hpp"

namespace demarc::speech::worker {

using namespace workers::onnx;

Result<std::unique_ptr<SpeakerEncoder>, std::string> SpeakerEncoder::load(std::size_t threads) {
  std::unique_ptr<SpeakerEncoder> encoder(new SpeakerEncoder);
  if (auto opened = encoder->session_.open(speaker_weights(), threads); !opened) return fail("the model of speakers: " + opened.error());
  return encoder;
}

Result<std::vector<std::vector<float>>, std::string> SpeakerEncoder::encode(std::span<const float> samples) const {
  const std::size_t windows = samples.size() / kSpeakerWindow;
  CHECK(windows >= 1 && windows <= kMostSpeakerWindows && samples.size() % kSpeakerWindow == 0);
  const std::array<std::int64_t, 2> shape = {static_cast<std::int64_t>(windows), static_cast<std::int64_t>(kSpeakerWindow)};
  const auto input = TRY(view_of(samples, shape));
  const std::array<const char*, 1> input_names = {"samples"}, output_names = {"voice"};
  const std::array<const OrtValue*, 1> inputs = {input.get()};
  std::array<OrtValue*, 1> outputs = {nullptr};
  auto ran = checked(api().Run(session_.get(), nullptr, input_names.data(), inputs.data(), 1, output_names.data(), 1, outputs.data()));
  const Owned<OrtValue> output(outputs[0]);
  TRY(std::move(ran));
  const std::vector<float> numbers = TRY(numbers_in(*output));
  if (numbers.size() != windows * kSpeakerNumbers) return fail(std::string("the model of speakers gives vectors of another length"));
  std::vector<std::vector<float>> voices;
  for (auto at = numbers.begin(); at != numbers.end(); at += kSpeakerNumbers) voices.emplace_back(at, at + kSpeakerNumbers);
  return voices;
}

}  // namespace demarc::speech::worker
