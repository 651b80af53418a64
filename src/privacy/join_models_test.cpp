#include "privacy/join_models.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace demarc::privacy {
namespace {

using testing::ElementsAre;

Finding at(std::string_view text, std::string_view words, std::string type, float score = 0.99F) {
  const std::size_t begin = text.find(words);
  return {.type = std::move(type), .begin = begin, .end = begin + words.size(), .score = score, .tier = DetectorTier::model};
}

std::vector<std::string> joined(std::string_view text, std::vector<Finding> network, std::vector<Finding> tagger) {
  std::vector<std::string> out;
  for (const Finding& finding : join_models(text, std::move(network), std::move(tagger)))
    out.push_back(finding.type + ": " + std::string(text.substr(finding.begin, finding.end - finding.begin)));
  return out;
}

TEST(JoinModels, AllThatEitherFoundCounts) {
  constexpr std::string_view kText = "Ada went to Denmark";
  EXPECT_THAT(joined(kText, {at(kText, "Ada", "PERSON")}, {at(kText, "Denmark", "LOCATION")}), ElementsAre("PERSON: Ada", "LOCATION: Denmark"));
}

TEST(JoinModels, ThePersonOfACompanysNameIsNone) {
  constexpr std::string_view kText = "paid by Wyndham & Sons";
  EXPECT_THAT(joined(kText, {at(kText, "Wyndham", "PERSON")}, {at(kText, "Wyndham & Sons", "ORGANIZATION")}),
              ElementsAre("ORGANIZATION: Wyndham & Sons"));
}

TEST(JoinModels, UnlessTheTaggerIsNotSure) {
  constexpr std::string_view kText = "paid by Wyndham & Sons";
  EXPECT_THAT(joined(kText, {at(kText, "Wyndham", "PERSON")}, {at(kText, "Wyndham & Sons", "ORGANIZATION", 0.5F)}),
              ElementsAre("PERSON: Wyndham", "ORGANIZATION: Sons"));
}

TEST(JoinModels, ANumberByItselfIsNoAddress) {
  constexpr std::string_view kText = "in room 364 the printer jams";
  EXPECT_THAT(joined(kText, {at(kText, "364", "STREET_ADDRESS")}, {}), ElementsAre());
}

TEST(JoinModels, ANumberBesideAStreetOrBehindAWordForItIsOne) {
  constexpr std::string_view kStreetText = "at 364, Main Street", kZip = "ZIP: 35204";
  EXPECT_THAT(joined(kStreetText, {at(kStreetText, "364", "STREET_ADDRESS"), at(kStreetText, "Main Street", "STREET_ADDRESS")}, {}),
              ElementsAre("STREET_ADDRESS: 364, Main Street"));
  EXPECT_THAT(joined(kZip, {at(kZip, "35204", "STREET_ADDRESS")}, {}), ElementsAre("STREET_ADDRESS: 35204"));
}

}  // namespace
}  // namespace demarc::privacy
