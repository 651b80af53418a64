#include "speech/worker/print.hpp"

#include <gtest/gtest.h>

namespace demarc::speech::worker {
namespace {

Transcript transcript() {
  return {.language = "en",
          .duration_s = 3'661.5,
          .segments = {{.index = 0, .start_ms = 0, .end_ms = 1'250, .text = " One."},
                       {.index = 1, .start_ms = 3'660'000, .end_ms = 3'661'500, .text = " Two --> three.", .average_log_probability = -0.5}}};
}

TEST(Print, JsonIsTheTextAlone) { EXPECT_EQ(print(transcript(), Format::json), R"({"text":"One. Two --> three."})"); }

TEST(Print, TextEndsInALineFeed) { EXPECT_EQ(print(transcript(), Format::text), "One. Two --> three.\n"); }

TEST(Print, SubtitlesCountFromOneAndHaveHours) {
  EXPECT_EQ(print(transcript(), Format::srt), "1\n00:00:00,000 --> 00:00:01,250\nOne.\n\n2\n01:01:00,000 --> 01:01:01,500\nTwo -> three.\n\n");
}

TEST(Print, WebVttHasItsHeader) { EXPECT_TRUE(print(transcript(), Format::vtt).starts_with("WEBVTT\n\n00:00:00.000 --> 00:00:01.250\nOne.\n")); }

TEST(Print, VerboseJsonTellsTimesAndCertainty) {
  EXPECT_EQ(
      print(transcript(), Format::verbose_json),
      R"({"task":"transcribe","language":"en","duration":3661.5,"text":"One. Two --> three.","segments":[)"
      R"({"id":0,"start":0,"end":1.25,"text":" One.","avg_logprob":0,"no_speech_prob":0,"compression_ratio":0,"temperature":0},)"
      R"({"id":1,"start":3660,"end":3661.5,"text":" Two --> three.","avg_logprob":-0.5,"no_speech_prob":0,"compression_ratio":0,"temperature":0}]})");
}

TEST(Print, WordsStandBesideTheSegments) {
  Transcript spoken = transcript();
  spoken.segments[0].words = {{100, 1'250, " One.", 0.75}};
  EXPECT_TRUE(print(spoken, Format::verbose_json).ends_with(R"("words":[{"word":"One.","start":0.1,"end":1.25,"probability":0.75}]})"));
}

}  // namespace
}  // namespace demarc::speech::worker
