// Speakers in every form of a transcript, in requests, and over the ranges of a recording.
#include <gtest/gtest.h>

#include "base/strings.hpp"
#include "dialect/openai_transcriptions.hpp"
#include "dialect/testing.hpp"
#include "dialect/transcript_parts.hpp"

namespace demarc::dialect {
namespace {

using openai_transcriptions::AskedAs;
using openai_transcriptions::Ranges;

constexpr const char* kForm = "multipart/form-data; boundary=b-1";

std::string field(const std::string& name, const std::string& value) {
  return "--b-1\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + value + "\r\n";
}
const std::string kRest = "--b-1\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.wav\"\r\n\r\nRIFF\r\n--b-1--\r\n";

std::unique_ptr<Request> asked(const std::string& fields) {
  return testing::must_parse("openai.transcriptions", fields + kRest, {{"content-type", kForm}});
}

Transcript conversation() {
  Transcript out{.text = "Hello. Who is there? Me."};
  out.segments = {{.start_ms = 0, .end_ms = 500, .text = " Hello.", .words = {{0, 500, "Hello.", 0.5, "A"}}, .speaker = "A"},
                  {.start_ms = 600, .end_ms = 1'200, .text = " Who is there?", .speaker = "A"},
                  {.start_ms = 1'300, .end_ms = 1'500, .text = " Me.", .speaker = "B"}};
  out.duration_ms = 2'000;
  return out;
}

TEST(SpeakersOfTranscripts, AreToldInEveryForm) {
  const Transcript transcript = conversation();
  EXPECT_EQ(print_transcript(transcript, TranscriptFormat::text), "A: Hello. Who is there?\nB: Me.\n");
  EXPECT_EQ(print_transcript(transcript, TranscriptFormat::markdown), "**[0:00:00] A:** Hello. Who is there?\n\n**[0:00:01] B:** Me.\n");
  EXPECT_EQ(print_transcript(transcript, TranscriptFormat::vtt),
            "WEBVTT\n\n00:00:00.000 --> 00:00:00.500\n<v A>Hello.\n\n00:00:00.600 --> 00:00:01.200\n<v A>Who is there?\n\n"
            "00:00:01.300 --> 00:00:01.500\n<v B>Me.\n\n");
  EXPECT_NE(print_transcript(transcript, TranscriptFormat::srt).find("3\n00:00:01,300 --> 00:00:01,500\nB: Me.\n"), std::string::npos);
  EXPECT_EQ(print_transcript(transcript, TranscriptFormat::diarized_json),
            R"({"task":"transcribe","duration":2,"text":"Hello. Who is there? Me.","segments":[)"
            R"({"type":"transcript.text.segment","id":"seg_001","start":0,"end":0.5,"text":" Hello.","speaker":"A"},)"
            R"({"type":"transcript.text.segment","id":"seg_002","start":0.6,"end":1.2,"text":" Who is there?","speaker":"A"},)"
            R"({"type":"transcript.text.segment","id":"seg_003","start":1.3,"end":1.5,"text":" Me.","speaker":"B"}]})");
  const std::string verbose = print_transcript(transcript, TranscriptFormat::verbose_json);
  EXPECT_NE(verbose.find(R"("text":" Me.","speaker":"B")"), std::string::npos);
  EXPECT_NE(verbose.find(R"("probability":0.5,"speaker":"A")"), std::string::npos);
}

TEST(SpeakersOfTranscripts, WithNamesFromElsewhereBreakNoMarkup) {
  Transcript transcript = conversation();
  transcript.segments.back().speaker = "<b>\n--> *x*";
  EXPECT_NE(print_transcript(transcript, TranscriptFormat::vtt).find("<v &lt;b  --  *x*>Me.\n"), std::string::npos);
  EXPECT_NE(print_transcript(transcript, TranscriptFormat::markdown).find("\\<b\\> --\\> \\*x\\*:** Me."), std::string::npos);
  EXPECT_EQ(print_transcript(transcript, TranscriptFormat::srt).find("-->\n"), std::string::npos);
}

TEST(SpeakersOfTranscripts, AreAskedForByAFieldOrAForm) {
  using openai_transcriptions::wants_speakers;
  EXPECT_FALSE(wants_speakers(*asked("")));
  EXPECT_TRUE(wants_speakers(*asked(field("demarc_speakers", "true"))));
  EXPECT_TRUE(wants_speakers(*asked(field("demarc_speakers", "3"))));
  EXPECT_TRUE(wants_speakers(*asked(field("response_format", "diarized_json"))));
  EXPECT_FALSE(wants_speakers(*asked(field("demarc_speakers", "false") + field("response_format", "diarized_json"))));
  for (const char* bad : {"", "yes", "0", "27", "-1", "2x", "99999999999999999999"})
    EXPECT_NE(testing::refusal("openai.transcriptions", field("demarc_speakers", bad) + kRest, {{"content-type", kForm}}), "") << bad;
  EXPECT_NE(testing::refusal("openai.transcriptions", field("demarc_speakers", "2") + field("stream", "true") + kRest, {{"content-type", kForm}}),
            "");
}

TEST(SpeakersOfTranscripts, AreAskedForOfOurOwnEngineAlone) {
  const auto request = asked(field("response_format", "diarized_json") + field("demarc_voices", "true"));
  const auto own = openai_transcriptions::forward_as(*request, {}, "m", {.range = Ranges::kept});
  ASSERT_TRUE(own);
  EXPECT_NE(own->body.find("name=\"demarc_speakers\"\r\n\r\ntrue\r\n"), std::string::npos);
  EXPECT_EQ(own->body.find("diarized_json"), std::string::npos);
  const auto other = openai_transcriptions::forward_as(*asked(field("demarc_speakers", "2")), {}, "m", {.format = TranscriptFormat::diarized_json});
  ASSERT_TRUE(other);
  EXPECT_EQ(other->body.find("demarc_"), std::string::npos);
  EXPECT_NE(other->body.find("diarized_json"), std::string::npos);
}

// A range whose speakers have these voices, and say these words one after the other.
std::string part(std::int64_t from_ms, const std::vector<std::pair<std::string, std::vector<float>>>& speakers, const std::vector<std::string>& who,
                 bool is_last) {
  Transcript part{.text = "x"};
  for (const auto& [name, voice] : speakers) part.speakers.push_back({name, {.sum = voice, .count = 5}});
  for (std::size_t i = 0; i < who.size(); ++i) {
    const std::int64_t at = from_ms + static_cast<std::int64_t>(i) * 1'000;
    part.segments.push_back({.start_ms = at, .end_ms = at + 900, .text = "x", .words = {{at, at + 900, "x", 1.0, who[i]}}, .speaker = who[i]});
  }
  part.duration_ms = 10'000;
  if (!is_last) part.next_ms = from_ms + 10'000;
  return print_transcript(part, TranscriptFormat::verbose_json);
}

std::string told(const TranscriptParts& parts) {
  std::string text = parts.print(), out;
  JsonTree tree;
  EXPECT_TRUE(tree.read(text));
  for (const JsonNode segment : tree.root()["segments"]) out += segment["speaker"].text();
  for (const JsonNode word : tree.root()["words"]) out += word["speaker"].text();
  return out;
}

TEST(SpeakersOfRanges, HaveOneNameInTheWhole) {
  const std::vector<float> ann = {5, 0, 0}, bob = {0, 5, 0}, cid = {0, 0, 5}, ann_hoarse = {4.5F, 0.5F, 2};
  TranscriptParts parts({{"response_format", "verbose_json"}, {"demarc_speakers", "true"}, {"timestamp_granularities[]", "segment"}});
  ASSERT_TRUE(parts.add(part(0, {{"A", ann}, {"B", bob}}, {"A", "B"}, false)));
  ASSERT_TRUE(parts.add(part(10'000, {{"A", bob}, {"B", cid}, {"C", ann_hoarse}}, {"A", "B", "C"}, true)));
  EXPECT_EQ(told(parts), "ABBCA");
  EXPECT_EQ(parts.print().find("voice"), std::string::npos);
}

TEST(SpeakersOfRanges, AreAtMostAsManyAsTheCallerSays) {
  TranscriptParts parts({{"response_format", "verbose_json"}, {"demarc_speakers", "2"}, {"timestamp_granularities[]", "word"}});
  ASSERT_TRUE(parts.add(part(0, {{"A", {5, 0, 0}}, {"B", {0, 5, 0}}}, {"A", "B"}, false)));
  ASSERT_TRUE(parts.add(part(10'000, {{"A", {0, 1, 5}}}, {"A"}, true)));
  EXPECT_EQ(told(parts), "ABB");
}

TEST(SpeakersOfRanges, AreAskedForWithTheirVoices) {
  const auto has = [](const TranscriptParts& parts, const FormField& wanted) {
    const auto form = parts.form_of_next(900);
    return std::ranges::find(form, wanted) != form.end();
  };
  const TranscriptParts diarized({{"response_format", "diarized_json"}}), counted({{"demarc_speakers", "2"}}), none({});
  EXPECT_TRUE(has(diarized, {"demarc_speakers", "true"}) && has(diarized, {"demarc_voices", "true"}) &&
              has(diarized, {"response_format", "verbose_json"}));
  EXPECT_TRUE(has(counted, {"demarc_speakers", "2"}) && has(counted, {"demarc_voices", "true"}));
  EXPECT_FALSE(has(none, {"demarc_voices", "true"}));
}

TEST(SpeakersOfRanges, WithVoicesThatAreNoneKeepTheNamesOfTheirRange) {
  for (const char* speakers :
       {R"([{"name":"A","windows":5,"voice":"!!!!"}])", R"([{"name":"A","windows":0,"voice":"AACgQA=="}])", R"([{"name":"A"}])", "3", "{}",
        R"([{"name":"A","windows":5,"voice":"AACgQA=="},{"name":"B","windows":5,"voice":"AACgQAAAoEA="}])"}) {
    TranscriptParts parts({{"response_format", "verbose_json"}, {"demarc_speakers", "true"}});
    ASSERT_TRUE(parts.add(R"({"text":"x","segments":[{"start":0,"end":1,"text":"x","speaker":"A"}],"speakers":)" + std::string(speakers) + "}"));
    EXPECT_NE(parts.print().find(R"("text":"x")"), std::string::npos) << speakers;
  }
}

}  // namespace
}  // namespace demarc::dialect
