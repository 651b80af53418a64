#include "http/inner/format.hpp"

#include <gtest/gtest.h>

namespace demarc::http {
namespace {

TEST(ReasonPhrase, IsWrittenAsTheRfcWritesIt) {
  EXPECT_EQ(reason_phrase(200), "OK");
  EXPECT_EQ(reason_phrase(404), "Not Found");
  EXPECT_EQ(reason_phrase(413), "Content Too Large");
  EXPECT_EQ(reason_phrase(429), "Too Many Requests");
  EXPECT_EQ(reason_phrase(503), "Service Unavailable");
}

TEST(ReasonPhrase, OfAStatusThatNobodyRegisteredIsThatOfItsClass) {
  EXPECT_EQ(reason_phrase(299), "Success");
  EXPECT_EQ(reason_phrase(499), "Client Error");
  EXPECT_EQ(reason_phrase(529), "Server Error");
  EXPECT_EQ(reason_phrase(999), "Unknown");
}

}  // namespace
}  // namespace demarc::http
