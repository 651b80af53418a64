#include "dialect/transcript_parts.hpp"

#include <gtest/gtest.h>

namespace demarc::dialect {
namespace {

Transcript first() {
  Transcript part{.text = "é um five", .clean_text = "É five"};
  part.edits = {{.begin = 0, .end = 2, .with = "É", .reason = "case"},
                {.begin = 3, .end = 6, .with = "", .reason = "filler", .start_ms = 500, .end_ms = 750}};
  part.reverted = {{.begin = 6, .end = 10, .with = "nine", .reason = "number"}};
  part.cleaning = {.pieces = 3, .asked = 2, .answered = 1, .reverted = 1};
  part.segments = {{.start_ms = 0, .end_ms = 900, .text = "É five", .words = {{600, 900, "five", 0.5}}}};
  part.language = "fr";
  part.duration_ms = 10'000;
  part.next_ms = 10'040;
  part.mutes = {{{.start_ms = 9'000, .end_ms = std::nullopt, .types = "PERSON"}}};
  return part;
}

Transcript second() {
  Transcript part{.text = "uh six", .clean_text = "six"};
  part.edits = {{.begin = 0, .end = 3, .with = "", .reason = "filler"}};
  part.cleaning = {.pieces = 1, .asked = 1, .answered = 1, .reverted = 0};
  part.segments = {{.start_ms = 11'000, .end_ms = 12'000, .text = "six"}};
  part.language = "fr";
  part.duration_ms = 2'500;
  part.mutes = std::vector<TranscriptMute>();
  return part;
}

std::string answer(const Transcript& part) {
  return print_transcript(part, TranscriptFormat::verbose_json, {}, TranscriptUnits{.segments = true, .words = true});
}

std::string value_of(const std::vector<FormField>& form, std::string_view name) {
  for (const auto& [field, value] : form)
    if (field == name) return value;
  return "-";
}

TEST(TranscriptParts, AreReadBackAsTheyWerePrinted) {
  const std::string printed = answer(first());
  std::string text = printed;
  JsonTree tree;
  ASSERT_TRUE(tree.read(text));
  EXPECT_EQ(answer(read_own_transcript(tree.root())), printed);
}

TEST(TranscriptParts, BecomeOneTranscriptWhoseEditsStandInTheWholeText) {
  TranscriptParts parts({{"response_format", "json"}});
  ASSERT_TRUE(parts.add(answer(first())));
  EXPECT_EQ(parts.next_ms(), 10'040);
  ASSERT_TRUE(parts.add(answer(second())));
  EXPECT_EQ(parts.next_ms(), std::nullopt);
  EXPECT_EQ(parts.print(), R"({"text":"É five six","raw_text":"é um five uh six","edits":[)"
                           R"({"start":0,"end":1,"from":"é","with":"É","reason":"case","accepted":true},)"
                           R"({"start":2,"end":5,"from":"um ","with":"","reason":"filler","accepted":true,"seconds":{"start":0.5,"end":0.75}},)"
                           R"({"start":5,"end":9,"from":"five","with":"nine","reason":"number","accepted":false},)"
                           R"({"start":10,"end":13,"from":"uh ","with":"","reason":"filler","accepted":true}],)"
                           R"("cleaning":{"pieces":4,"asked":3,"answered":2,"reverted":1},)"
                           R"("mutes":[{"start":9,"end":10.04,"type":"PERSON"}],"usage":{"type":"duration","seconds":13}})");
}

TEST(TranscriptParts, ArePrintedInTheCallersFormat) {
  TranscriptParts parts({{"response_format", "srt"}});
  ASSERT_TRUE(parts.add(answer(first())));
  ASSERT_TRUE(parts.add(answer(second())));
  EXPECT_EQ(parts.print(), "1\n00:00:00,000 --> 00:00:00,900\nÉ five\n\n2\n00:00:11,000 --> 00:00:12,000\nsix\n\n");
  EXPECT_EQ(parts.content_type(), "application/x-subrip; charset=utf-8");
}

TEST(TranscriptParts, AreAskedForWhereTheLastOneEndedInTheLanguageThatWasFound) {
  TranscriptParts parts({{"model", "auto"}, {"response_format", "vtt"}, {"timestamp_granularities[]", "word"}});
  auto form = parts.form_of_next(900);
  EXPECT_EQ(value_of(form, "response_format"), "verbose_json");
  EXPECT_EQ(value_of(form, "model"), "auto");
  EXPECT_EQ(value_of(form, "demarc_for"), "900");
  EXPECT_EQ(value_of(form, "demarc_from"), "-");
  EXPECT_EQ(value_of(form, "language"), "-");
  ASSERT_TRUE(parts.add(answer(first())));
  form = parts.form_of_next(900);
  EXPECT_EQ(value_of(form, "demarc_from"), "10.040");
  EXPECT_EQ(value_of(form, "language"), "fr");
}

TEST(TranscriptParts, WithAFormatThatDoesNotExistAreAskedForInIt) {
  EXPECT_EQ(value_of(TranscriptParts({{"response_format", "doc"}}).form_of_next(900), "response_format"), "doc");
}

TEST(TranscriptParts, RefuseWhatIsNoTranscriptAndAnEngineThatStandsStill) {
  TranscriptParts parts({});
  EXPECT_FALSE(parts.add("hello"));
  EXPECT_FALSE(parts.add(R"({"text":"no segments"})"));
  ASSERT_TRUE(parts.add(answer(first())));
  EXPECT_FALSE(parts.add(answer(first())));
}

}  // namespace
}  // namespace demarc::dialect
