#include "speech/worker/speakers.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <iterator>
#include <numeric>

#include "speech/worker/audio.hpp"

namespace demarc::speech::worker {
namespace {

constexpr std::size_t kSecondSteps = 16'000 / kVoiceStep;  // nearly: 31 steps

// `said`: x is speech, . is none; a step each.
SpeechWindow window_of(const std::string& said) {
  SpeechWindow window{.samples = std::vector<std::int16_t>(said.size() * kVoiceStep, 100), .stretches = {{0, 0}}};
  for (const char c : said) window.is_speech.push_back(c == 'x');
  return window;
}
std::string steps(std::size_t count, char what = 'x') { return std::string(count, what); }

TEST(VoicePlaces, CoverSpeechInHalvesOfTheirLengthAndReachItsEnd) {
  const std::size_t samples = 4 * kSecondSteps * kVoiceStep;  // 63,488
  const auto places = voice_places(window_of(steps(10, '.') + steps(4 * kSecondSteps) + steps(10, '.')));
  ASSERT_EQ(places.size(), 4U);
  for (const VoicePlace& place : places) EXPECT_EQ(place.end - place.begin, kSpeakerWindow);
  EXPECT_EQ(places[0].begin, 10 * kVoiceStep);
  EXPECT_EQ(places[1].begin - places[0].begin, kSpeakerWindow / 2);
  EXPECT_EQ(places[3].end, 10 * kVoiceStep + samples);
}

TEST(VoicePlaces, HoldNoPauseAndNoTwoStretches) {
  SpeechWindow window = window_of(steps(40) + steps(8, '.') + steps(40) + "...." + steps(20));
  window.stretches.push_back({68 * kVoiceStep, 900'000});  // in the middle of the second run
  const auto places = voice_places(window);
  ASSERT_EQ(places.size(), 3U);
  EXPECT_EQ(places[0].end, 40 * kVoiceStep);
  EXPECT_EQ(places[1].begin, 48 * kVoiceStep);
  EXPECT_EQ(places[1].end, 68 * kVoiceStep);
  EXPECT_EQ(places[2].begin, 68 * kVoiceStep);  // over the short stop
}

TEST(VoicePlaces, LeaveOutAWordTooShortUnlessItIsAllThatIsSaid) {
  EXPECT_EQ(voice_places(window_of(steps(40) + steps(20, '.') + steps(5))).size(), 1U);
  const auto alone = voice_places(window_of(steps(20, '.') + steps(5) + steps(20, '.') + steps(4)));
  ASSERT_EQ(alone.size(), 1U);
  EXPECT_EQ(alone[0].begin, 20 * kVoiceStep);
  EXPECT_EQ(alone[0].end, 25 * kVoiceStep);
  EXPECT_TRUE(voice_places(window_of(steps(30, '.'))).empty());
}

// Somebody whose voice is a direction of its own.
std::vector<float> voice(std::size_t person) {
  std::vector<float> out(8, 0.0F);
  out[person] = 1;
  return out;
}

// A word every half second; each of `voices` is heard from i · 0.8 s on, for 1.6 s.
struct Conversation {
  Voices voices;
  std::vector<Segment> segments;

  explicit Conversation(const std::vector<std::size_t>& heard, const std::vector<std::string>& texts) {
    for (std::size_t i = 0; i < heard.size(); ++i)
      voices.add(static_cast<std::int64_t>(i) * 800, static_cast<std::int64_t>(i) * 800 + 1'600, voice(heard[i]));
    std::int64_t at = 0;
    for (const std::string& text : texts) {
      Segment segment{.index = segments.size(), .start_ms = at, .average_log_probability = -0.5};
      for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = std::min(text.find(' ', begin + 1), text.size());
        segment.words.push_back({at, at + 400, text.substr(begin, end - begin), 0.9});
        segment.text += text.substr(begin, end - begin);
        at += 500, begin = end;
      }
      segment.end_ms = at - 100;
      segments.push_back(std::move(segment));
    }
  }

  std::string told(std::size_t most = kMostSpeakers) {
    speakers = tell_speakers(voices, most, segments);
    std::string out;
    for (const Segment& segment : segments) out += segment.speaker + ":" + segment.text + "|";
    return out;
  }
  std::vector<Speaker> speakers;
};

TEST(Speakers, AreNamedAsTheyAreHeardAndCutTheSegmentsThatTheyShare) {
  Conversation one({5, 5, 5, 5, 2, 2, 2, 2, 5, 5, 5},
                   {" How are you on this fine morning? I am very", " well today, thank you. Good to hear", " that, Bob."});
  EXPECT_EQ(one.told(), "A: How are you on this fine morning?|B: I am very|B: well today, thank you.|A: Good to hear|A: that, Bob.|");
  for (std::size_t i = 0; i < one.segments.size(); ++i) EXPECT_EQ(one.segments[i].index, i);
  EXPECT_EQ(one.segments[1].start_ms, 3'500);
  EXPECT_EQ(one.segments[1].end_ms, 4'900);
  EXPECT_EQ(one.segments[1].average_log_probability, -0.5);
  ASSERT_EQ(one.speakers.size(), 2U);
  EXPECT_EQ(one.speakers[0].voice.count, 7U);
  EXPECT_EQ(one.speakers[1].voice.count, 4U);
}

TEST(Speakers, DoNotChangeForAWordWithinASentence) {
  Conversation one({5, 5, 5, 5, 2, 5, 5, 5, 2, 2, 2},
                   {" one two three four five six seven eight nine ten eleven twelve thirteen fourteen. Yes", " of course we do"});
  EXPECT_EQ(one.told(), "A: one two three four five six seven eight nine ten eleven twelve thirteen fourteen.|B: Yes|B: of course we do|");
}

TEST(Speakers, BeginBehindAPauseThatTheirFirstWordSeemsToBeginBefore) {
  Conversation one({5, 5, 5, 5}, {" How are you on this fine morning? Then"});
  for (std::int64_t i = 0; i < 4; ++i) one.voices.add(5'000 + i * 800, 6'600 + i * 800, voice(2));
  one.segments[0].words.back().start_ms = 3'000, one.segments[0].words.back().end_ms = 5'300;
  EXPECT_EQ(one.told(), "A: How are you on this fine morning?|B: Then|");
}

TEST(Speakers, WhoAreHeardTooLittleAreNobody) {
  Conversation one({5, 5, 5, 5, 2, 5, 5, 5}, {" A sentence that one person says, whatever is heard", " beside it."});
  EXPECT_EQ(one.told(), "A: A sentence that one person says, whatever is heard|A: beside it.|");
}

TEST(Speakers, AreAtMostAsManyAsTheCallerSays) {
  Conversation one({5, 5, 5, 5, 2, 2, 2, 2}, {" How are you on this fine morning? I am very"});
  EXPECT_EQ(one.told(1), "A: How are you on this fine morning? I am very|");
}

TEST(Speakers, OfWordsFarFromAnyVoiceAreThoseBefore) {
  Conversation one({5, 5, 5}, {" One two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen"});
  EXPECT_TRUE(one.told().starts_with("A: One"));
  EXPECT_EQ(one.segments.size(), 1U);
}

TEST(Speakers, AreNobodyWhereNobodySpeaks) {
  Conversation silent({}, {" So"}), wordless({5, 5, 5}, {});
  EXPECT_EQ(silent.told(), ": So|");
  EXPECT_EQ(wordless.told(), "");
  EXPECT_TRUE(silent.speakers.empty() && wordless.speakers.empty());
}

// ---- the network

const SpeakerEncoder& encoder() {
  static const std::unique_ptr<SpeakerEncoder> loaded = SpeakerEncoder::load(1).value();
  return *loaded;
}

std::vector<float> clip(const std::string& name, std::size_t window = 0) {
  std::ifstream file(DEMARC_SOURCE_DIR "/tests/data/speech/" + name, std::ios::binary);
  const std::string bytes((std::istreambuf_iterator<char>(file)), {});
  std::vector<float> samples;
  EXPECT_TRUE(decode_speech(bytes, {}, [&](std::span<const std::int16_t> some, double) -> Result<void, AudioError> {
    for (const std::int16_t sample : some) samples.push_back(static_cast<float>(sample) / 32768.0F);
    return {};
  }));
  const auto begin = samples.begin() + static_cast<std::ptrdiff_t>(window * kSpeakerWindow);
  return {begin, begin + kSpeakerWindow};
}

Voiceprint heard(const std::vector<float>& samples) { return {.sum = encoder().encode(samples).value().at(0)}; }

TEST(SpeakerEncoder, GivesTheVectorOfASecondComputation) {
  std::ifstream file(DEMARC_SOURCE_DIR "/tests/data/speech/austen-0870.voice");
  const std::vector<float> golden((std::istream_iterator<float>(file)), {});
  ASSERT_EQ(golden.size(), kSpeakerNumbers);
  EXPECT_GT(cosine(heard(clip("austen-0870.wav")), {.sum = golden}), 0.9999);
}

TEST(SpeakerEncoder, HearsTheSamePersonWhateverIsSaidAndTheSameInAnyCompany) {
  std::vector<float> both = clip("austen-0870.wav", 1);
  const std::vector<float> other = clip("austen-0920.wav");
  const double alike = cosine(heard(both), heard(other));
  EXPECT_GT(alike, 0.6);
  both.insert(both.end(), other.begin(), other.end());
  const auto voices = encoder().encode(both).value();
  ASSERT_EQ(voices.size(), 2U);
  EXPECT_NEAR(cosine({.sum = voices[0]}, {.sum = voices[1]}), alike, 1e-3);
}

TEST(SpeakerEncoder, GivesNumbersForAnySound) {
  for (const float loudness : {0.0F, 1e-6F, 1.0F}) {
    std::vector<float> sound(kSpeakerWindow);
    for (std::size_t i = 0; i < sound.size(); ++i) sound[i] = i % 3 == 0 ? loudness : -loudness;
    for (const float number : heard(sound).sum) EXPECT_TRUE(std::isfinite(number)) << loudness;
  }
}

}  // namespace
}  // namespace demarc::speech::worker
