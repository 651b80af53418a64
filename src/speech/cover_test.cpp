#include "speech/cover.hpp"

#include <gtest/gtest.h>

#include "speech/edit_map.hpp"

namespace demarc::speech {
namespace {

Finding at(std::string_view text, std::string_view value, std::string type = "CREDIT_CARD") {
  const std::size_t begin = text.find(value);
  EXPECT_NE(begin, std::string_view::npos) << value;
  return {.type = std::move(type), .begin = begin, .end = begin + value.size()};
}

// Each of `values` found in every reading that holds it, as a detector would; covered by "X".
std::vector<Cover> find(const Transcript& transcript, const std::vector<std::pair<std::string, std::string>>& values) {
  std::vector<std::vector<Finding>> found;
  for (const std::string& text : readings_of(transcript)) {
    auto& here = found.emplace_back();
    for (const auto& [value, type] : values)
      if (text.find(value) != std::string::npos) here.push_back(at(text, value, type));
  }
  std::vector<Cover> covers = covers_of(transcript, found);
  for (Cover& cover : covers) cover.with = "X";
  return covers;
}

std::vector<std::string> texts_of(const Transcript& transcript) {
  std::vector<std::string> out = {transcript.text};
  if (transcript.clean_text) out.push_back(*transcript.clean_text);
  for (const TranscriptSegment& segment : transcript.segments) {
    out.push_back(segment.text);
    for (const TranscriptWord& word : segment.words) out.push_back(word.text);
  }
  for (const TranscriptEdit& edit : transcript.edits) out.push_back(edit.with);
  return out;
}

Transcript two_segments() {
  return {.text = "My card is 4111 1111 1111 1111, thanks.",
          .segments = {{.start_ms = 0, .end_ms = 2'000, .text = " My card is 4111 1111"},
                       {.start_ms = 2'000, .end_ms = 5'000, .text = " 1111 1111, thanks."}},
          .duration_ms = 9'000};
}

Transcript with_words() {
  Transcript transcript = two_segments();
  std::int64_t ms = 0;
  for (const char* word : {"My", "card", "is", "4111", "1111"}) transcript.segments[0].words.push_back({ms, ms + 400, word}), ms += 400;
  for (const char* word : {"1111", "1111", "thanks"}) transcript.segments[1].words.push_back({ms, ms + 400, word}), ms += 400;
  return transcript;
}

TEST(Cover, HidesAValueThatBeginsInOneSegmentAndEndsInTheNext) {
  Transcript transcript = two_segments();
  make_agree(transcript);
  const auto covers = find(transcript, {{"4111 1111 1111 1111", "CREDIT_CARD"}});
  ASSERT_EQ(covers.size(), 1U);
  EXPECT_EQ(covers[0].value, "4111 1111 1111 1111");
  EXPECT_EQ(mutes_of(transcript, covers), (std::vector<TranscriptMute>{{0, 5'250, "CREDIT_CARD"}}));
  apply_covers(transcript, covers);
  EXPECT_EQ(texts_of(transcript), (std::vector<std::string>{"My card is X, thanks.", " My card is X", " , thanks."}));
}

TEST(Cover, MakesOneWordOfAllThatAValueTouchesAndTakesItsTimesFromThem) {
  Transcript transcript = with_words();
  make_agree(transcript);
  const auto covers = find(transcript, {{"4111 1111 1111 1111", "CREDIT_CARD"}});
  EXPECT_EQ(mutes_of(transcript, covers), (std::vector<TranscriptMute>{{1'200 - kMutePadMs, 2'800 + kMutePadMs, "CREDIT_CARD"}}));
  apply_covers(transcript, covers);
  ASSERT_EQ(transcript.segments[0].words.size(), 4U);
  EXPECT_EQ(transcript.segments[0].words[3].text, "X");
  EXPECT_EQ(transcript.segments[0].words[3].end_ms, 2'800);
  ASSERT_EQ(transcript.segments[1].words.size(), 1U);
  EXPECT_EQ(transcript.segments[1].words[0].text, "thanks");
}

TEST(Cover, OfAWordWithoutLengthFallsBackOnTheSegments) {
  Transcript transcript = with_words();
  transcript.segments[1].words[1].end_ms = transcript.segments[1].words[1].start_ms;
  make_agree(transcript);
  const auto covers = find(transcript, {{"4111 1111 1111 1111", "CREDIT_CARD"}});
  EXPECT_EQ(mutes_of(transcript, covers), (std::vector<TranscriptMute>{{0, 5'250, "CREDIT_CARD"}}));
}

TEST(Cover, WithoutAnyTimesTakesAllOfTheRecording) {
  Transcript transcript{.text = "card 4111 1111 1111 1111"};
  auto covers = find(transcript, {{"4111 1111 1111 1111", "CREDIT_CARD"}});
  EXPECT_EQ(mutes_of(transcript, covers), (std::vector<TranscriptMute>{{0, std::nullopt, "CREDIT_CARD"}}));
  transcript.duration_ms = 7'000;
  EXPECT_EQ(mutes_of(transcript, covers), (std::vector<TranscriptMute>{{0, 7'000, "CREDIT_CARD"}}));
}

TEST(Cover, OfTimesBehindTheEndTakesAllOfTheRecording) {
  Transcript transcript = two_segments();
  transcript.duration_ms = 1'000;
  transcript.segments[0].start_ms = 2'000, transcript.segments[0].end_ms = 3'000;
  const auto covers = find(transcript, {{"4111 1111 1111 1111", "CREDIT_CARD"}});
  EXPECT_EQ(mutes_of(transcript, covers), (std::vector<TranscriptMute>{{0, 1'000, "CREDIT_CARD"}}));
}

TEST(Cover, OfWhatIsSeenOnlyWithoutItsFillersReachesOverThem) {
  Transcript transcript{
      .text = "it is um 4111 1111 uh 1111 1111 so",
      .clean_text = "It is 4111 1111 1111 1111 so",
      .edits = {{.begin = 0, .end = 2, .with = "It", .reason = "letter_case"},
                {.begin = 6, .end = 9, .with = "", .reason = "filler"},
                {.begin = 19, .end = 22, .with = "", .reason = "filler"}},
      .unread_from = 32,
      .segments = {{.start_ms = 0, .end_ms = 1'000, .text = "It is 4111 1111"}, {.start_ms = 1'000, .end_ms = 3'000, .text = "1111 1111 so"}}};
  make_agree(transcript);
  ASSERT_EQ(transcript.segments.size(), 2U);
  const auto covers = find(transcript, {{"4111 1111 1111 1111", "CREDIT_CARD"}});
  ASSERT_EQ(covers.size(), 1U);
  EXPECT_EQ(transcript.text.substr(covers[0].begin, covers[0].end - covers[0].begin), "4111 1111 uh 1111 1111");
  EXPECT_EQ(covers[0].value, "4111 1111 1111 1111");
  apply_covers(transcript, covers);
  EXPECT_EQ(texts_of(transcript), (std::vector<std::string>{"it is um X so", "It is X so", "It is X", "so", "It", ""}));
  EXPECT_EQ(transcript.edits[1].begin, 6U);
  EXPECT_EQ(transcript.unread_from, 11U);
}

TEST(Cover, TakesTheTimesOfTheWordsAsHeardWhereTheCleanUpChangedThem) {
  Transcript transcript{.text = "um john john at example dot com ok",
                        .clean_text = "John at example dot com OK.",
                        .edits = {{.begin = 0, .end = 3, .with = "", .reason = "filler"},
                                  {.begin = 3, .end = 8, .with = "", .reason = "repeat"},
                                  {.begin = 8, .end = 12, .with = "John", .reason = "letter_case"},
                                  {.begin = 32, .end = 34, .with = "OK.", .reason = "punctuation"}},
                        .segments = {{.start_ms = 0, .end_ms = 4'000, .text = "John at example dot com OK."}}};
  std::int64_t ms = 0;
  for (const char* word : {"um", "john", "john", "at", "example", "dot", "com", "ok"})
    transcript.segments[0].words.push_back({ms, ms + 400, word}), ms += 400;
  make_agree(transcript);
  ASSERT_EQ(transcript.segments[0].words.size(), 8U);
  const auto covers = find(transcript, {{"John at example dot com", "EMAIL_ADDRESS"}});
  ASSERT_EQ(covers.size(), 1U);
  EXPECT_EQ(mutes_of(transcript, covers), (std::vector<TranscriptMute>{{800 - kMutePadMs, 2'800 + kMutePadMs, "EMAIL_ADDRESS"}}));
  apply_covers(transcript, covers);
  EXPECT_EQ(texts_of(transcript), (std::vector<std::string>{"um john X ok", "X OK.", "X OK.", "um", "john", "X", "ok", "", "", "OK."}));
}

TEST(Cover, OfWhatOnlyASegmentAloneShowsIsOneOfTheWholeText) {
  Transcript transcript = two_segments();
  const auto covers = covers_of(transcript, std::vector<std::vector<Finding>>{{}, {}, {{.type = "DATE", .begin = 1, .end = 10}}});
  ASSERT_EQ(covers.size(), 1U);
  EXPECT_EQ(transcript.text.substr(covers[0].begin, covers[0].end - covers[0].begin), "1111 1111");
}

TEST(Cover, CountsOnceWhatIsSeenInSeveralReadings) {
  Transcript transcript{.text = "mail a@b.org", .segments = {{.start_ms = 0, .end_ms = 1'000, .text = " mail a@b.org"}}};
  EXPECT_EQ(find(transcript, {{"a@b.org", "EMAIL_ADDRESS"}}).size(), 1U);
}

TEST(Cover, GivesTheTypeOfTheLongestOfThoseThatOverlap) {
  Transcript transcript{.text = "12 34 56 78"};
  const auto covers = find(transcript, {{"12 34", "DATE"}, {"34 56 78", "PHONE_NUMBER"}});
  ASSERT_EQ(covers.size(), 1U);
  EXPECT_EQ(covers[0].type, "PHONE_NUMBER");
  EXPECT_EQ(covers[0].value, "12 34 56 78");
}

TEST(Cover, MakesOneSegmentOfThoseThatSaySomethingElse) {
  Transcript transcript = with_words();
  transcript.segments[1].text = " and something else";
  make_agree(transcript);
  ASSERT_EQ(transcript.segments.size(), 1U);
  EXPECT_EQ(transcript.segments[0].text, transcript.text);
  EXPECT_EQ(transcript.segments[0].end_ms, 9'000);
  EXPECT_EQ(transcript.segments[0].words.size(), 8U);
  EXPECT_TRUE(transcript.rewritten);
}

TEST(Cover, LeavesOutWordsThatAreNotThoseOfTheText) {
  Transcript transcript = with_words();
  transcript.segments[0].words[3].text = "5500";
  make_agree(transcript);
  EXPECT_EQ(transcript.segments.size(), 2U);
  EXPECT_TRUE(transcript.segments[0].words.empty() && transcript.segments[1].words.empty());
  EXPECT_TRUE(transcript.rewritten);  // else the engine's own answer would show them
}

TEST(Cover, DropsASegmentOfWhichNothingIsLeft) {
  Transcript transcript{.text = "Call 030 123456",
                        .segments = {{.start_ms = 0, .end_ms = 1'000, .text = "Call"}, {.start_ms = 1'000, .end_ms = 2'000, .text = " 030 123456"}}};
  auto covers = find(transcript, {{"030 123456", "PHONE_NUMBER"}});
  covers[0].with = "";
  apply_covers(transcript, covers);
  ASSERT_EQ(transcript.segments.size(), 1U);
  EXPECT_EQ(transcript.text, "Call ");
}

TEST(Cover, TwoInOneWordBothGo) {
  Transcript transcript{.text = "a@b.org/c@d.org",
                        .segments = {{.start_ms = 0, .end_ms = 900, .text = "a@b.org/c@d.org", .words = {{0, 900, "a@b.org/c@d.org"}}}}};
  auto covers = find(transcript, {{"a@b.org", "EMAIL_ADDRESS"}, {"c@d.org", "EMAIL_ADDRESS"}});
  apply_covers(transcript, covers);
  EXPECT_EQ(texts_of(transcript), (std::vector<std::string>{"X/X", "X/X", "X/X"}));
}

TEST(Cover, TakesTheSignsAtAnEndAlong) {
  Transcript transcript{.text = "call +49 30 123456!",
                        .segments = {{.start_ms = 0,
                                      .end_ms = 900,
                                      .text = " call +49 30 123456!",
                                      .words = {{0, 200, "call"}, {200, 400, "+49"}, {400, 600, "30"}, {600, 900, "123456!"}}}}};
  auto covers = find(transcript, {{"+49 30 123456", "PHONE_NUMBER"}});
  apply_covers(transcript, covers);
  EXPECT_EQ(texts_of(transcript), (std::vector<std::string>{"call X!", " call X!", "call", "X!"}));
}

TEST(Cover, MergesMutesThatTouchAndNamesAllTheirTypes) {
  Transcript transcript{.text = "a@b.org 030 123456",
                        .segments = {{.start_ms = 0, .end_ms = 1'000, .text = "a@b.org"}, {.start_ms = 1'000, .end_ms = 2'000, .text = "030 123456"}},
                        .duration_ms = 2'000};
  const auto covers = find(transcript, {{"a@b.org", "EMAIL_ADDRESS"}, {"030 123456", "PHONE_NUMBER"}});
  EXPECT_EQ(mutes_of(transcript, covers), (std::vector<TranscriptMute>{{0, 2'000, "EMAIL_ADDRESS,PHONE_NUMBER"}}));
}

// The text as heard with its edits is the clean text, before and after.
TEST(Cover, KeepsEditsThatMakeTheCleanTextOfTheHeardOne) {
  const std::string heard = "so um the the card 4111 uh 1111 is mine um";
  for (std::size_t begin = 0; begin < heard.size(); ++begin)
    for (std::size_t end = begin + 1; end <= heard.size(); ++end) {
      Transcript transcript{.text = heard,
                            .edits = {{.begin = 3, .end = 6, .with = ""},
                                      {.begin = 6, .end = 10, .with = ""},
                                      {.begin = 14, .end = 18, .with = "Card"},
                                      {.begin = 24, .end = 27, .with = ""},
                                      {.begin = 39, .end = 42, .with = ""}}};
      const auto clean = [&] {
        std::string out;
        std::size_t at = 0;
        for (const TranscriptEdit& edit : transcript.edits) out += transcript.text.substr(at, edit.begin - at) + edit.with, at = edit.end;
        return out + transcript.text.substr(at);
      };
      transcript.clean_text = clean();
      auto covers = covers_of(transcript, std::vector<std::vector<Finding>>{{{.type = "T", .begin = begin, .end = end}}, {}});
      for (Cover& cover : covers) cover.with = "[T]";
      const std::size_t hidden = covers.empty() ? 0 : covers[0].value.size();
      apply_covers(transcript, covers);
      if (hidden > 0 && transcript.clean_text->find("[T]") != std::string::npos) {
        EXPECT_EQ(*transcript.clean_text, clean()) << begin << " " << end;
      }
    }
}

TEST(MakeAgree, LeavesOutWhatAModelInvented) {
  Transcript transcript{
      .text = "my card", .clean_text = "my card", .reverted = {{.begin = 0, .end = 0, .with = "4111 1111 1111 1111", .reason = "added_word"}}};
  make_agree(transcript);
  EXPECT_TRUE(transcript.reverted.empty());
}

}  // namespace
}  // namespace demarc::speech
