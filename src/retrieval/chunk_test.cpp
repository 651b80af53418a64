#include "retrieval/chunk.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ctime>

namespace demarc::retrieval {
namespace {

using testing::ElementsAre;

std::vector<std::string> sentences(std::string_view text) {
  std::vector<std::string> out;
  for (const SentenceSpan& span : sentences_of(text)) out.emplace_back(text.substr(span.begin, span.end - span.begin));
  return out;
}

TEST(Sentences, EndWhereAReaderWouldEndThem) {
  EXPECT_THAT(sentences("Mr. Ray paid $3.50. Why? \xe2\x80\x9cNo idea.\xe2\x80\x9d He left"),
              ElementsAre("Mr. Ray paid $3.50.", "Why?", "\xe2\x80\x9cNo idea.\xe2\x80\x9d", "He left"));
}

// Time that grows with the square of the length takes minutes here; what it takes is far from the bound.
TEST(Chunks, OfTextsMadeToCostMuchAreCutInFarLessThanTheirSquare) {
  for (const std::string unit : {"x", ".", ".)", "a.", "(", "\n", "#"}) {
    std::string text;
    while (text.size() < (std::size_t{4} << 20)) text += unit;
    const std::clock_t begin = std::clock();
    (void)chunks_of({.path = "a.md", .text = text}, {});
    EXPECT_LT(std::clock() - begin, 4 * CLOCKS_PER_SEC) << unit;
  }
}

TEST(Sentences, TellAnAbbreviationFromTheEnd) {
  EXPECT_THAT(sentences("See (e.g. this) etc. and\nMr. Ray. Done\n\n1. First"),
              ElementsAre("See (e.g. this) etc. and\nMr. Ray.", "Done", "1. First"));
}

TEST(Chunks, KnowTheirLinesAndHeadings) {
  const auto chunks = chunks_of({.path = "a.md", .text = "# Leave\n\nFirst line.\nSecond line.\n\n## Parents\n\nThey may stay at home.\n"}, {});
  ASSERT_EQ(chunks.size(), 2);
  EXPECT_EQ(chunks[0].heading, "Leave");
  EXPECT_EQ(chunks[0].lines, (LineRange{1, 4}));
  EXPECT_EQ(chunks[1].heading, "Leave > Parents");
  EXPECT_EQ(chunks[1].lines, (LineRange{6, 8}));
  EXPECT_THAT(chunks[1].text, testing::HasSubstr("They may stay at home."));
}

TEST(Chunks, TakeAHashInCodeForNoHeading) {
  const auto chunks = chunks_of({.path = "a.md", .text = "# A\n\n```\n# not one\n```\n"}, {});
  EXPECT_EQ(chunks.back().heading, "A");
}

TEST(Chunks, CountLinesOfEachPageAnew) {
  const auto chunks = chunks_of({.path = "a.txt", .text = "one\ntwo\f\nthree\nfour\n"}, {});
  ASSERT_EQ(chunks.size(), 2);
  EXPECT_EQ(chunks[0].page, 1);
  EXPECT_EQ(chunks[1].page, 2);
  EXPECT_EQ(chunks[1].lines, (LineRange{2, 3}));
}

TEST(Chunks, AreAllOfTheTextButBlanks) {
  std::string text;
  for (int i = 0; i < 300; ++i) text += "Sentence number " + std::to_string(i) + " says little. " + (i % 7 == 0 ? "\n\n" : "");
  std::string joined;
  for (const Chunk& chunk : chunks_of({.path = "a.txt", .text = text}, {})) {
    EXPECT_LE(chunk.text.size(), ChunkLimits{}.most_bytes);
    EXPECT_EQ(chunk.text, text.substr(chunk.begin, chunk.end - chunk.begin));
    joined += chunk.text;
  }
  const auto without_blanks = [](std::string all) { return std::erase_if(all, [](char c) { return c == ' ' || c == '\n'; }), all; };
  EXPECT_EQ(without_blanks(joined), without_blanks(text));
}

TEST(Chunks, NeverCutWithinACharacter) {
  std::string text;
  for (int i = 0; i < 2'000; ++i) text += "\xe6\xbc\xa2";
  for (const Chunk& chunk : chunks_of({.path = "a.txt", .text = text}, {})) EXPECT_EQ(chunk.text.size() % 3, 0U);
}

TEST(Chunks, OfADocumentOfOnePageSayThatPage) {
  const auto chunks = chunks_of({.path = "a.pdf", .text = "# Head\n\nWords.", .is_markdown = true, .is_paged = true}, {});
  ASSERT_FALSE(chunks.empty());
  EXPECT_EQ(chunks.back().page, 1);
  EXPECT_EQ(chunks.back().heading, "Head");
}

}  // namespace
}  // namespace demarc::retrieval
