#include "text/csv.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace demarc::text {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(Csv, ReadsQuotesCommasAndLineEndsInFields) {
  const auto table = read_csv("\xef\xbb\xbftext,label\r\n\"a \"\"b\"\", c\nd\",x\r\n\r\nplain,y");
  ASSERT_TRUE(table.ok()) << table.error();
  EXPECT_THAT(table->rows, ElementsAre(ElementsAre("a \"b\", c\nd", "x"), ElementsAre("plain", "y")));
  EXPECT_EQ(*table->column("label"), 1U);
}

TEST(Csv, NamesTheLineThatHasAFieldTooFew) {
  const auto table = read_csv("a,b\n1,2\n3\n");
  ASSERT_FALSE(table.ok());
  EXPECT_THAT(table.error(), HasSubstr("line 3"));
}

TEST(Csv, NamesTheLineWhereAQuoteBegan) {
  const auto table = read_csv("a,b\n\"1,2\n3\n");
  ASSERT_FALSE(table.ok());
  EXPECT_THAT(table.error(), HasSubstr("line 2"));
}

TEST(Csv, SaysWhichColumnsThereAre) {
  const auto table = read_csv("text,intent\nx,y\n");
  ASSERT_TRUE(table.ok());
  EXPECT_THAT(table->column("label").error(), HasSubstr("text, intent"));
}

}  // namespace
}  // namespace demarc::text
