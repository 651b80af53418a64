#include "privacy/direct_first.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace demarc::privacy {
namespace {

using testing::ElementsAre;

std::vector<std::string> resolved(std::string_view text, std::vector<Finding> findings) {
  direct_first(text, findings);
  std::vector<std::string> out;
  for (const Finding& finding : findings) out.push_back(finding.type + ": " + std::string(text.substr(finding.begin, finding.end - finding.begin)));
  return out;
}

TEST(DirectFirst, APersonWithinACompanyStaysAPerson) {
  EXPECT_THAT(resolved("Holloway Insurance", {{.type = "ORGANIZATION", .begin = 0, .end = 18}, {.type = "PERSON", .begin = 0, .end = 8}}),
              ElementsAre("PERSON: Holloway", "ORGANIZATION: Insurance"));
}

TEST(DirectFirst, WhatIsLeftOnBothSidesKeepsItsType) {
  EXPECT_THAT(
      resolved("Elsevier, Abby Holloway of Pave", {{.type = "ORGANIZATION", .begin = 0, .end = 31}, {.type = "PERSON", .begin = 10, .end = 23}}),
      ElementsAre("ORGANIZATION: Elsevier", "PERSON: Abby Holloway", "ORGANIZATION: of Pave"));
}

TEST(DirectFirst, OneThatIsCoveredWholeGoes) {
  EXPECT_THAT(resolved("Paris Hilton", {{.type = "LOCATION", .begin = 0, .end = 5}, {.type = "PERSON", .begin = 0, .end = 12}}),
              ElementsAre("PERSON: Paris Hilton"));
}

TEST(DirectFirst, AmongEqualsTheLongestStays) {
  EXPECT_THAT(resolved("Bank of Leeds", {{.type = "LOCATION", .begin = 8, .end = 13}, {.type = "ORGANIZATION", .begin = 0, .end = 13}}),
              ElementsAre("ORGANIZATION: Bank of Leeds"));
}

// Each term compared with each name takes minutes here.
TEST(DirectFirst, OfManyFindingsCostsNoMoreForEach) {
  constexpr std::size_t kMany = 300'000;
  std::vector<Finding> findings;
  for (std::size_t i = 0; i < kMany; ++i) {
    findings.push_back({.type = "MEDICAL_TERM", .begin = i * 20, .end = i * 20 + 9});
    findings.push_back({.type = "EMAIL_ADDRESS", .begin = i * 20 + 5, .end = i * 20 + 12});
    findings.push_back({.type = "PERSON", .begin = i * 20 + 11, .end = i * 20 + 18, .tier = DetectorTier::model});
  }
  join_tiers({}, findings);
  EXPECT_EQ(findings.size(), 3 * kMany);
}

std::vector<std::string> tiers(std::string_view text, std::vector<Finding> findings) {
  join_tiers(text, findings);
  std::vector<std::string> out;
  for (const Finding& finding : findings) out.push_back(finding.type + ": " + std::string(text.substr(finding.begin, finding.end - finding.begin)));
  return out;
}

constexpr DetectorTier kModel = DetectorTier::model;

TEST(JoinTiers, WhatAPatternVouchesForStandsAgainstAModelsGuess) {
  EXPECT_THAT(
      tiers("no. 943 476 5919 x", {{.type = "UK_NHS", .begin = 4, .end = 16}, {.type = "PHONE_NUMBER", .begin = 0, .end = 16, .tier = kModel}}),
      ElementsAre("PHONE_NUMBER: no", "UK_NHS: 943 476 5919"));
  EXPECT_THAT(tiers("has malaria", {{.type = "MEDICAL_TERM", .begin = 4, .end = 11}, {.type = "PERSON", .begin = 4, .end = 11, .tier = kModel}}),
              ElementsAre("MEDICAL_TERM: malaria"));
}

TEST(JoinTiers, APersonThatReachesBeyondATermStaysOne) {
  EXPECT_THAT(tiers("Ann Parkinson", {{.type = "MEDICAL_TERM", .begin = 4, .end = 13}, {.type = "PERSON", .begin = 0, .end = 13, .tier = kModel}}),
              ElementsAre("PERSON: Ann Parkinson"));
}

}  // namespace
}  // namespace demarc::privacy
