#include "document/cover.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ctime>

namespace demarc::document {
namespace {

Document document_of(std::vector<DocumentBlock> blocks) {
  Document document{.format = "pdf"};
  document.pages.push_back({.index = 3, .name = {}, .blocks = std::move(blocks)});
  return document;
}

Finding finding(const Reading& reading, std::string_view value, std::string type = "EMAIL_ADDRESS") {
  const std::size_t at = reading.text.find(value);
  return {.type = std::move(type), .begin = at, .end = at + value.size()};
}

DocumentBlock paragraph(std::string text) { return {.kind = DocumentBlockKind::paragraph, .marker = {}, .text = std::move(text)}; }

TEST(Cover, HidesAValueAndForgetsWhereItsWordsStood) {
  Document document = document_of({paragraph("mail ada@example.org now")});
  document.pages[0].blocks[0].words = {{0, 4, {0, 0, 40, 10}}, {5, 20, {50, 0, 150, 10}}, {21, 24, {160, 0, 190, 10}}};
  const auto reading = readings_of(document)[0];
  const std::vector<Finding> found = {finding(reading, "ada@example.org")};
  auto covers = covers_of(reading, found);
  ASSERT_EQ(covers.size(), 1U);
  covers[0].with = "[EMAIL_ADDRESS]";
  apply_covers(document.pages[0], reading, covers);
  EXPECT_EQ(document.pages[0].blocks[0].text, "mail [EMAIL_ADDRESS] now");
  EXPECT_THAT(document.pages[0].blocks[0].words, testing::ElementsAre(DocumentWord{0, 4, {0, 0, 40, 10}}, DocumentWord{21, 24, {160, 0, 190, 10}}));
}

TEST(Cover, TellsTheBoxesOfAllWordsThatAValueTouches) {
  Document document = document_of({paragraph("call +1 555 0100 today")});
  document.pages[0].blocks[0].words = {
      {0, 4, {0, 0, 1, 1}}, {5, 7, {2, 0, 3, 1}}, {8, 11, {4, 0, 5, 1}}, {12, 16, {6, 0, 7, 1}}, {17, 22, {8, 0, 9, 1}}};
  const auto reading = readings_of(document)[0];
  const std::vector<Finding> found = {finding(reading, "+1 555 0100", "PHONE_NUMBER")};
  const auto redactions = redactions_of(document.pages[0], reading, covers_of(reading, found));
  ASSERT_EQ(redactions.size(), 1U);
  EXPECT_EQ(redactions[0].page, 3);
  EXPECT_THAT(redactions[0].boxes, testing::ElementsAre(DocumentBox{2, 0, 3, 1}, DocumentBox{4, 0, 5, 1}, DocumentBox{6, 0, 7, 1}));
}

TEST(Cover, HidesAValueThatGoesOnInTheNextBlockInBoth) {
  Document document = document_of({paragraph("number 4111 1111"), paragraph("1111 1111 is it")});
  const auto reading = readings_of(document)[0];
  const std::vector<Finding> found = {finding(reading, "4111 1111\n1111 1111", "CREDIT_CARD")};
  auto covers = covers_of(reading, found);
  covers[0].with = "***";
  apply_covers(document.pages[0], reading, covers);
  EXPECT_EQ(document.pages[0].blocks[0].text, "number ***");
  EXPECT_EQ(document.pages[0].blocks[1].text, " is it");
}

TEST(Cover, HidesInCellsAndInThePagesName) {
  DocumentBlock table{.kind = DocumentBlockKind::table, .marker = {}, .text = {}, .rows = 1, .columns = 1};
  table.cells.push_back({.text = "ada@example.org"});
  Document document = document_of({table});
  document.pages[0].name = "of bob@example.org";
  const auto reading = readings_of(document)[0];
  const std::vector<Finding> found = {finding(reading, "ada@example.org"), finding(reading, "bob@example.org")};
  auto covers = covers_of(reading, found);
  for (Cover& cover : covers) cover.with = "X";
  apply_covers(document.pages[0], reading, covers);
  EXPECT_EQ(document.pages[0].name, "of X");
  EXPECT_EQ(document.pages[0].blocks[0].cells[0].text, "X");
}

TEST(Cover, MovesTheWordsBehindEachOfMany) {
  Document document = document_of({paragraph("a a@b.co b c@d.co c")});
  document.pages[0].blocks[0].words = {{0, 1, {}}, {2, 8, {}}, {9, 10, {}}, {11, 17, {}}, {18, 19, {}}};
  const auto reading = readings_of(document)[0];
  const std::vector<Finding> found = {finding(reading, "a@b.co"), finding(reading, "c@d.co")};
  auto covers = covers_of(reading, found);
  covers[0].with = "[EMAIL]", covers[1].with = "X";
  apply_covers(document.pages[0], reading, covers);
  EXPECT_EQ(document.pages[0].blocks[0].text, "a [EMAIL] b X c");
  EXPECT_THAT(document.pages[0].blocks[0].words, testing::ElementsAre(DocumentWord{0, 1, {}}, DocumentWord{10, 11, {}}, DocumentWord{14, 15, {}}));
}

// Time that grows with the square of the length takes minutes here; what it takes is far from the bound.
TEST(Cover, OfManyTakesFarLessThanTheirSquare) {
  constexpr std::size_t kMany = 300'000, kStep = 4;
  std::string text;
  std::vector<DocumentWord> words;
  for (std::size_t i = 0; i < kMany; ++i) text += "a@b ", words.push_back({i * kStep, i * kStep + 3, {}});
  Document document = document_of({paragraph(std::move(text))});
  document.pages[0].blocks[0].words = std::move(words);
  const auto reading = readings_of(document)[0];
  std::vector<Finding> found;
  for (std::size_t i = 0; i < kMany; ++i) found.push_back({.type = "EMAIL_ADDRESS", .begin = i * kStep, .end = i * kStep + 3});
  const std::clock_t begin = std::clock();
  auto covers = covers_of(reading, found);
  for (Cover& cover : covers) cover.with = "longer";
  EXPECT_EQ(redactions_of(document.pages[0], reading, covers).size(), kMany);
  apply_covers(document.pages[0], reading, covers);
  EXPECT_EQ(document.pages[0].blocks[0].text.size(), 7 * kMany);
  EXPECT_LT(std::clock() - begin, 4 * CLOCKS_PER_SEC);
}

TEST(Cover, TakesFindingsThatOverlapAsOne) {
  const Document document = document_of({paragraph("http://a.example/ada@example.org")});
  const auto reading = readings_of(document)[0];
  const std::vector<Finding> found = {finding(reading, "ada@example.org"), finding(reading, "http://a.example/ada", "URL")};
  const auto covers = covers_of(reading, found);
  ASSERT_EQ(covers.size(), 1U);
  EXPECT_EQ(covers[0].value, "http://a.example/ada@example.org");
}

}  // namespace
}  // namespace demarc::document
