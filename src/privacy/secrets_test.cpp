#include "privacy/secrets.hpp"

#include <gtest/gtest.h>

#include "privacy/detector.hpp"

namespace demarc::privacy {
namespace {

const Detectors& detectors() {
  static const Detectors all = Detectors::structured();
  return all;
}

TEST(SecretPatterns, FindEachOfTheirExamples) {
  for (const SecretPattern& pattern : read_secret_patterns()) {
    ASSERT_FALSE(pattern.examples.empty()) << pattern.kind;
    for (const std::string& example : pattern.examples) {
      bool found = false;
      for (const Finding& finding : detectors().find(example)) found = found || (finding.type == "SECRET" && finding.kind == pattern.kind);
      EXPECT_TRUE(found) << pattern.kind << ": " << example;
    }
  }
}

TEST(SecretPatterns, FindNothingInTheirCounterExamples) {
  for (const SecretPattern& pattern : read_secret_patterns()) {
    ASSERT_FALSE(pattern.counter_examples.empty()) << pattern.kind;
    for (const std::string& text : pattern.counter_examples) {
      for (const Finding& finding : detectors().find(text)) EXPECT_NE(finding.type, "SECRET") << finding.kind << " in " << text;
    }
  }
}

TEST(SecretPatterns, SayWhereTheirFormIsDescribed) {
  for (const SecretPattern& pattern : read_secret_patterns()) EXPECT_FALSE(pattern.source.empty()) << pattern.kind;
}

TEST(Secrets, ReportTheSecretAndNotTheNameBeforeIt) {
  const std::string text = "password = 'Tr0ub4dor&3xyz' # old";
  const auto found = detectors().find(text);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(text.substr(found[0].begin, found[0].end - found[0].begin), "Tr0ub4dor&3xyz");
}

TEST(Secrets, TakeAPrivateKeyWholeWithItsLabels) {
  const std::string text = "key:\n-----BEGIN EC PRIVATE KEY-----\nMHcCAQEE\nIIJx\n-----END EC PRIVATE KEY-----\nend";
  const auto found = detectors().find(text);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].kind, "pem_private_key");
  EXPECT_EQ(text.substr(found[0].end), "\nend");
  EXPECT_EQ(found[0].begin, 5U);
}

TEST(Entropy, IsCountedInBitsPerCharacter) {
  EXPECT_DOUBLE_EQ(entropy_bits("aaaa"), 0);
  EXPECT_DOUBLE_EQ(entropy_bits("abab"), 1);
  EXPECT_DOUBLE_EQ(entropy_bits("abcdefgh"), 3);
}

}  // namespace
}  // namespace demarc::privacy
