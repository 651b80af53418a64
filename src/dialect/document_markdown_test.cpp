#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dialect/document_text.hpp"

namespace demarc::dialect {
namespace {

using Kind = DocumentBlockKind;

DocumentBlock block(Kind kind, std::string text, int level = 0, std::string marker = {}) {
  return {.kind = kind, .level = level, .marker = std::move(marker), .text = std::move(text)};
}
std::string markdown(std::vector<DocumentBlock> blocks, TableFormat tables = TableFormat::markdown) {
  return markdown_of({.name = {}, .blocks = std::move(blocks)}, tables);
}

TEST(DocumentMarkdown, WritesHeadingsListsAndParagraphs) {
  EXPECT_EQ(markdown({block(Kind::heading, "Title", 2), block(Kind::list_item, "a", 0, "-"), block(Kind::list_item, "b", 1, "1."),
                      block(Kind::list_item, "c", 0, "(x)"), block(Kind::paragraph, "one\ntwo")}),
            "## Title\n\n- a\n  1. b\n- (x) c\n\none\ntwo");
}

TEST(DocumentMarkdown, EscapesWhatWouldBeItsOwnMarks) {
  EXPECT_EQ(markdown({block(Kind::paragraph, "# no heading")}), "\\# no heading");
  EXPECT_EQ(markdown({block(Kind::paragraph, "3. no item")}), "3\\. no item");
  EXPECT_EQ(markdown({block(Kind::paragraph, "- no item")}), "\\- no item");
  EXPECT_EQ(markdown({block(Kind::paragraph, "a <b> `c` *d* [e](f)")}), "a \\<b> \\`c\\` \\*d\\* [e\\](f)");
}

TEST(DocumentMarkdown, LeavesNamesAndNumbersAsTheyAre) {
  EXPECT_EQ(markdown({block(Kind::paragraph, "a_b_c@example.org costs 3.50 or -4, 2 * 3 < 7")}), "a_b_c@example.org costs 3.50 or -4, 2 * 3 < 7");
}

TEST(DocumentMarkdown, FencesCodeWithMoreBackticksThanItHolds) {
  EXPECT_EQ(markdown({block(Kind::code, "a `b`")}), "```\na `b`\n```");
  EXPECT_EQ(markdown({block(Kind::code, "````\n```")}), "`````\n````\n```\n`````");
  const std::size_t many = std::size_t{1} << 20;  // by the square of them it takes minutes
  EXPECT_EQ(markdown({block(Kind::code, std::string(many, '`'))}).size(), 3 * many + 4);
}

DocumentBlock table() {
  DocumentBlock out{.kind = Kind::table, .marker = {}, .text = {}, .rows = 2, .columns = 2, .header_rows = 1};
  out.cells = {
      {.row = 0, .column = 0, .text = "A|x"}, {.row = 0, .column = 1, .text = "B"}, {.row = 1, .column = 0, .column_span = 2, .text = "both\nlines"}};
  return out;
}

TEST(DocumentMarkdown, WritesATableWithItsMergedCellAtItsFirstPlace) {
  EXPECT_EQ(markdown({table()}), "| A\\|x | B |\n| --- | --- |\n| both<br>lines | |");
}

TEST(DocumentMarkdown, WritesATableAsHtmlWithItsSpans) {
  EXPECT_EQ(markdown({table()}, TableFormat::html), "<table><tr><th>A|x</th><th>B</th></tr><tr><td colspan=\"2\">both<br>lines</td></tr></table>");
}

TEST(DocumentText, IsReadBackAsItWasPrinted) {
  Document document{.format = "pdf", .size_bytes = 9, .pages_total = 3, .pages = {}, .notes = {"a note"}};
  DocumentPage page{.index = 2,
                    .name = "Sheet",
                    .width = 1'700,
                    .height = 2'200,
                    .dpi = 200,
                    .route = Route::ocr,
                    .reason = "no text layer",
                    .confidence = 0.9,
                    .minimum_confidence = 0.5,
                    .turned_degrees = 90,
                    .straightened_degrees = 1.5};
  page.blocks = {block(Kind::heading, "Title", 1), table()};
  page.blocks[0].box = {1, 2, 3, 4}, page.blocks[0].confidence = 0.75, page.blocks[0].words = {{0, 5, {1, 2, 3, 4}, 0.5}};
  page.images = {{.id = "img-0.jpeg", .box = {5, 6, 7, 8}, .base64 = "aGk="}};
  document.pages = {page};
  std::string text = print_document(document, {.model = "m", .blocks = true, .words = true});
  JsonTree tree;
  ASSERT_TRUE(tree.read(text));
  ASSERT_TRUE(is_document(tree.root()));
  EXPECT_EQ(read_document(tree.root()), [&] {
    document.pages[0].blocks[1].cells[0].words = {};
    return document;
  }());
}

}  // namespace
}  // namespace demarc::dialect
