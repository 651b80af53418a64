#include "speech/cleaning.hpp"

#include <gtest/gtest.h>

#include "base/strings.hpp"

namespace demarc::speech {
namespace {

Transcript heard(std::string text) { return {.text = std::move(text), .language = "en"}; }

TEST(Cleaning, PutsThePiecesTogetherAgain) {
  Transcript transcript = heard("Um, so we meet at nine on Monday, uh, in the the office. Uh um. And we eat there, I- I think, at noon. Um.");
  transcript.segments = {{0, 5'000, " Um, so we meet at nine on Monday, uh, in the the office."},
                         {5'000, 9'000, " Uh um. And we eat there, I- I think, at noon. Um."}};
  Cleaning cleaning(transcript, {});
  cleaning.finish(transcript);
  EXPECT_EQ(transcript.clean_text, "So we meet at nine on Monday, in the office. And we eat there, I think, at noon.");
  EXPECT_EQ(transcript.segments[0].text, "So we meet at nine on Monday, in the office.");
  EXPECT_EQ(transcript.segments[1].text, "And we eat there, I think, at noon.");
  EXPECT_EQ(transcript.clean_text, apply_edits(transcript.text, transcript.edits, 0, transcript.text.size()));
  EXPECT_EQ(transcript.edits[0].start_ms, 0);
  EXPECT_EQ(transcript.edits.back().start_ms, 5'000);
  EXPECT_EQ(transcript.cleaning->asked, 0U);
}

TEST(Cleaning, TakesWhatAnotherSaysForNoRepetition) {
  Transcript transcript = heard("So I think I think we go");
  transcript.segments = {{.start_ms = 0, .end_ms = 900, .text = " So I think", .speaker = "A"},
                         {.start_ms = 900, .end_ms = 2'000, .text = " I think we go", .speaker = "B"}};
  const auto cleaned = [](Transcript it) {
    Cleaning(it, {}).finish(it);
    return *it.clean_text;
  };
  EXPECT_EQ(cleaned(transcript), "So I think I think we go");
  transcript.segments[1].speaker = "A";
  EXPECT_EQ(cleaned(transcript), "So I think we go");
}

TEST(Cleaning, TakesTimesFromWordsWhereThereAreAny) {
  Transcript transcript = heard("So we um go.");
  transcript.segments = {{0, 4'000, " So we um go.", {{0, 900, "So"}, {1'000, 1'900, "we"}, {2'000, 2'900, "um"}, {3'000, 3'900, "go"}}}};
  Cleaning cleaning(transcript, {});
  cleaning.finish(transcript);
  ASSERT_EQ(transcript.edits.size(), 1U);
  EXPECT_EQ(transcript.edits[0].start_ms, 2'000);
  EXPECT_EQ(transcript.edits[0].end_ms, 2'900);
}

TEST(Cleaning, LeavesNothingOfWhatIsNothingButHesitation) {
  for (const char* text : {"Uh.", "Uh um", " um "}) {
    Transcript transcript = heard(text);
    Cleaning cleaning(transcript, {});
    cleaning.finish(transcript);
    EXPECT_EQ(std::string(trim(*transcript.clean_text)), "") << text;
  }
}

TEST(Cleaning, ListsWhatItReverted) {
  Transcript transcript = heard("we paid five dollars");
  Cleaning cleaning(transcript, {});
  ASSERT_EQ(cleaning.asks(0), Asks::punctuation);
  cleaning.asked();
  cleaning.answered(0, R"({"text": "We paid nine dollars."})");
  cleaning.finish(transcript);
  EXPECT_EQ(transcript.clean_text, "We paid five dollars.");
  ASSERT_EQ(transcript.reverted.size(), 1U);
  EXPECT_EQ(transcript.reverted[0].reason, "number");
  EXPECT_EQ(transcript.reverted[0].with, "nine");
  EXPECT_EQ(transcript.cleaning->asked, 1U);
  EXPECT_EQ(transcript.cleaning->answered, 1U);
  EXPECT_EQ(transcript.cleaning->reverted, 1U);
}

TEST(ConfidenceOfWords, IsThatOfTheWordsElseOfTheSegments) {
  Transcript transcript = heard("So we go.");
  transcript.segments = {{0, 4'000, " So we go.", {{0, 900, "So", 0.9}, {1'000, 1'900, "we", 0.2}, {2'000, 2'900, "go"}}}};
  transcript.segments[0].avg_logprob = -0.5;
  const auto all = confidence_of_words(transcript);
  EXPECT_EQ((std::vector<double>{all[0], all[1]}), (std::vector<double>{0.9, 0.2}));
  EXPECT_NEAR(all[2], 0.6065, 1e-4);
  EXPECT_EQ(confidence_of_words(heard("So we")), (std::vector<double>{1, 1}));
}

TEST(ApplyEdits, ReplacesDropsAndCutsToARange) {
  const std::string text = "uh so we meet at nine um";
  const std::vector<TranscriptEdit> edits = {{0, 3, "", "filler"}, {3, 5, "So", "case"}, {17, 21, "nine.", "punctuation"}, {21, 24, "", "filler"}};
  EXPECT_EQ(apply_edits(text, edits, 0, text.size()), "So we meet at nine.");
  EXPECT_EQ(apply_edits(text, edits, 9, text.size()), "meet at nine.");
}

}  // namespace
}  // namespace demarc::speech
