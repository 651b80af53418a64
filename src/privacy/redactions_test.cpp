#include "privacy/redactions.hpp"

#include <gtest/gtest.h>

#include "privacy/testing_detector.hpp"

namespace demarc::privacy {
namespace {

class Redactions : public testing::Test {
 protected:
  RedactionsResult run(RedactionsRequest request) { return std::move(*redactions(request, detectors_, session_)).at(0); }

  const Detectors detectors_ = Detectors::structured();
  Vault vault_{system_random()};
  VaultSession session_ = vault_.open({"key", "c"}, {1});
};

TEST_F(Redactions, CountPlacesInCodePoints) {
  const RedactionsResult result = run({.input = {"Grüße 😀 an ada@example.org"}});
  ASSERT_EQ(result.findings.size(), 1U);
  EXPECT_EQ(result.findings[0].start, 11U);
  EXPECT_EQ(result.findings[0].end, 26U);
  EXPECT_EQ(result.output, "Grüße 😀 an ada@example.org");
}

TEST_F(Redactions, RestoreWhatTheyRedacted) {
  const RedactionsResult result = run({.input = {"to ada@example.org!"}, .mode = RedactionMode::redact});
  EXPECT_EQ(result.output.find("ada"), std::string::npos);
  EXPECT_EQ(run({.input = {result.output}, .mode = RedactionMode::restore}).output, "to ada@example.org!");
}

TEST_F(Redactions, MaskHashOrDrop) {
  EXPECT_EQ(run({.input = {"SSN 521-44-9382."}, .mode = RedactionMode::redact, .op = RedactionOperator::mask}).output, "SSN ***-**-****.");
  EXPECT_EQ(run({.input = {"SSN 521-44-9382."}, .mode = RedactionMode::redact, .op = RedactionOperator::drop}).output, "SSN .");
  const std::string hashed = run({.input = {"521-44-9382"}, .mode = RedactionMode::redact, .op = RedactionOperator::hash}).output;
  EXPECT_EQ(hashed.size(), std::string("[US_SSN:0123456789abcdef]").size());
  EXPECT_EQ(run({.input = {"521-44-9382"}, .mode = RedactionMode::redact, .op = RedactionOperator::hash}).output, hashed);
}

TEST_F(Redactions, HideWhatTheModelFoundBesideWhatIsStructured) {
  const Found named = std::make_shared<const std::vector<Finding>>(
      std::vector<Finding>{{.type = "PERSON", .begin = 0, .end = 3, .score = 0.9F, .tier = DetectorTier::model}});
  const RedactionsRequest request{.input = {"Ada: ada@example.org"}, .mode = RedactionMode::redact, .op = RedactionOperator::drop};
  EXPECT_EQ(redactions(request, detectors_, session_, std::vector{named})->at(0).output, ": ");
}

TEST_F(Redactions, TakeTheLongerOfTwoFindingsThatOverlap) {
  const Found named = std::make_shared<const std::vector<Finding>>(
      std::vector<Finding>{{.type = "PERSON", .begin = 0, .end = 3, .score = 0.9F, .tier = DetectorTier::model}});
  const auto results = redactions({.input = {"ada@example.org"}}, detectors_, session_, std::vector{named});
  ASSERT_EQ(results->at(0).findings.size(), 1U);
  EXPECT_EQ(results->at(0).findings[0].finding.type, "EMAIL_ADDRESS");
}

TEST_F(Redactions, TouchOnlyTheTypesAskedFor) {
  const RedactionsResult result =
      run({.input = {"ada@example.org 521-44-9382"}, .mode = RedactionMode::redact, .op = RedactionOperator::drop, .types = {"US_SSN"}});
  EXPECT_EQ(result.output, "ada@example.org ");
  ASSERT_EQ(result.findings.size(), 1U);
}

// A longer finding of a type that nobody asked for must not save from hiding what stands within it.
TEST_F(Redactions, HideATypeAskedForWithinOneThatIsNot) {
  Detectors detectors = Detectors::structured();
  detectors.add(std::make_unique<UpTo>("CONTRACT", "contract", ';'));
  const auto person = [](std::size_t begin) {
    return Finding{.type = "PERSON", .begin = begin, .end = begin + 3, .score = 0.9F, .tier = DetectorTier::model};
  };
  const Found named = std::make_shared<const std::vector<Finding>>(std::vector<Finding>{person(9), person(34)});
  const auto dropped = [&](std::vector<std::string> types) {
    const RedactionsRequest request{
        .input = {"contract Ada, ada@example.org; by Ada"}, .mode = RedactionMode::redact, .op = RedactionOperator::drop, .types = std::move(types)};
    return redactions(request, detectors, session_, std::vector{named})->at(0).output;
  };
  EXPECT_EQ(dropped({}), "; by ");
  EXPECT_EQ(dropped({"CONTRACT"}), "; by Ada");
  EXPECT_EQ(dropped({"EMAIL_ADDRESS"}), "contract Ada, ; by Ada");
  EXPECT_EQ(dropped({"PERSON"}), "contract , ada@example.org; by ");
}

}  // namespace
}  // namespace demarc::privacy
