// The five sentences of tests/data/speech through the real model that DEMARC_TEST_SPEECH_MODEL named when the build was configured.
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <fstream>
#include <iterator>
#include <sstream>

#include "speech/worker/transcribe.hpp"

namespace demarc::speech::worker {
namespace {

constexpr double kMaxWordErrorRate = 0.1;

std::string read(const std::string& name) {
  std::ifstream in(std::string(DEMARC_SOURCE_DIR "/tests/data/speech/") + name, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// Counted as tests/data/speech/README.md says.
std::vector<std::string> words(const std::string& text) {
  std::string plain;
  for (const char c : to_lower(text)) plain += std::isalpha(static_cast<unsigned char>(c)) != 0 ? c : c == '.' || c == ',' || c == '\'' ? '\0' : ' ';
  std::erase(plain, '\0');
  std::istringstream in(plain);
  std::vector<std::string> words{std::istream_iterator<std::string>(in), {}};
  std::ranges::replace(words, "mr", "mister");
  return words;
}

std::size_t edits(const std::vector<std::string>& a, const std::vector<std::string>& b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j < row.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= b.size(); ++j)
      diagonal = std::exchange(row[j], std::min({row[j] + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)}));
  }
  return row.back();
}

// 16 kHz, mono, 16 bits.
std::string wav(const std::vector<std::int16_t>& samples) {
  const auto little = [](std::uint64_t number, int bytes) {
    std::string out;
    for (int i = 0; i < bytes; ++i) out += static_cast<char>(number >> (8 * i) & 0xff);
    return out;
  };
  const std::uint64_t bytes = samples.size() * 2;
  return "RIFF" + little(bytes + 36, 4) + "WAVEfmt " + little(16, 4) + little(1, 2) + little(1, 2) + little(kSampleRateHz, 4) +
         little(kSampleRateHz * 2, 4) + little(2, 2) + little(16, 2) + "data" + little(bytes, 4) +
         std::string(reinterpret_cast<const char*>(samples.data()), bytes);
}

void append(std::vector<std::int16_t>& to, const std::string& name) {
  ASSERT_TRUE(decode_speech(read(name), {}, [&](std::span<const std::int16_t> samples, double) -> Result<void, AudioError> {
    to.insert(to.end(), samples.begin(), samples.end());
    return {};
  }));
}

class Clips : public testing::Test {
 protected:
  Result<Transcript, TranscribeError> hear(const std::string& file, const Wish& wish, const Listener& listener = {}) {
    return transcribe({*whisper_, tokens_, *voice_}, file, wish, listener);
  }

  std::unique_ptr<Whisper> whisper_ = Whisper::load({.folder = DEMARC_TEST_SPEECH_MODEL, .threads = 2, .slots = 1}).value();
  Tokens tokens_ = Tokens::read(DEMARC_TEST_SPEECH_MODEL "/tokenizer.json").value();
  std::unique_ptr<Voice> voice_ = Voice::load().value();
};

TEST_F(Clips, AreUnderstood) {
  std::istringstream references(read("references.tsv"));
  std::size_t wrong = 0, spoken = 0;
  for (std::string name, reference; std::getline(references, name, '\t') && std::getline(references, reference);) {
    const Transcript heard = hear(read(name), {.language = "en"}).value();
    wrong += edits(words(reference), words(heard.text()));
    spoken += words(reference).size();
  }
  ASSERT_EQ(spoken, 70U);
  EXPECT_LE(static_cast<double>(wrong) / static_cast<double>(spoken), kMaxWordErrorRate);
}

TEST_F(Clips, AreEnglishWithoutBeingToldSo) { EXPECT_EQ(hear(read("austen-0920.wav"), {})->language, "en"); }

TEST_F(Clips, FarApartKeepTheirOrderAndTimes) {
  std::vector<std::int16_t> samples;
  for (int i = 0; i < 8; ++i) {
    samples.resize((static_cast<std::size_t>(i) * 10 + 3) * kSampleRateHz);  // each begins 3 s after a full ten
    append(samples, "austen-0920.wav");                                      // 6 s
  }
  const Transcript heard = hear(wav(samples), {.language = "en", .words = true}).value();  // two windows
  ASSERT_GE(heard.segments.size(), 8U);
  std::int64_t before_ms = 0;
  for (const Segment& segment : heard.segments) {
    EXPECT_GE(segment.start_ms, before_ms);
    EXPECT_GT(segment.end_ms, segment.start_ms);
    before_ms = segment.start_ms;
    ASSERT_FALSE(segment.words.empty());
    for (const SpokenWord& word : segment.words) {
      EXPECT_GE(word.start_ms % 10'000, 2'600) << word.text;  // nothing is said in between
      EXPECT_GE(word.end_ms, word.start_ms);
      EXPECT_GT(word.probability, 0);
      EXPECT_LE(word.probability, 1);
    }
  }
}

TEST_F(Clips, SaveTimeTogetherAndAreTheSame) {
  std::vector<std::int16_t> samples;
  for (int i = 0; i < 4; ++i)
    for (const char* name : {"austen-0870.wav", "austen-0880.wav", "austen-0890.wav", "austen-0920.wav", "austen-0930.wav"}) append(samples, name);
  const std::string file = wav(samples);
  EXPECT_EQ(hear(file, {.language = "en", .windows_at_once = 4})->text(), hear(file, {.language = "en"})->text());
}

TEST_F(Clips, OfNothingButSilenceAreEmpty) { EXPECT_EQ(hear(wav(std::vector<std::int16_t>(5 * kSampleRateHz)), {.language = "en"})->text(), ""); }

TEST_F(Clips, EndWithTheCaller) {
  const auto stopped = hear(read("austen-0880.wav"), {}, {.proceed = [] { return false; }});
  EXPECT_EQ(stopped.error().kind, TranscribeError::Kind::stopped);
}

}  // namespace
}  // namespace demarc::speech::worker
