#include "speech/worker/words.hpp"

#include <gtest/gtest.h>

namespace demarc::speech::worker {
namespace {

// " He" 0, " said" 1, "," 2, " thir" 3, "teen" 4, "." 5, two halves of "é" 6 and 7, " “" 8
Tokens tokens() {
  return Tokens::parse(R"({"model":{"vocab":{"ĠHe":0,"Ġsaid":1,",":2,"Ġthir":3,"teen":4,".":5,"Ã":6,"©":7,"Ġ(":8}},"added_tokens":[)"
                       R"({"id":10,"content":"<|endoftext|>"},{"id":11,"content":"<|startoftranscript|>"},{"id":12,"content":"<|transcribe|>"},)"
                       R"({"id":13,"content":"<|startofprev|>"},{"id":14,"content":"<|notimestamps|>"}]})")
      .value();
}

// Each token two steps after the one before, the end mark's too.
Alignment even(std::size_t count) {
  Alignment alignment;
  for (std::size_t i = 0; i <= count; ++i) {
    alignment.path.emplace_back(static_cast<std::int64_t>(i), static_cast<std::int64_t>(10 * i));
    alignment.path.emplace_back(static_cast<std::int64_t>(i), static_cast<std::int64_t>(10 * i + 5));
  }
  for (std::size_t i = 0; i < count; ++i) alignment.probabilities.push_back(i % 2 == 0 ? 1.0F : 0.5F);
  return alignment;
}

TEST(Words, BeginWhereASpaceIsWrittenAndTakeTheirPunctuationAlong) {
  const std::vector<std::size_t> text = {0, 1, 2, 8, 3, 4, 5};
  std::vector<Word> words = words_of(tokens(), text, even(text.size()), "en");
  std::vector<Timed> segments = {{.start_s = 0, .end_s = 1.4}};
  const std::vector<std::size_t> counts = {text.size()};
  give_words(std::move(words), counts, segments);
  ASSERT_EQ(segments[0].words.size(), 3U);
  EXPECT_EQ(segments[0].words[0].text, " He");
  EXPECT_EQ(segments[0].words[1].text, " said,");
  EXPECT_EQ(segments[0].words[2].text, " ( thirteen.");
  EXPECT_DOUBLE_EQ(segments[0].words[1].start_s, 0.2);
  EXPECT_DOUBLE_EQ(segments[0].words[1].end_s, 0.4);
  EXPECT_DOUBLE_EQ(segments[0].words[1].probability, 0.5);
  EXPECT_DOUBLE_EQ(segments[0].words[2].probability, 0.75);
}

TEST(Words, AreCharactersWhereNoSpacesAreWritten) {
  const std::vector<std::size_t> text = {0, 6, 7, 4};
  const std::vector<Word> words = words_of(tokens(), text, even(text.size()), "ja");
  ASSERT_EQ(words.size(), 3U);
  EXPECT_EQ(words[1].text, "é");
  EXPECT_DOUBLE_EQ(words[1].start_s, 0.2);
  EXPECT_DOUBLE_EQ(words[1].end_s, 0.6);
}

TEST(Words, AreNoneWhereTheModelDidNotAlignAll) {
  const std::vector<std::size_t> text = {0, 1};
  EXPECT_TRUE(words_of(tokens(), text, even(1), "en").empty());
}

TEST(Words, OfSeveralSegmentsStayWithTheirs) {
  const std::vector<std::size_t> text = {0, 1, 0, 3, 4};
  std::vector<Timed> segments = {{.start_s = 0, .end_s = 0.4}, {.start_s = 0.4, .end_s = 1}};
  const std::vector<std::size_t> counts = {2, 3};
  give_words(words_of(tokens(), text, even(text.size()), "en"), counts, segments);
  EXPECT_EQ(segments[0].words.size(), 2U);
  ASSERT_EQ(segments[1].words.size(), 2U);
  EXPECT_EQ(segments[1].words[1].text, " thirteen");
}

TEST(Words, DoNotLastThroughThePauseBeforeThem) {
  Alignment alignment = even(4);
  for (auto& [token, step] : alignment.path)
    if (token > 0) step += 500;  // the first word seems to last 10 s
  std::vector<Timed> segments = {{.start_s = 0, .end_s = 10.8}};
  const std::vector<std::size_t> text = {0, 1, 0, 1}, counts = {4};
  give_words(words_of(tokens(), text, alignment, "en"), counts, segments);
  ASSERT_EQ(segments[0].words.size(), 4U);
  EXPECT_GT(segments[0].words[0].start_s, 9);
  EXPECT_DOUBLE_EQ(segments[0].start_s, segments[0].words[0].start_s);
}

}  // namespace
}  // namespace demarc::speech::worker
