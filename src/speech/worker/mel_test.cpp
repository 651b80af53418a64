#include "speech/worker/mel.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace demarc::speech::worker {
namespace {

// A saw that climbs through noise, then near silence: 16037 samples made of integers, so that any language makes the same ones.
std::vector<std::int16_t> sample_sound() {
  std::vector<std::int16_t> samples;
  std::uint32_t x = 12'345;
  for (int i = 0; i < 16'037; ++i) {
    x = (x * 1'103'515'245U + 12'345U) & 0x7fffffffU;
    const int noise = static_cast<int>((x >> 16U) % 401) - 200, saw = (i * (20 + i / 800)) % 1'600 * 10 - 8'000,
              hiss = static_cast<int>((x >> 16U) % 9) - 4;
    samples.push_back(static_cast<std::int16_t>(i < 12'000 ? noise + saw : hiss));
  }
  return samples;
}

// Made on 2026-11-24 by faster-whisper 1.2.1, FeatureExtractor(feature_size=N), from the same samples divided by 32768.
struct Golden {
  int bands;
  std::array<int, 7> rows;
  std::array<std::array<float, 6>, 7> values;  // at kFrames
  double sum, absolute_sum;                    // over all bands of the first 100 frames
};
constexpr std::array kFrames = {0, 1, 37, 74, 75, 99};
const std::array kGolden = {Golden{.bands = 80,
                                   .rows = {0, 1, 7, 20, 39, 78, 79},
                                   .values = {{{1.02124F, 0.27171F, 0.27251F, 0.41314F, 0.71545F, -0.83463F},
                                               {1.02476F, 0.42529F, 0.35205F, 0.29563F, 0.74506F, -0.83463F},
                                               {0.79273F, 0.35198F, 1.13173F, 1.07467F, 1.01680F, -0.83463F},
                                               {0.70405F, 0.84745F, 0.89644F, 0.04570F, 0.56368F, -0.83463F},
                                               {0.54196F, 0.54954F, 0.69776F, 0.71809F, 0.62305F, -0.83463F},
                                               {0.31488F, 0.39842F, 0.40633F, 0.41922F, 0.31527F, -0.83463F},
                                               {0.29046F, 0.36278F, 0.38600F, 0.41220F, 0.31994F, -0.83463F}}},
                                   .sum = 1672.6793,
                                   .absolute_sum = 4794.1478},
                            Golden{.bands = 128,
                                   .rows = {0, 1, 7, 20, 39, 126, 127},
                                   .values = {{{0.94548F, 0.19595F, 0.19675F, 0.33738F, 0.63969F, -0.74855F},
                                               {1.04304F, 0.29352F, 0.29432F, 0.43494F, 0.73725F, -0.74855F},
                                               {0.89178F, 1.16299F, 0.59608F, 0.31885F, 0.78300F, -0.74855F},
                                               {0.68328F, 0.28387F, 0.67154F, 0.23778F, 0.16741F, -0.74855F},
                                               {0.44022F, 0.10066F, 0.26498F, 0.19409F, 0.43702F, -0.74855F},
                                               {0.29690F, 0.36762F, 0.38302F, 0.35157F, 0.25515F, -0.74855F},
                                               {0.29030F, 0.37352F, 0.40013F, 0.45888F, 0.36848F, -0.74855F}}},
                                   .sum = 2503.7232,
                                   .absolute_sum = 7061.7447}};

class LogMelOf : public testing::TestWithParam<Golden> {};
INSTANTIATE_TEST_SUITE_P(LogMel, LogMelOf, testing::ValuesIn(kGolden), [](const auto& info) { return std::to_string(info.param.bands) + "Bands"; });

TEST_P(LogMelOf, EqualsWhatFasterWhisperComputes) {
  const Golden& golden = GetParam();
  const std::vector<std::int16_t> samples = sample_sound();
  LogMel mel(golden.bands);
  std::vector<float> out(static_cast<std::size_t>(golden.bands) * 100);
  mel.window(samples, 0, 100, mel.floor_of(samples), out);
  for (std::size_t row = 0; row < golden.rows.size(); ++row)
    for (std::size_t i = 0; i < kFrames.size(); ++i)
      EXPECT_NEAR(out[static_cast<std::size_t>(golden.rows[row] * 100 + kFrames[i])], golden.values[row][i], 1e-4)
          << golden.rows[row] << ", " << kFrames[i];
  EXPECT_NEAR(std::accumulate(out.begin(), out.end(), 0.0), golden.sum, 0.05);
  EXPECT_NEAR(std::accumulate(out.begin(), out.end(), 0.0, [](double sum, float value) { return sum + std::abs(value); }), golden.absolute_sum, 0.05);
}

TEST(LogMel, OfALaterWindowIsTheSameAsPartOfTheWhole) {
  const std::vector<std::int16_t> samples = sample_sound();
  LogMel mel(80);
  std::vector<float> whole(80 * 100), part(80 * 30);
  mel.window(samples, 0, 100, -4, whole);
  mel.window(samples, 60, 30, -4, part);
  for (std::size_t band = 0; band < 80; ++band)
    for (std::size_t i = 0; i < 30; ++i) ASSERT_EQ(part[band * 30 + i], whole[band * 100 + 60 + i]);
}

TEST(LogMel, PastTheEndOfTheSoundIsZero) {
  const std::vector<std::int16_t> samples = sample_sound();
  LogMel mel(80);
  std::vector<float> out(80 * 50, 7.0F);
  mel.window(samples, 100, 50, -4, out);
  EXPECT_EQ(std::ranges::count(out, 0.0F), 80 * 50);
}

TEST(LogMel, OfASingleSampleIsFinite) {
  LogMel mel(80);
  EXPECT_TRUE(std::isfinite(mel.floor_of(std::vector<std::int16_t>{100})));
}

}  // namespace
}  // namespace demarc::speech::worker
