#include "dialect/openai_transcriptions.hpp"

#include <sstream>

#include "base/strings.hpp"
#include "dialect/multipart.hpp"
#include "dialect/testing.hpp"

namespace demarc::dialect {
namespace {

using testing::golden;
using testing::must_parse;
using testing::refusal;

constexpr const char* kForm = "multipart/form-data; boundary=\"b-1\"";

std::string field(const std::string& name, const std::string& value) {
  return "--b-1\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + value + "\r\n";
}
const std::string kAudio("RIFF\0\r\n--b\xff", 10);  // with a byte that ends C strings and the beginning of a boundary
const std::string kFile =
    "--b-1\r\nContent-Disposition: form-data; name=\"file\"; filename=\"Ann Smith.wav\"\r\nContent-Type: audio/wav\r\n\r\n" + kAudio + "\r\n";
const std::string kEnd = "--b-1--\r\n";

std::unique_ptr<Request> transcription(const std::string& body) { return must_parse("openai.transcriptions", body, {{"content-type", kForm}}); }

TEST(Multipart, ReadsFieldsInPlace) {
  const auto request = transcription(field("model", "whisper-1") + kFile + field("prompt", "names: Ann") + field("response_format", "srt") + kEnd);
  EXPECT_EQ(request->model, "whisper-1");
  EXPECT_EQ(request->body.substr(request->model_span.begin, request->model_span.size()), "whisper-1");
  ASSERT_EQ(request->parts.size(), 4U);
  EXPECT_EQ(request->parts[0].text, "Ann Smith.wav");
  EXPECT_EQ(request->parts[1].kind, PartKind::audio);
  EXPECT_EQ(request->parts[1].media_type, "audio/wav");
  EXPECT_EQ(request->body.substr(request->parts[1].span.begin, request->parts[1].span.size()), kAudio);
  EXPECT_EQ(request->parts[2].text, "names: Ann");
  EXPECT_EQ(request->parts[2].encoding, Encoding::raw);
}

TEST(Multipart, ForwardsWithTheModelReplacedOrPutIn) {
  const std::string body = field("model", "whisper-1") + kFile + kEnd;
  const auto out = to_upstream(*transcription(body), {}, Provider::openai, "base");
  EXPECT_EQ(out->body, field("model", "base") + kFile + kEnd);
  EXPECT_EQ(out->headers.get("content-type"), kForm);
  EXPECT_EQ(to_upstream(*transcription(body), {}, Provider::openai, "whisper-1")->body, body);
  EXPECT_EQ(to_upstream(*transcription(kFile + kEnd), {}, Provider::openai, "base")->body, field("model", "base") + kFile + kEnd);
}

TEST(Multipart, CanAskForAnotherFormThanTheClientDid) {
  const auto request = transcription(field("response_format", "srt") + field("stream", "true") + field("model", "m") + kFile + kEnd);
  EXPECT_TRUE(request->stream);
  EXPECT_EQ(openai_transcriptions::forward_as(*request, {}, "m", {})->body,
            field("response_format", "verbose_json") + field("stream", "false") + field("model", "m") + kFile + kEnd);
  EXPECT_EQ(openai_transcriptions::forward_as(*transcription(field("model", "m") + kFile + kEnd), {}, "m", {})->body,
            field("response_format", "verbose_json") + field("model", "m") + kFile + kEnd);
}

std::string with_header(const std::string& disposition, const std::string& more = {}) {
  return "--b-1\r\nContent-Disposition: form-data; name=\"file\"" + disposition + "\r\n" + more + "\r\nx\r\n";
}

TEST(Multipart, ReadsEveryWordOfAHeaderWhereItStands) {
  // The same words stand before, in quotes.
  const auto request = transcription(field("prompt", "\"ann.wav\"") + with_header("; filename=ann.wav", "Content-Type: audio/ann\r\n") + kEnd);
  ASSERT_EQ(request->parts.size(), 4U);
  EXPECT_EQ(request->parts[1].text, "ann.wav");
  EXPECT_EQ(request->body.substr(request->parts[1].span.begin - 9, 18), "filename=ann.wav\r\n");
  EXPECT_EQ(request->parts[2].text, "audio/ann");
  EXPECT_EQ(transcription(with_header("; filename=\"a\\\"b\"") + kEnd)->unreadable.size(), 1U);
}

TEST(Multipart, LeavesNoRoomThatNobodyReads) {
  const auto refused = [](const std::string& disposition, const std::string& more = {}) {
    return refusal("openai.transcriptions", with_header(disposition, more) + kEnd, {{"content-type", kForm}});
  };
  EXPECT_EQ(refused("; filename=\"a\"; ", "Content-Type: \r\nContent-Length: 1\r\nContent-Transfer-Encoding: Binary\r\n"), "");
  for (const char* more : {"; note=521-44-9382", "; filename=; filename=\"b\"", "; filename=\"a\" 521-44-9382", "; filename=\"a\"; filename=\"b\"",
                           "; name=\"b\"", "; filename"})
    EXPECT_NE(refused(more), "") << more;
  EXPECT_NE(refused("; filename=\"" + std::string(600, 'a') + "\""), "");
  for (const char* more : {"Content-Length: 521449382\r\n", "Content-Transfer-Encoding: base64\r\n", "Content-Type: a/b\r\nContent-Type: c/d\r\n"})
    EXPECT_NE(refused("", more), "") << more;
}

TEST(Multipart, RefusesWhatItCannotReadForCertain) {
  const std::vector<std::string> bodies = {
      "",
      "x",
      kEnd,
      field("model", "m") + kEnd,
      kFile,
      kFile + "--b-1",
      kFile + kEnd + "x",
      kFile + kFile + kEnd,
      kFile + field("model", "a") + field("model", "b") + kEnd,
      kFile + field("response_format", "doc") + kEnd,
      kFile + field("model", std::string(600, 'm')) + kEnd,
      kFile + field("prompt", "\xff") + kEnd,
      "--b-1\r\n\r\nx\r\n" + kFile + kEnd,
      "--b-1\r\nContent-Disposition: form-data\r\n\r\nx\r\n" + kFile + kEnd,
      "--b-1\r\nContent-Disposition: form-data; name=\"a\"\r\nX-Note: secret\r\n\r\nx\r\n" + kFile + kEnd,
      "--b-1\r\nContent-Disposition: form-data; name=\"a\"; filename*=UTF-8''x\r\n\r\nx\r\n" + kFile + kEnd,
      "--b-1x\r\n" + kFile + kEnd,
  };
  for (const std::string& body : bodies) EXPECT_NE(refusal("openai.transcriptions", body, {{"content-type", kForm}}), "") << body;
  EXPECT_NE(refusal("openai.transcriptions", kFile + kEnd, {{"content-type", "multipart/form-data"}}), "");
  EXPECT_NE(refusal("openai.transcriptions", kFile + kEnd, {{"content-type", "application/json; boundary=b-1"}}), "");
}

TEST(HeaderParameter, IsFoundQuotedOrNot) {
  EXPECT_EQ(header_parameter("multipart/form-data; boundary=abc", "boundary"), "abc");
  EXPECT_EQ(header_parameter("a; x=\"1;2\"; Boundary=\"a b\\\"c\"", "boundary"), "a b\"c");
  EXPECT_EQ(header_parameter("a; boundary=\"open", "boundary"), std::nullopt);
  EXPECT_EQ(header_parameter("a; bound", "boundary"), std::nullopt);
}

OutgoingReply answer(const std::string& format) {
  const auto request = transcription(field("response_format", format) + kFile + kEnd);
  const auto reply = make_translator(*request, Provider::openai)
                         ->read_whole(200, {{"content-type", "application/json"}}, golden("openai_transcription_verbose.json"));
  EXPECT_TRUE(reply);
  return make_printer(*request, Provider::openai, {})->print_whole(*reply, {});
}

TEST(Transcript, IsPrintedInEveryFormFromVerboseJson) {
  EXPECT_EQ(answer("verbose_json").body, golden("openai_transcription_verbose.json"));
  EXPECT_EQ(answer("json").body, R"({"text":"The beach was a popular spot. People swam.","usage":{"type":"duration","seconds":9}})");
  EXPECT_EQ(answer("text").body, "The beach was a popular spot. People swam.\n");
  EXPECT_EQ(answer("srt").body,
            "1\n00:00:00,000 --> 00:00:03,320\nThe beach was a popular spot.\n\n2\n00:00:03,320 --> 00:00:08,470\nPeople swam.\n\n");
  EXPECT_EQ(answer("vtt").body,
            "WEBVTT\n\n00:00:00.000 --> 00:00:03.320\nThe beach was a popular spot.\n\n00:00:03.320 --> 00:00:08.470\nPeople swam.\n\n");
  EXPECT_EQ(answer("vtt").content_type, "text/vtt; charset=utf-8");
}

TEST(Transcript, ThatWasRewrittenIsPrintedFromItself) {
  const auto request = transcription(field("response_format", "verbose_json") + kFile + kEnd);
  auto reply = make_translator(*request, Provider::openai)
                   ->read_whole(200, {{"content-type", "application/json"}}, golden("openai_transcription_verbose.json"));
  ASSERT_TRUE(reply);
  reply->transcript->segments[0].text = "X Y";
  reply->transcript->segments[0].words.clear();
  reply->transcript->rewritten = true;
  const std::string body = make_printer(*request, Provider::openai, {})->print_whole(*reply, {}).body;
  EXPECT_EQ(body.find("\"word\":\"The\""), std::string::npos);
  EXPECT_NE(body.find("\"word\":\"People\""), std::string::npos);
  EXPECT_NE(body.find("\"text\":\"X Y\""), std::string::npos);
}

TEST(Transcript, TellsWhereInTheRecordingHiddenValuesAre) {
  const Transcript transcript{.text = "X", .mutes = {{{500, 1'250, "CREDIT_CARD"}, {9'000, std::nullopt, "PERSON"}}}};
  std::string printed = print_transcript(transcript, TranscriptFormat::json);
  EXPECT_EQ(printed, R"({"text":"X","mutes":[{"start":0.5,"end":1.25,"type":"CREDIT_CARD"},{"start":9,"end":null,"type":"PERSON"}]})");
  JsonTree tree;
  ASSERT_TRUE(tree.read(printed));
  EXPECT_EQ(read_mutes(tree.root()), transcript.mutes);
  for (std::string bad :
       {R"({})", R"({"mutes":3})", R"({"mutes":[{"end":1}]})", R"({"mutes":[{"start":2,"end":1}]})", R"({"mutes":[{"start":2}]})"}) {
    ASSERT_TRUE(tree.read(bad));
    EXPECT_EQ(read_mutes(tree.root()), std::nullopt) << bad;
  }
}

TEST(Multipart, KeepsWhatIsForUsAlone) {
  const std::string types = field("redact_types", "A") + field("redact_types", "B"), named = field("conversation", "case of Ann");
  const auto request = transcription(field("redact", "mask") + field("model", "m") + types + kFile + named + field("demarc_clean", "false") + kEnd);
  EXPECT_EQ(request->conversation, "case of Ann");
  EXPECT_EQ(openai_transcriptions::field_values(*request, "redact_types"), (std::vector<std::string_view>{"A", "B"}));
  for (const Part& part : request->parts) EXPECT_EQ(part.text.find("case"), std::string_view::npos);
  EXPECT_EQ(to_upstream(*request, {}, Provider::openai, "m")->body, field("model", "m") + kFile + kEnd);
  EXPECT_EQ(to_upstream(*transcription(field("redact", "mask") + kFile + kEnd), {}, Provider::openai, "m")->body, field("model", "m") + kFile + kEnd);
}

TEST(Multipart, AsksForTheTimesOfWords) {
  const std::string times = "timestamp_granularities[]";
  const auto request = transcription(field("model", "m") + field(times, "segment") + kFile + kEnd);
  EXPECT_EQ(openai_transcriptions::forward_as(*request, {}, "m", {.times = openai_transcriptions::Times::of_words})->body,
            field("response_format", "verbose_json") + field(times, "word") + field(times, "segment") + field("model", "m") + kFile + kEnd);
}

TEST(Multipart, TellsTheEngineWhatAWorkloadsRecordingsAreAbout) {
  const openai_transcriptions::AskedAs as{.prompt = "A, B.", .language = "de"};
  const std::string form = field("response_format", "verbose_json");
  EXPECT_EQ(openai_transcriptions::forward_as(*transcription(field("model", "m") + kFile + kEnd), {}, "m", as)->body,
            form + field("language", "de") + field("prompt", "A, B.") + field("model", "m") + kFile + kEnd);
  const std::string own = field("model", "m") + field("language", "en") + field("prompt", "C");
  EXPECT_EQ(openai_transcriptions::forward_as(*transcription(own + kFile + kEnd), {}, "m", as)->body,
            form + field("model", "m") + field("language", "en") + field("prompt", "A, B. C") + kFile + kEnd);
}

TEST(Transcript, ShowsWhatTheCleanUpChanged) {
  const Transcript transcript{.text = "é um hi", .clean_text = "é hi", .edits = {{.begin = 3, .end = 6, .with = "", .reason = "filler"}}};
  EXPECT_EQ(print_transcript(transcript, TranscriptFormat::json),
            R"({"text":"é hi","raw_text":"é um hi","edits":[{"start":2,"end":5,"from":"um ","with":"","reason":"filler","accepted":true}]})");
  EXPECT_EQ(print_transcript(transcript, TranscriptFormat::text), "é hi\n");
}

TEST(Transcript, SaysFromWhereOnNoModelReadIt) {
  const Transcript transcript{.text = "é um hi", .clean_text = "é um hi", .edits = {}, .unread_from = 3};
  EXPECT_EQ(print_transcript(transcript, TranscriptFormat::json), R"({"text":"é um hi","raw_text":"é um hi","unread_from":2,"edits":[]})");
}

TEST(Transcript, KeepsACueInOnePiece) {
  const Transcript transcript{.text = "a", .segments = {{.start_ms = 3'661'001, .end_ms = 3'662'000, .text = "a\n\nb <c> & d"}}};
  EXPECT_EQ(print_transcript(transcript, TranscriptFormat::srt), "1\n01:01:01,001 --> 01:01:02,000\na b <c> & d\n\n");
  EXPECT_EQ(print_transcript(transcript, TranscriptFormat::vtt), "WEBVTT\n\n01:01:01.001 --> 01:01:02.000\na b &lt;c&gt; &amp; d\n\n");
}

// Words one second each, from `start_ms` on.
TranscriptSegment spoken(std::int64_t start_ms, const std::string& text) {
  TranscriptSegment segment{.start_ms = start_ms, .end_ms = start_ms, .text = text};
  std::istringstream words(text);
  for (std::string word; words >> word; segment.end_ms += 1'000) segment.words.push_back({segment.end_ms, segment.end_ms + 1'000, word, 0.5});
  return segment;
}

TEST(Cues, StandNoLongerThanSevenSecondsAndBreakBehindAComma) {
  const Transcript transcript{.segments = {spoken(0, "One two three four five, six seven eight nine.")}};
  EXPECT_EQ(print_transcript(transcript, TranscriptFormat::srt),
            "1\n00:00:00,000 --> 00:00:05,000\nOne two three four five,\n\n2\n00:00:05,000 --> 00:00:09,000\nsix seven eight nine.\n\n");
}

TEST(Cues, HaveTwoLinesOfFortyTwoCharactersAtMost) {
  std::string text;
  for (int i = 0; i < 60; ++i) text += "word" + std::to_string(i % 10) + ' ';
  const Transcript transcript{.segments = {{.start_ms = 1'000, .end_ms = 10'000, .text = text}}};
  const std::string printed = print_transcript(transcript, TranscriptFormat::vtt);
  std::istringstream lines(printed);
  int in_cue = 0;
  std::string last_end = "00:00:01.000";
  for (std::string line; std::getline(lines, line);) {
    EXPECT_LE(line.size(), 42U);
    in_cue = line.empty() ? 0 : in_cue + 1;
    EXPECT_LE(in_cue, 3);  // its time, and two lines
    if (line.find(" --> ") == std::string::npos) continue;
    EXPECT_EQ(line.substr(0, 12), last_end);  // no time is lost between them
    last_end = line.substr(17);
  }
  EXPECT_EQ(last_end, "00:00:10.000");
  std::string all = printed;
  std::erase_if(all, [](char c) { return c == '\n' || c == ' '; });
  EXPECT_NE(all.find("word8word9"), std::string::npos);
}

TEST(Cues, OfAScriptWithoutSpacesAreCutBetweenCharacters) {
  std::string text;
  for (int i = 0; i < 100; ++i) text += "語";
  const std::string printed = print_transcript({.segments = {{.start_ms = 0, .end_ms = 9'000, .text = text}}}, TranscriptFormat::vtt);
  std::istringstream lines(printed);
  std::size_t characters = 0;
  for (std::string line; std::getline(lines, line);) {
    EXPECT_TRUE(is_utf8(line));
    if (!line.starts_with("語")) continue;
    EXPECT_LE(count_code_points(line), 42U);
    characters += count_code_points(line);
  }
  EXPECT_EQ(characters, 100U);
}

TEST(Cues, HoldNoArrowThatReadsAsATime) {
  const Transcript transcript{.segments = {{.start_ms = 0, .end_ms = 1'000, .text = "a --> b"}}};
  EXPECT_EQ(print_transcript(transcript, TranscriptFormat::srt), "1\n00:00:00,000 --> 00:00:01,000\na -> b\n\n");
  EXPECT_EQ(print_transcript(transcript, TranscriptFormat::vtt), "WEBVTT\n\n00:00:00.000 --> 00:00:01.000\na --&gt; b\n\n");
}

TEST(Markdown, HasAParagraphForEveryPauseWithTheTimeAtItsBeginning) {
  const Transcript transcript{.segments = {{.start_ms = 400, .end_ms = 2'000, .text = "Good *morning*."},
                                           {.start_ms = 2'500, .end_ms = 4'000, .text = "All of you."},
                                           {.start_ms = 3'723'000, .end_ms = 3'724'000, .text = "# 1 < 2"}}};
  EXPECT_EQ(print_transcript(transcript, TranscriptFormat::markdown), "**[0:00:00]** Good \\*morning\\*. All of you.\n\n**[1:02:03]** \\# 1 \\< 2\n");
  EXPECT_EQ(print_transcript({.text = "No times."}, TranscriptFormat::markdown), "No times.\n");
}

TEST(Markdown, BeginsANewParagraphWhereASentenceEndsInALongOne) {
  Transcript transcript;
  for (int i = 0; i < 20; ++i) transcript.segments.push_back({.start_ms = i * 1'000, .end_ms = i * 1'000 + 900, .text = std::string(99, 'x') + '.'});
  const std::string printed = print_transcript(transcript, TranscriptFormat::markdown);
  EXPECT_NE(printed.find(".\n\n**[0:00:06]** "), std::string::npos) << printed;
}

TEST(Transcript, TellsTheUnitsOfTimeThatAreAskedFor) {
  const Transcript transcript{.text = "Hi you", .segments = {spoken(0, "Hi you")}};
  const auto printed = [&](TranscriptFormat format, std::optional<TranscriptUnits> units) { return print_transcript(transcript, format, {}, units); };
  const std::string words = R"("words":[{"word":"Hi","start":0,"end":1,"probability":0.5},{"word":"you","start":1,"end":2,"probability":0.5}])";
  const std::string segments = R"("segments":[{"id":0,"start":0,"end":2,"text":"Hi you"}])";
  EXPECT_EQ(printed(TranscriptFormat::json, {}), R"({"text":"Hi you"})");
  EXPECT_EQ(printed(TranscriptFormat::json, TranscriptUnits{.words = true}), R"({"text":"Hi you",)" + words + "}");
  EXPECT_EQ(printed(TranscriptFormat::verbose_json, TranscriptUnits{.segments = true}),
            R"({"task":"transcribe","language":"","text":"Hi you",)" + segments + "}");
  EXPECT_EQ(printed(TranscriptFormat::verbose_json, TranscriptUnits{.words = true}),
            R"({"task":"transcribe","language":"","text":"Hi you",)" + words + "}");
}

TEST(Transcript, GivesEachWordToTheSegmentInWhichItIsSaid) {
  std::string json = R"({"text":"a b","segments":[{"start":0,"end":1,"text":"a"},{"start":1,"end":2,"text":"b"}],)"
                     R"("words":[{"word":"a","start":0.5,"end":1,"probability":0.25},{"word":"b","start":1,"end":1.5}]})";
  JsonTree tree;
  ASSERT_TRUE(tree.read(json));
  const Transcript transcript = read_transcript(tree.root());
  ASSERT_EQ(transcript.segments[0].words.size(), 1U);
  ASSERT_EQ(transcript.segments[1].words.size(), 1U);
  EXPECT_EQ(transcript.segments[0].words[0].probability, 0.25);
  EXPECT_EQ(transcript.segments[1].words[0].probability, std::nullopt);
}

TEST(Transcript, ThatCannotBeStreamedIsAStreamOfOneDelta) {
  const auto request = transcription(field("stream", "true") + kFile + kEnd);
  auto reply = make_translator(*request, Provider::openai)
                   ->read_whole(200, {{"content-type", "application/json"}}, golden("openai_transcription_verbose.json"));
  ASSERT_TRUE(reply);
  const OutgoingReply out = make_printer(*request, Provider::openai, {})->print_whole(*reply, {});
  EXPECT_EQ(out.content_type, "text/event-stream");
  EXPECT_EQ(out.body, "data: {\"type\":\"transcript.text.delta\",\"delta\":\"The beach was a popular spot. People swam.\"}\n\n");
  EXPECT_EQ(out.end,
            "data: {\"type\":\"transcript.text.done\",\"text\":\"The beach was a popular spot. People swam.\","
            "\"usage\":{\"type\":\"duration\",\"seconds\":9}}\n\n");
}

TEST(Transcript, PassesTextThatAnUpstreamPrintedItself) {
  const auto request = transcription(field("response_format", "srt") + kFile + kEnd);
  const auto reply =
      make_translator(*request, Provider::openai)->read_whole(200, {{"content-type", "text/plain"}}, "1\n00:00:00,000 --> 00:00:01,000\nhi\n\n");
  ASSERT_TRUE(reply);
  EXPECT_EQ(make_printer(*request, Provider::openai, {})->print_whole(*reply, {}).body, reply->body);
}

}  // namespace
}  // namespace demarc::dialect
