#include "privacy/known_names.hpp"

#include <gtest/gtest.h>

namespace demarc::privacy {
namespace {

Finding finding_of(std::string type, float score = 0.9F) { return {.type = std::move(type), .score = score, .tier = DetectorTier::model}; }

std::vector<std::string> found(const KnownNames& known, std::string_view text) {
  std::vector<std::string> out;
  for (const Finding& finding : known.find(text)) out.emplace_back(text.substr(finding.begin, finding.end - finding.begin));
  return out;
}

using Texts = std::vector<std::string>;

TEST(KnownNames, AreFoundAsWholeWords) {
  KnownNames known;
  known.add("Margaret Holloway", finding_of("PERSON"));
  EXPECT_EQ(found(known, "Ask Margaret Holloway's son"), (Texts{"Margaret Holloway"}));
  EXPECT_EQ(found(known, "Margaret Holloways, HollowayX"), Texts{});
}

TEST(KnownNames, ASurnameStandsForItsPerson) {
  KnownNames known;
  known.add("Margaret Holloway", finding_of("PERSON"));
  EXPECT_EQ(found(known, "Holloway called"), (Texts{"Holloway"}));
  EXPECT_EQ(known.find("Holloway called")[0].type, "PERSON");
}

TEST(KnownNames, TheLastWordOfACompanyDoesNotStandForIt) {
  KnownNames known;
  known.add("Aldermoor Insurance", finding_of("ORGANIZATION"));
  EXPECT_EQ(found(known, "Insurance is dear"), Texts{});
  EXPECT_EQ(found(known, "at Aldermoor Insurance."), (Texts{"Aldermoor Insurance"}));
}

TEST(KnownNames, WhatIsShortSmallOrDoubtfulIsNotLookedFor) {
  KnownNames known;
  known.add("Mei Li", finding_of("PERSON"));
  known.add("will", finding_of("PERSON"));
  known.add("Grace", finding_of("PERSON", 0.6F));
  known.add("Springfield", finding_of("LOCATION"));
  EXPECT_EQ(found(known, "Li will say Grace in Springfield"), Texts{});
}

}  // namespace
}  // namespace demarc::privacy
