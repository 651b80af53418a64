#include "document/worker/limits.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace demarc::document::worker {
namespace {

TEST(Limits, AreThoseOfTheSettingsWithinTheirRanges) {
  const DocumentLimits limits = limits_of({{"document_pages", 7}, {"document_depth", 1'000'000}, {"unknown", 3}});
  EXPECT_EQ(limits.document_pages, 7);
  EXPECT_EQ(limits.document_depth, 1'024);  // deeper than that a reader's stack does not go
  EXPECT_EQ(limits.document_mib, DocumentLimits().document_mib);
}

TEST(Limits, WhatIsLeftOutIsToldOnceWithTheNameOfItsLimit) {
  left_out().too_deep = true;
  EXPECT_THAT(take_notes_of_left_out(), testing::ElementsAre(testing::HasSubstr("at most 256 (limits.document_depth)")));
  EXPECT_THAT(take_notes_of_left_out(), testing::IsEmpty());
}

}  // namespace
}  // namespace demarc::document::worker
