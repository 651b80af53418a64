#include "speech/worker/voice.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <iterator>
#include <numbers>
#include <random>
#include <vector>

#include "speech/worker/audio.hpp"
#include "speech/worker/windows.hpp"

namespace demarc::speech::worker {
namespace {

constexpr std::size_t kMinute = 60UL * kSampleRateHz;
using Sound = std::vector<std::int16_t>;

const Voice& voice() {
  static const std::unique_ptr<Voice> loaded = Voice::load().value();
  return *loaded;
}

double speech_s(const Sound& sound) {
  VoiceTrack track(voice());
  Windows windows([&](auto step) { return track.next(step); });
  EXPECT_TRUE(windows.add(sound));
  EXPECT_TRUE(windows.finish());
  std::size_t samples = 0;
  while (const auto window = windows.next()) samples += window->samples.size();
  return static_cast<double>(samples) / kSampleRateHz;
}

Sound made(std::size_t samples, const std::function<double(std::size_t)>& value) {
  Sound sound(samples);
  for (std::size_t i = 0; i < samples; ++i) sound[i] = static_cast<std::int16_t>(std::lround(std::clamp(value(i), -1.0, 1.0) * 32'767));
  return sound;
}

Sound white_noise(std::size_t samples, double level) {
  std::mt19937 random(7);
  std::normal_distribution<double> normal(0, level);
  return made(samples, [&](std::size_t) { return normal(random); });
}

// Paul Kellet's filter of white noise, -3 dB an octave.
Sound pink_noise(std::size_t samples, double level) {
  std::mt19937 random(8);
  std::normal_distribution<double> normal(0, level);
  double b0 = 0, b1 = 0, b2 = 0;
  return made(samples, [&](std::size_t) {
    const double white = normal(random);
    b0 = 0.99765 * b0 + white * 0.0990460;
    b1 = 0.96300 * b1 + white * 0.2965164;
    b2 = 0.57000 * b2 + white * 1.0526913;
    return (b0 + b1 + b2 + white * 0.1848) / 4;
  });
}

Sound tone(std::size_t samples, double hz) {
  return made(samples, [&](std::size_t i) { return 0.3 * std::sin(2 * std::numbers::pi * hz * static_cast<double>(i) / kSampleRateHz); });
}

Sound clip(const std::string& name) {
  std::ifstream in(DEMARC_SOURCE_DIR "/tests/data/speech/" + name, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(in), {}};
  Sound sound;
  EXPECT_TRUE(decode_speech(bytes, {}, [&](std::span<const std::int16_t> samples, double) -> Result<void, AudioError> {
    sound.insert(sound.end(), samples.begin(), samples.end());
    return {};
  }));
  return sound;
}

constexpr std::array kClips = {"austen-0870.wav", "austen-0880.wav", "austen-0890.wav", "austen-0920.wav", "austen-0930.wav"};

TEST(Voice, IsNotHeardInSilence) { EXPECT_EQ(speech_s(Sound(kMinute)), 0); }

TEST(Voice, IsNotHeardInWhiteNoise) {
  for (const double level : {0.001, 0.01, 0.1, 0.3}) EXPECT_EQ(speech_s(white_noise(kMinute, level)), 0) << level;
}

TEST(Voice, IsNotHeardInPinkNoise) {
  for (const double level : {0.001, 0.01, 0.1, 0.3}) EXPECT_EQ(speech_s(pink_noise(kMinute, level)), 0) << level;
}

TEST(Voice, IsNotHeardInTones) {
  for (const double hz : {50.0, 220.0, 440.0, 1'000.0, 3'000.0}) EXPECT_EQ(speech_s(tone(kMinute / 4, hz)), 0) << hz;
}

TEST(Voice, IsHeardInSpeechNearlyFromItsBeginningToItsEnd) {
  for (const char* name : kClips) {
    const Sound sound = clip(name);
    EXPECT_GT(speech_s(sound), 0.9 * static_cast<double>(sound.size()) / kSampleRateHz) << name;
  }
}

TEST(Voice, IsHeardThroughNoise) {  // at 10 dB below it
  for (const char* name : kClips) {
    Sound sound = clip(name);
    double energy = 0;
    for (const double sample : sound) energy += sample * sample;
    const double level = std::sqrt(energy / static_cast<double>(sound.size()) / 10) / 32'768;
    const Sound noise = pink_noise(sound.size(), level);
    for (std::size_t i = 0; i < sound.size(); ++i) sound[i] = static_cast<std::int16_t>(std::clamp(sound[i] + noise[i], -32'768, 32'767));
    EXPECT_GT(speech_s(sound), 0.8 * static_cast<double>(sound.size()) / kSampleRateHz) << name;
  }
}

}  // namespace
}  // namespace demarc::speech::worker
