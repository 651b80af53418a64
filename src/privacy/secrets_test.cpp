#include "privacy/secrets.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "privacy/all.hpp"
#include "privacy/detector.hpp"
#include "privacy/overlap.hpp"

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

// The automaton and the search by hand, so that it does not matter on which processor it runs.
void expect_same_findings(const std::string& text) {
  static const auto by_automaton = make_literal_detector(SearchBy::automaton), by_hand = make_literal_detector(SearchBy::hand);
  std::vector<Finding> a, b;
  by_automaton->find(Text{text}, a);
  by_hand->find(Text{text}, b);
  keep_best(text, a);
  keep_best(text, b);
  ASSERT_EQ(a.size(), b.size()) << text;
  for (std::size_t i = 0; i < a.size(); ++i) {
    EXPECT_EQ(a[i].begin, b[i].begin) << text;
    EXPECT_EQ(a[i].end, b[i].end) << text;
    EXPECT_EQ(a[i].kind, b[i].kind) << text;
  }
}

TEST(LiteralSearch, OfBothKindsLeadsToTheSameFindings) {
  if (best_search() != SearchBy::automaton) GTEST_SKIP() << "this processor cannot run the automaton";
  std::vector<std::string> pieces = {" ", "x", "\n", "=", "\"", "7Q", "e", "é", "diabetes", "type 2 ", "hiv"};
  for (const SecretPattern& pattern : read_secret_patterns()) {
    for (const auto* list : {&pattern.examples, &pattern.counter_examples, &pattern.literals}) {
      for (const std::string& text : *list) {
        expect_same_findings(text);
        pieces.push_back(text);
        pieces.push_back(text.substr(text.size() / 2));
      }
    }
  }
  std::uint64_t state = 7;
  const auto random = [&](std::size_t below) { return ((state = state * 6364136223846793005ULL + 1442695040888963407ULL) >> 33U) % below; };
  for (int round = 0; round < 2000; ++round) {
    std::string text;
    for (int i = 0; i < 12; ++i) text += pieces[random(pieces.size())];
    if (round % 2 == 0) text[random(text.size())] ^= 0x20;
    expect_same_findings(text);
  }
}

TEST(LiteralSearch, TellsEveryPlaceOfEachLiteral) {
  for (const SearchBy by : {SearchBy::hand, best_search()}) {
    std::vector<std::pair<std::size_t, std::size_t>> told;
    make_literal_search({{"aa", LetterCase::exact}, {"aB", LetterCase::any}}, by)->each("aaabAB", [&](std::size_t literal, std::size_t begin) {
      told.emplace_back(literal, begin);
    });
    std::sort(told.begin(), told.end());
    EXPECT_EQ(told, (std::vector<std::pair<std::size_t, std::size_t>>{{0, 0}, {0, 1}, {1, 2}, {1, 4}}));
  }
}

TEST(MedicalTerms, AreWholeWordsAndTheLongestCounts) {
  const std::string text = "She has Type 2 Diabetes and takes METFORMIN; no lupus, Alzheimer’s or influenzas. mepilepsy";
  std::vector<std::string> found;
  for (const Finding& finding : detectors().find(text)) {
    EXPECT_EQ(finding.type, "MEDICAL_TERM");
    found.push_back(text.substr(finding.begin, finding.end - finding.begin));
  }
  EXPECT_EQ(found, (std::vector<std::string>{"Type 2 Diabetes", "METFORMIN", "lupus", "Alzheimer’s"}));
  EXPECT_FALSE(is_direct("MEDICAL_TERM"));
}

TEST(Secrets, StatedInALabelOrASentenceAreFound) {
  const auto labelled = detectors().find(Text{"hunter22", "password"});
  ASSERT_EQ(labelled.size(), 1U);
  EXPECT_EQ(labelled[0].end, 8U);
  EXPECT_TRUE(detectors().find(Text{"string", "password"}).empty());
}

TEST(Entropy, IsCountedInBitsPerCharacter) {
  EXPECT_DOUBLE_EQ(entropy_bits("aaaa"), 0);
  EXPECT_DOUBLE_EQ(entropy_bits("abab"), 1);
  EXPECT_DOUBLE_EQ(entropy_bits("abcdefgh"), 3);
}

}  // namespace
}  // namespace demarc::privacy
