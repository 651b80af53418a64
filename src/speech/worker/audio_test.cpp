#include "speech/worker/audio.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <fstream>
#include <iterator>
#include <numbers>
#include <span>
#include <utility>
#include <vector>

namespace demarc::speech::worker {
namespace {

std::string file(const std::string& name) {
  std::ifstream in(std::string(DEMARC_SOURCE_DIR "/tests/data/speech/") + name, std::ios::binary);
  std::string bytes{std::istreambuf_iterator<char>(in), {}};
  EXPECT_FALSE(bytes.empty()) << name;
  return bytes;
}

std::string little(std::uint32_t number, int bytes) {
  std::string out;
  for (int i = 0; i < bytes; ++i) out += static_cast<char>(number >> (8 * i) & 0xff);
  return out;
}

struct Wav {
  std::uint32_t rate_hz = 16'000, channels = 1, bits = 16, codec = 1, stated_bytes = 3'200;
  std::string data = std::string(3'200, '\1');

  [[nodiscard]] std::string bytes() const {
    const std::string format = little(codec, 2) + little(channels, 2) + little(rate_hz, 4) + little(rate_hz * channels * bits / 8, 4) +
                               little(channels * bits / 8, 2) + little(bits, 2);
    return "RIFF" + little(stated_bytes + 36, 4) + "WAVEfmt " + little(16, 4) + format + "data" + little(stated_bytes, 4) + data;
  }
};

struct Audio {
  std::vector<std::int16_t> samples;

