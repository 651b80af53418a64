#include "dialect/document_parts.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace demarc::dialect {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(DocumentParts, AskForThePagesAfterThoseThatAreThere) {
  DocumentParts parts(R"({"model":"documents","include_image_base64":true})");
  const std::string first = parts.body_of_next("a.pdf", "%PDF", 2);
  EXPECT_THAT(first, HasSubstr(R"("model":"documents")"));
  EXPECT_THAT(first, HasSubstr(R"("include_image_base64":true)"));
  EXPECT_THAT(first, HasSubstr(R"("demarc_pages":2)"));
  EXPECT_THAT(first, Not(HasSubstr("demarc_from_page")));
  ASSERT_TRUE(parts.add(R"({"pages":[{"index":0,"images":[{"id":"img-0.jpeg"}]},{"index":1,"images":[]}],"pages_total":3,"next_page":2})"));
  EXPECT_EQ(parts.next_page(), 2);
  const std::string second = parts.body_of_next("a.pdf", "%PDF", 2);
  EXPECT_THAT(second, HasSubstr(R"("demarc_from_page":2,"demarc_first_image":1)"));
}

TEST(DocumentParts, BecomeOneAnswer) {
  DocumentParts parts("{}");
  ASSERT_TRUE(parts.add(R"({"pages":[{"index":0}],"model":"m","usage_info":{"pages_processed":1,"doc_size_bytes":9},"format":"pdf","pages_total":2,)"
                        R"("redactions":[{"page":0}],"notes":["n"],"next_page":1})"));
  ASSERT_TRUE(parts.add(R"({"pages":[{"index":1}],"model":"m","usage_info":{"pages_processed":1,"doc_size_bytes":9},"format":"pdf","pages_total":2,)"
                        R"("redactions":[{"page":1}],"notes":["n","o"]})"));
  EXPECT_EQ(parts.next_page(), std::nullopt);
  EXPECT_EQ(parts.pages(), 2);
  EXPECT_EQ(parts.print(),
            R"({"pages":[{"index":0},{"index":1}],"usage_info":{"pages_processed":2,"doc_size_bytes":9},"redactions":[{"page":0},{"page":1}],)"
            R"("notes":["n","o"],"model":"m","format":"pdf","pages_total":2})");
}

TEST(DocumentParts, EndWithAnErrorWhereAnEngineDoesNotGetOn) {
  DocumentParts parts("{}");
  ASSERT_TRUE(parts.add(R"({"pages":[],"next_page":5})"));
  EXPECT_FALSE(parts.add(R"({"pages":[],"next_page":5})"));
  EXPECT_FALSE(DocumentParts("{}").add("no JSON"));
}

}  // namespace
}  // namespace demarc::dialect
