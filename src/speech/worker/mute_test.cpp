#include "speech/worker/mute.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <fstream>
#include <iterator>
#include <sstream>

namespace demarc::speech::worker {
namespace {

std::string little(std::uint32_t number, int bytes) {
  std::string out;
  for (int i = 0; i < bytes; ++i) out += static_cast<char>(number >> (8 * i) & 0xff);
  return out;
}

// `frames` of a sawtooth that is never 0.
std::string wav(std::uint32_t rate_hz, std::uint32_t channels, std::uint32_t frames) {
  std::string data;
  for (std::uint32_t i = 0; i < frames * channels; ++i) data += little(1 + i % 30'000, 2);
  return "RIFF" + little(static_cast<std::uint32_t>(data.size()) + 36, 4) + "WAVEfmt " + little(16, 4) + little(1, 2) + little(channels, 2) +
         little(rate_hz, 4) + little(rate_hz * channels * 2, 4) + little(channels * 2, 2) + little(16, 2) + "data" +
         little(static_cast<std::uint32_t>(data.size()), 4) + data;
}

std::string muted(const std::string& file, const std::vector<Quiet>& quiet) {
  std::ostringstream out;
  EXPECT_TRUE(mute_audio(file, quiet, out));
  return out.str();
}

std::int16_t sample(const std::string& file, std::size_t at) {
  std::int16_t out = 0;
  std::memcpy(&out, file.data() + 44 + 2 * at, 2);
  return out;
}

TEST(Mute, OfNothingGivesTheSameWav) {
  const std::string file = wav(44'100, 2, 44'100);
  EXPECT_EQ(muted(file, {}), file);
}

TEST(Mute, IsExactToTheSampleAndLeavesAllOthers) {
  for (const auto& [rate, channels] : {std::pair(44'100U, 2U), std::pair(8'000U, 1U), std::pair(48'000U, 6U), std::pair(22'050U, 1U)}) {
    const std::uint32_t frames = rate * 2;
    const std::string file = wav(rate, channels, frames);
    const std::string out = muted(file, {{.start_ms = 333, .end_ms = 501}, {.start_ms = 1'777, .end_ms = {}}});
    ASSERT_EQ(out.size(), file.size());
    for (std::uint32_t frame = 0; frame < frames; ++frame) {
      const std::uint64_t us_begin = std::uint64_t{frame} * 1'000'000 / rate, us_end = (std::uint64_t{frame} + 1) * 1'000'000 / rate;
      const bool quiet = (us_end > 333'000 && us_begin < 501'000) || us_end > 1'777'000;
      for (std::uint32_t channel = 0; channel < channels; ++channel) {
        const std::size_t at = std::size_t{frame} * channels + channel;
        ASSERT_EQ(sample(out, at), quiet ? 0 : sample(file, at)) << rate << " Hz, frame " << frame;
      }
    }
  }
}

TEST(Mute, WritesAnyFormatAsWavOfItsOwnRate) {
  for (const char* name : {"tone.mp3", "tone.ogg", "tone.opus", "tone.m4a", "tone.webm", "tone.flac"}) {
    std::ifstream in(std::string(DEMARC_SOURCE_DIR "/tests/data/speech/formats/") + name, std::ios::binary);
    const std::string file{std::istreambuf_iterator<char>(in), {}};
    const std::string out = muted(file, {{.start_ms = 0, .end_ms = {}}});
    ASSERT_GT(out.size(), 44U) << name;
    EXPECT_EQ(out.find_first_not_of('\0', 44), std::string::npos) << name;
    EXPECT_TRUE(can_decode(out)) << name;
  }
}

TEST(Mute, OfWhatIsNoRecordingSaysSo) {
  std::ostringstream out;
  const auto done = mute_audio("this is no recording", {}, out);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().kind, MuteError::decode);
  EXPECT_EQ(done.error().audio, AudioError::not_audio);
}

TEST(Mute, OfMoreThanAWavHoldsIsRefused) {
  std::ostringstream out;
  const auto done = mute_audio(wav(8'000, 1, 8'000), {}, out, 10'000);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().kind, MuteError::too_long);
}

TEST(Mute, ToADiskThatIsFullFails) {
  std::ofstream full("/dev/full", std::ios::binary);
  const auto done = mute_audio(wav(8'000, 1, 80'000), {}, full);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().kind, MuteError::write);
}

}  // namespace
}  // namespace demarc::speech::worker