  [[nodiscard]] double duration_s() const { return static_cast<double>(samples.size()) / kSampleRateHz; }
};

Result<Audio, AudioError> decode_audio(std::string_view file, const AudioLimits& limits = {}, const std::function<bool()>& proceed = {}) {
  Audio audio;
  double part = 0;
  TRY(decode_speech(
      file, limits,
      [&](std::span<const std::int16_t> samples, double part_of_file) -> Result<void, AudioError> {
        EXPECT_GE(part_of_file, 0);
        EXPECT_LE(std::exchange(part, part_of_file), 1);
        audio.samples.insert(audio.samples.end(), samples.begin(), samples.end());
        return {};
      },
      proceed));
  return audio;
}

AudioError error_of(const std::string& bytes, const AudioLimits& limits = {}) { return decode_audio(bytes, limits).error(); }

// How much of the sound is a tone of 440 Hz: 1 is all.
double purity(const Audio& audio) {
  double sine = 0, cosine = 0, energy = 0;
  for (std::size_t i = 0; i < audio.samples.size(); ++i) {
    const double angle = 2 * std::numbers::pi * 440 * static_cast<double>(i) / kSampleRateHz, value = audio.samples[i];
    sine += value * std::sin(angle), cosine += value * std::cos(angle), energy += value * value;
  }
  return 2 * (sine * sine + cosine * cosine) / (energy * static_cast<double>(audio.samples.size()));
}

class EveryFormat : public testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(Audio, EveryFormat, testing::Values("tone.mp3", "tone.ogg", "tone.opus", "tone.m4a", "tone.webm", "tone.flac"),
                         [](const auto& info) { return std::string(info.param).substr(5); });

TEST_P(EveryFormat, BecomesTheSameSecondOfTone) {
  const Audio audio = decode_audio(file(std::string("formats/") + GetParam())).value();
  EXPECT_NEAR(audio.duration_s(), 1.0, 0.12);  // codecs pad both ends
  EXPECT_GT(purity(audio), 0.9);
}

TEST_P(EveryFormat, CutAnywhereIsShorterOrRefusedButNeverACrash) {
  const std::string whole = file(std::string("formats/") + GetParam());
  for (std::size_t size = 1; size < whole.size(); size += 1 + size / 16) {
    const Result<Audio, AudioError> audio = decode_audio(std::string_view(whole).substr(0, size));
    if (audio) {
      EXPECT_LE(audio->duration_s(), 1.12);
    }
  }
}

TEST_P(EveryFormat, DamagedAnywhereIsNeverACrash) {
  const std::string whole = file(std::string("formats/") + GetParam());
  std::uint32_t random = 1;
  for (int i = 0; i < 200; ++i) {
    std::string damaged = whole;
    for (int flips = 0; flips < 4; ++flips) {
      random = random * 1'664'525 + 1'013'904'223;
      damaged[(random >> 8) % (i % 2 == 0 ? std::min<std::size_t>(whole.size(), 400) : whole.size())] = static_cast<char>(random);
    }
    const Result<Audio, AudioError> audio = decode_audio(damaged, {.duration_s = 60});
    if (audio) {
      EXPECT_LE(audio->duration_s(), 60);
    }
  }
}

// How alike two stretches of sound are: 1 is the same, whatever their loudness.
double likeness(std::span<const std::int16_t> a, std::span<const std::int16_t> b) {
  double product = 0, a_energy = 0, b_energy = 0;
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
    const double left = a[i], right = b[i];
    product += left * right, a_energy += left * left, b_energy += right * right;
  }
  return product / std::sqrt(a_energy * b_energy);
}

constexpr std::size_t kNear = kSampleRateHz / 100;  // WebM tells whole milliseconds, Ogg leaves out what Opus begins with

class EverySweep : public testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(Audio, EverySweep, testing::Values("sweep.mp3", "sweep.ogg", "sweep.opus", "sweep.m4a", "sweep.webm"),
                         [](const auto& info) { return std::string(info.param).substr(6); });

TEST_P(EverySweep, FromAPlaceOnIsWhatTheWholeOneHasThere) {
  const std::string bytes = file(std::string("formats/") + GetParam());
  const Audio whole = decode_audio(bytes).value();
  for (const std::int64_t from_ms : {500, 1'001, 5'000, 8'037, 11'900}) {
    const Audio rest = decode_audio(bytes, {.from_ms = from_ms}).value();
    const auto skipped = static_cast<std::size_t>(from_ms * kSampleRateHz / 1'000);
    EXPECT_NEAR(static_cast<double>(rest.samples.size()), static_cast<double>(whole.samples.size() - skipped), kNear) << from_ms;
    double best = 0;
    for (std::size_t shift = 0; shift <= 2 * kNear; ++shift)
      best = std::max(best, likeness(std::span(whole.samples).subspan(skipped - kNear + shift), rest.samples));
    EXPECT_GT(best, 0.98) << from_ms;
  }
  EXPECT_TRUE(decode_audio(bytes, {.from_ms = 3'600'000}).value().samples.empty());
}

TEST(Audio, FromAPlaceOnIsExactWhereNothingIsCoded) {
  Wav wav{.stated_bytes = 128'000, .data = {}};
  for (std::uint32_t i = 0; i < 64'000; ++i) wav.data += little(i * 7'919, 2);
  const Audio whole = decode_audio(wav.bytes()).value(), rest = decode_audio(wav.bytes(), {.from_ms = 2'500}).value();
  EXPECT_TRUE(std::ranges::equal(std::span(whole.samples).subspan(40'000), rest.samples));
}

TEST(Audio, OfSixteenBitsAtSixteenKilohertzIsTakenAsItIs) {
  const std::string wav = file("austen-0880.wav");
  const Audio audio = decode_audio(wav).value();
  EXPECT_EQ(audio.samples.size() * 2, wav.size() - 44);
  EXPECT_EQ(std::memcmp(audio.samples.data(), wav.data() + 44, wav.size() - 44), 0);
}

TEST(Audio, ThatEndsBeforeItsHeaderSaysIsUsedAsFarAsItGoes) {
  EXPECT_EQ(decode_audio(Wav{.stated_bytes = 1'000'000}.bytes())->samples.size(), 1'600U);
}

TEST(Audio, OfNoBytesIsEmpty) { EXPECT_EQ(error_of(""), AudioError::empty); }

TEST(Audio, WithoutSamplesHoldsNoSound) { EXPECT_EQ(error_of(Wav{.stated_bytes = 0, .data = ""}.bytes()), AudioError::no_sound); }

TEST(Audio, OfAbsurdRatesOrChannelsIsRefused) {
  for (const Wav& wav :
       {Wav{.rate_hz = 1}, Wav{.rate_hz = 4'000'000'000}, Wav{.rate_hz = 0}, Wav{.channels = 60'000}, Wav{.channels = 0}, Wav{.bits = 0}})
    EXPECT_FALSE(decode_audio(wav.bytes()));
}

TEST(Audio, OfACodecOutsideTheListIsRefused) { EXPECT_FALSE(decode_audio(Wav{.codec = 0x0161}.bytes())); }

TEST(Audio, IsNotWhatIsText) {
  std::string text;
  for (int i = 0; i < 5'000; ++i) text += "Nothing to be heard here.\n";
  EXPECT_EQ(error_of(text), AudioError::not_audio);
  EXPECT_EQ(error_of("#EXTM3U\n#EXTINF:1,\n/etc/passwd\n"), AudioError::not_audio);
}

TEST(Audio, OverTheLimitsIsRefused) {
  EXPECT_EQ(error_of(Wav{}.bytes(), {.file_bytes = 100}), AudioError::too_large);
  EXPECT_EQ(error_of(Wav{.stated_bytes = 96'000, .data = std::string(96'000, '\0')}.bytes(), {.duration_s = 2}), AudioError::too_long);
}

// An element of EBML, its length in eight bytes (RFC 8794).
std::string ebml(std::string id, const std::string& content) {
  id += '\x01';
  for (int shift = 48; shift >= 0; shift -= 8) id += static_cast<char>(content.size() >> shift & 0xff);
  return id + content;
}

// Matroska (RFC 9559) with so many tracks of PCM, a tenth of a second in the first.
std::string matroska(int tracks) {
  const auto number = [](int value) { return std::string(1, static_cast<char>(value)); };
  std::string entries;
  for (int i = 1; i <= tracks; ++i)
    entries += ebml("\xAE", ebml("\xD7", number(i)) + ebml("\x73\xC5", number(i)) + ebml("\x83", number(2)) + ebml("\x86", "A_PCM/INT/LIT") +
                                ebml("\xE1", ebml("\xB5", std::string("\x46\x7A\0\0", 4)) + ebml("\x9F", number(1)) + ebml("\x62\x64", number(16))));
  const std::string block = ebml("\xA3", std::string("\x81\0\0\x80", 4) + std::string(3'200, '\1'));
  return ebml("\x1A\x45\xDF\xA3", ebml("\x42\x82", "matroska")) +
         ebml("\x18\x53\x80\x67", ebml("\x16\x54\xAE\x6B", entries) + ebml("\x1F\x43\xB6\x75", ebml("\xE7", number(0)) + block));
}

TEST(Audio, OfMoreStreamsThanSixteenIsRefused) {
  const auto fits = decode_audio(matroska(16));
  ASSERT_TRUE(fits) << static_cast<int>(fits.error());
  EXPECT_EQ(fits->samples.size(), 1'600U);
  EXPECT_EQ(error_of(matroska(17)), AudioError::not_audio);
}

TEST(Audio, ThatSaysItIsTooLongIsRefusedBeforeItIsDecoded) {
  const std::string wav = Wav{.stated_bytes = 96'000, .data = std::string(96'000, '\0')}.bytes();
  EXPECT_EQ(can_decode(wav, {.duration_s = 2}).error(), AudioError::too_long);
  EXPECT_TRUE(can_decode(wav, {.duration_s = 3}));
}

TEST(Audio, OfAFewBytesThatIsHoursOfSoundStopsAtTheLimit) {  // a packet of ADPCM, an Opus pause: what counts is what comes out
  std::size_t heard = 0;
  const auto end = decode_speech(Wav{.rate_hz = 4'000, .stated_bytes = 8'000'000, .data = std::string(8'000'000, '\0')}.bytes(), {.duration_s = 600},
                                 [&](std::span<const std::int16_t> samples, double) -> Result<void, AudioError> {
                                   heard += samples.size();
                                   return {};
                                 });
  EXPECT_EQ(end.error(), AudioError::too_long);
  EXPECT_LE(heard, 600U * kSampleRateHz);
}

TEST(Audio, StopsWhenNobodyWaitsAnyMore) {
  const Wav wav{.stated_bytes = 8'000'000, .data = std::string(8'000'000, '\0')};
  EXPECT_EQ(decode_audio(wav.bytes(), {}, [] { return false; }).error(), AudioError::stopped);
}

}  // namespace
}  // namespace demarc::speech::worker
