#include "document/worker/order.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace demarc::document::worker {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string error_of(std::string_view body) {
  const auto order = read_order(body);
  return order ? "read" : order.error().message;
}

TEST(Order, TakesADocumentOutOfADataUrl) {
  const auto order = read_order(
      R"({"document":{"type":"document_url","document_url":"data:text/plain;base64,aGk=","document_name":"a.txt"},"pages":"0-2,7","page_images":true})");
  ASSERT_TRUE(order);
  EXPECT_EQ(order->bytes, "hi");
  EXPECT_EQ(order->name, "a.txt");
  EXPECT_THAT(order->pages, ElementsAre(0, 1, 2, 7));
  EXPECT_TRUE(order->page_images);
}

TEST(Order, TakesAnImageUrlAsTextOrAsObject) {
  EXPECT_EQ(read_order(R"({"document":{"image_url":"data:image/png;base64,aGk="}})")->bytes, "hi");
  EXPECT_EQ(read_order(R"({"document":{"image_url":{"url":"data:image/png;base64,aGk="}}})")->bytes, "hi");
}

TEST(Order, SaysWhatIsWrong) {
  EXPECT_THAT(error_of("nothing"), HasSubstr("not JSON"));
  EXPECT_THAT(error_of("{}"), HasSubstr("document is missing"));
  EXPECT_THAT(error_of(R"({"document":{"document_url":"https://example.org/a.pdf"}})"), HasSubstr("not fetched"));
  EXPECT_THAT(error_of(R"({"document":{"document_url":"data:text/plain,hi"}})"), HasSubstr("base64"));
  EXPECT_THAT(error_of(R"({"document":{"document_url":"data:;base64,a"}})"), HasSubstr("damaged"));
  EXPECT_THAT(error_of(R"({"document":{"document_url":"data:;base64,aGk="},"pages":[-1]})"), HasSubstr("pages"));
  EXPECT_THAT(error_of(R"({"document":{"document_url":"data:;base64,aGk="},"pages":"5-1"})"), HasSubstr("pages"));
}

TEST(Order, TakesNoMoreThanAThousandPages) {
  EXPECT_TRUE(parse_pages("0-999"));
  EXPECT_FALSE(parse_pages("0-1000"));
  EXPECT_FALSE(parse_pages("0-600,700-1300"));
  EXPECT_THAT(*parse_pages(" 3 , 1-2,2"), ElementsAre(1, 2, 3));
}

}  // namespace
}  // namespace demarc::document::worker
