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

class Clips : public testing::Test {
 protected:
  std::unique_ptr<Whisper> whisper_ = Whisper::load({.folder = DEMARC_TEST_SPEECH_MODEL, .threads = 2, .slots = 1}).value();
  Tokens tokens_ = Tokens::read(DEMARC_TEST_SPEECH_MODEL "/tokenizer.json").value();
};

TEST_F(Clips, AreUnderstood) {
  std::istringstream references(read("references.tsv"));
  std::size_t wrong = 0, spoken = 0;
  for (std::string name, reference; std::getline(references, name, '\t') && std::getline(references, reference);) {
    const Transcript heard = transcribe(*whisper_, tokens_, decode_audio(read(name)).value(), {.language = "en"}, {}).value();
    wrong += edits(words(reference), words(heard.text()));
    spoken += words(reference).size();
  }
  ASSERT_EQ(spoken, 70U);
  EXPECT_LE(static_cast<double>(wrong) / static_cast<double>(spoken), kMaxWordErrorRate);
}

TEST_F(Clips, AreEnglishWithoutBeingToldSo) {
  EXPECT_EQ(transcribe(*whisper_, tokens_, decode_audio(read("austen-0920.wav")).value(), {}, {})->language, "en");
}

TEST_F(Clips, InARowKeepTheirOrderAndTimes) {
  Audio audio;
  for (const char* name : {"austen-0870.wav", "austen-0920.wav", "austen-0870.wav", "austen-0920.wav", "austen-0870.wav", "austen-0920.wav"})
    std::ranges::copy(decode_audio(read(name))->samples, std::back_inserter(audio.samples));
  const Transcript heard = transcribe(*whisper_, tokens_, audio, {.language = "en"}, {}).value();  // two windows
  ASSERT_GE(heard.segments.size(), 4U);
  std::int64_t before_ms = 0;
  for (const Segment& segment : heard.segments) {
    EXPECT_GE(segment.start_ms, before_ms);
    EXPECT_GT(segment.end_ms, segment.start_ms);
    before_ms = segment.start_ms;
  }
  EXPECT_LE(static_cast<double>(heard.segments.back().end_ms), heard.duration_s * 1000 + 1);
}

TEST_F(Clips, OfNothingButSilenceAreEmpty) {
  const Audio silence{.samples = std::vector<std::int16_t>(5 * kSampleRateHz)};
  EXPECT_EQ(transcribe(*whisper_, tokens_, silence, {.language = "en"}, {})->text(), "");
}

TEST_F(Clips, EndWithTheCaller) {
  const Audio audio = decode_audio(read("austen-0880.wav")).value();
  const auto stopped = transcribe(*whisper_, tokens_, audio, {}, {.proceed = [] { return false; }});
  EXPECT_EQ(stopped.error().kind, TranscribeError::Kind::stopped);
}

}  // namespace
}  // namespace demarc::speech::worker
