#include "document/worker/layout.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/strings.hpp"
#include "document/worker/lines.hpp"

namespace demarc::document::worker {
namespace {

using testing::ElementsAre;
using testing::SizeIs;

constexpr int kLetter = 10, kLine = 30;  // pixels

// A line of words, each letter as wide as the other.
void put(PageContent& page, int left, int top, std::string_view text, double size = 20, bool bold = false) {
  int x = left;
  for (const std::string_view word : split(text, ' ')) {
    const int width = kLetter * static_cast<int>(word.size());
    if (!word.empty())
      page.words.push_back({.text = std::string(word), .box = {x, top, x + width, top + static_cast<int>(size)}, .size = size, .bold = bold});
    x += width + kLetter;
  }
}

std::vector<DocumentBlock> blocks_of(const PageContent& page) {
  std::vector<LaidPage> pages = {lay_out(page)};
  rank_headings(pages);
  std::vector<DocumentBlock> out;
  for (Laid& laid : pages[0].blocks) out.push_back(std::move(laid.block));
  return out;
}

std::vector<std::string> texts_of(const std::vector<DocumentBlock>& blocks) {
  std::vector<std::string> out;
  for (const DocumentBlock& block : blocks) out.push_back(block.text);
  return out;
}

PageContent page() { return {.width = 1'700, .height = 2'200, .dpi = 200}; }

TEST(Layout, JoinsTheLinesOfAParagraphAndAWordThatWasCut) {
  PageContent content = page();
  put(content, 100, 100, "the first line of a para-");
  put(content, 100, 100 + kLine, "graph and its second one");
  EXPECT_THAT(texts_of(blocks_of(content)), ElementsAre("the first line of a paragraph and its second one"));
}

TEST(Layout, BeginsAParagraphBehindAWiderGap) {
  PageContent content = page();
  for (int i = 0; i < 4; ++i) put(content, 100, 100 + i * kLine, "words of the first one here");
  for (int i = 0; i < 4; ++i) put(content, 100, 290 + i * kLine, "words of the second one here");
  EXPECT_THAT(blocks_of(content), SizeIs(2));
}

TEST(Layout, ReadsColumnsOneAfterTheOtherAndWhatReachesOverThemFirst) {
  PageContent content = page();
  put(content, 300, 100, "a title over both of the columns of this page here", 20);
  for (int i = 0; i < 6; ++i) {
    put(content, 100, 200 + i * kLine, "left column line with words");
    put(content, 600, 200 + i * kLine, "right column line with words");
  }
  const auto texts = texts_of(blocks_of(content));
  ASSERT_THAT(texts, SizeIs(3));
  EXPECT_TRUE(texts[0].starts_with("a title"));
  EXPECT_EQ(texts[1].find("right"), std::string::npos);
  EXPECT_EQ(texts[2].find("left"), std::string::npos);
}

TEST(Layout, TakesLargeLettersForHeadingsByTheirRank) {
  PageContent content = page();
  put(content, 100, 100, "Title", 44, true);
  put(content, 100, 200, "Chapter", 32, true);
  for (int i = 0; i < 5; ++i) put(content, 100, 300 + i * kLine, "plain text of the body that goes on and on");
  const auto blocks = blocks_of(content);
  ASSERT_THAT(blocks, SizeIs(3));
  EXPECT_EQ(blocks[0].kind, DocumentBlockKind::heading);
  EXPECT_EQ(blocks[0].level, 1);
  EXPECT_EQ(blocks[1].level, 2);
  EXPECT_EQ(blocks[2].kind, DocumentBlockKind::paragraph);
}

TEST(Layout, KnowsListItemsAndHowDeepTheyStand) {
  PageContent content = page();
  put(content, 100, 100, "• one entry");
  put(content, 140, 130, "• one below it");
  put(content, 100, 160, "• another entry");
  put(content, 100, 220, "1. numbered");
  const auto blocks = blocks_of(content);
  ASSERT_THAT(blocks, SizeIs(4));
  for (const DocumentBlock& block : blocks) EXPECT_EQ(block.kind, DocumentBlockKind::list_item) << block.text;
  EXPECT_EQ(blocks[1].level, 1);
  EXPECT_EQ(blocks[2].level, 0);
  EXPECT_EQ(blocks[3].marker, "1.");
  EXPECT_EQ(blocks[3].text, "numbered");
}

TEST(Layout, MakesATableOfRowsThatStandInColumns) {
  PageContent content = page();
  const char* rows[][3] = {{"Name", "Born", "City"}, {"Anna", "1971", "Graz"}, {"Bert", "1980", "Linz"}, {"Carl", "1969", "Wien"}};
  for (int r = 0; r < 4; ++r)
    for (int c = 0; c < 3; ++c) put(content, 100 + 300 * c, 100 + r * kLine, rows[r][c]);
  const auto blocks = blocks_of(content);
  ASSERT_THAT(blocks, SizeIs(1));
  EXPECT_EQ(blocks[0].rows, 4);
  EXPECT_EQ(blocks[0].columns, 3);
  EXPECT_EQ(blocks[0].cells[5].text, "Graz");
}

TEST(Layout, TakesProseInTwoColumnsForNoTable) {
  PageContent content = page();
  for (int i = 0; i < 8; ++i) {
    put(content, 100, 100 + i * kLine, "a line of the left column with many words in it to read");
    put(content, 900, 100 + i * kLine, "a line of the right column with many words in it to read");
  }
  for (const DocumentBlock& block : blocks_of(content)) EXPECT_NE(block.kind, DocumentBlockKind::table);
}

// A grid of 2 by 2 with its lines.
void rule(PageContent& content, DocumentBox box) { content.rules.push_back({box}); }

TEST(Layout, MakesCellsBetweenDrawnLinesAndMergesWhereNoneIsDrawn) {
  PageContent content = page();
  for (const int y : {100, 200, 300}) rule(content, {100, y, 500, y + 2});
  rule(content, {100, 100, 102, 302}), rule(content, {498, 100, 500, 302});
  rule(content, {300, 200, 302, 302});  // between the columns only in the lower row
  put(content, 120, 140, "over both");
  put(content, 120, 240, "left");
  put(content, 320, 240, "right");
  const auto blocks = blocks_of(content);
  ASSERT_THAT(blocks, SizeIs(1));
  ASSERT_THAT(blocks[0].cells, SizeIs(3));
  EXPECT_EQ(blocks[0].cells[0].text, "over both");
  EXPECT_EQ(blocks[0].cells[0].column_span, 2);
  EXPECT_EQ(blocks[0].cells[2].text, "right");
}

TEST(Layout, TakesAFrameAroundTextForNoTable) {
  PageContent content = page();
  for (const int y : {100, 300}) rule(content, {100, y, 500, y + 2});
  for (const int x : {100, 498}) rule(content, {x, 100, x + 2, 302});
  put(content, 120, 140, "text in a frame");
  const auto blocks = blocks_of(content);
  ASSERT_THAT(blocks, SizeIs(1));
  EXPECT_EQ(blocks[0].kind, DocumentBlockKind::paragraph);
}

TEST(Layout, SaysWhereEachWordOfABlockStands) {
  PageContent content = page();
  put(content, 100, 100, "ab cde");
  const auto blocks = blocks_of(content);
  EXPECT_THAT(blocks[0].words, ElementsAre(DocumentWord{0, 2, {100, 100, 120, 120}}, DocumentWord{3, 6, {130, 100, 160, 120}}));
}

TEST(ListMarker, IsABulletANumberOrALetter) {
  EXPECT_EQ(list_marker("•"), "-");
  EXPECT_EQ(list_marker("12."), "12.");
  EXPECT_EQ(list_marker("3)"), "3.");
  EXPECT_EQ(list_marker("(b)"), "(b)");
  EXPECT_EQ(list_marker("iv."), "iv.");
  EXPECT_EQ(list_marker("1998."), std::nullopt);
  EXPECT_EQ(list_marker("word."), std::nullopt);
}

}  // namespace
}  // namespace demarc::document::worker
