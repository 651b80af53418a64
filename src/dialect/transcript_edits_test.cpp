#include <gtest/gtest.h>

#include "dialect/transcript_text.hpp"

namespace demarc::dialect {
namespace {

Transcript cleaned() {
  Transcript transcript{.text = "é um five", .clean_text = "É five"};
  transcript.edits = {{.begin = 0, .end = 2, .with = "É", .reason = "case"},
                      {.begin = 3, .end = 6, .with = "", .reason = "filler", .start_ms = 500, .end_ms = 750}};
  transcript.reverted = {{.begin = 6, .end = 10, .with = "nine", .reason = "number"}};
  transcript.cleaning = {.pieces = 3, .asked = 2, .answered = 1, .reverted = 1};
  return transcript;
}

TEST(TranscriptEdits, SayWhatWhereWhyAndWhetherTheyWereTaken) {
  EXPECT_EQ(print_transcript(cleaned(), TranscriptFormat::json),
            R"({"text":"É five","raw_text":"é um five","edits":[)"
            R"({"start":0,"end":1,"from":"é","with":"É","reason":"case","accepted":true},)"
            R"({"start":2,"end":5,"from":"um ","with":"","reason":"filler","accepted":true,"seconds":{"start":0.5,"end":0.75}},)"
            R"({"start":5,"end":9,"from":"five","with":"nine","reason":"number","accepted":false}],)"
            R"("cleaning":{"pieces":3,"asked":2,"answered":1,"reverted":1}})");
}

TEST(TranscriptEdits, AreInOrderOfWhereTheyStand) {
  Transcript transcript = cleaned();
  transcript.reverted[0].begin = 0, transcript.reverted[0].end = 0;
  const std::string json = print_transcript(transcript, TranscriptFormat::json);
  EXPECT_LT(json.find("\"case\""), json.find("\"number\""));
  EXPECT_LT(json.find("\"number\""), json.find("\"filler\""));
}

}  // namespace
}  // namespace demarc::dialect
