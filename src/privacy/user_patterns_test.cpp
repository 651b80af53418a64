#include "privacy/user_patterns.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "core/io/disk_memory.hpp"

namespace demarc::privacy {
namespace {

void put(Disk& disk, const std::string& path, std::string_view text) { ASSERT_TRUE(write_file_durably(disk, path, text)); }

struct Loaded {
  MemoryDisk disk;
  Result<Detectors, std::vector<PatternProblem>> detectors = Detectors{};
  explicit Loaded(std::string_view patterns, std::string_view terms = "") {
    EXPECT_TRUE(make_directories(disk, "/etc"));
    put(disk, "/etc/patterns.yaml", patterns);
    put(disk, "/etc/terms.txt", terms);
    detectors = load_detectors(std::vector<std::string>{"/etc/patterns.yaml"}, disk);
  }
  [[nodiscard]] std::string problems() const { return detectors ? "" : print(detectors.error()); }
  [[nodiscard]] std::vector<std::string> found(const std::string& text, std::string_view label = {}) const {
    std::vector<std::string> out;
    for (const Finding& one : detectors->find(Text{text, label})) out.push_back(one.type + " " + text.substr(one.begin, one.end - one.begin));
    return out;
  }
};

using Texts = std::vector<std::string>;

TEST(UserPatterns, OfTheDocumentAreTakenAsTheyStandThere) {
  std::ifstream in(std::string(DEMARC_SOURCE_DIR) + "/docs/reference/patterns.md");
  const std::string page(std::istreambuf_iterator<char>(in), {});
  const std::size_t begin = page.find("# patterns.yaml"), end = page.find("```", begin);
  ASSERT_NE(end, std::string::npos);
  const Loaded loaded(page.substr(begin, end - begin));
  ASSERT_EQ(loaded.problems(), "");
  EXPECT_EQ(loaded.found("Nightjar's contract 2024-017 for staff ID AB12345"),
            (Texts{"PROJECT_NAME Nightjar", "CONTRACT 2024-017", "STAFF_ID AB12345"}));
}

TEST(Findings, OfEveryTypeStandInTheDocument) {
  std::ifstream in(std::string(DEMARC_SOURCE_DIR) + "/docs/reference/findings.md");
  const std::string page(std::istreambuf_iterator<char>(in), {});
  const Detectors detectors = Detectors::structured();
  for (const std::string_view type : detectors.types()) EXPECT_NE(page.find("`" + std::string(type) + "`"), std::string::npos) << type;
}

TEST(UserPatterns, AreFoundBesideTheStructuredTypes) {
  const Loaded loaded("patterns:\n  - {type: TICKET, regex: '\\bTCK-\\d{4}\\b', examples: ['see TCK-1234'], not: ['TCK-12']}\n");
  ASSERT_EQ(loaded.problems(), "");
  EXPECT_EQ(loaded.found("tck-1234 by ada@example.org"), (Texts{"TICKET tck-1234", "EMAIL_ADDRESS ada@example.org"}));
  EXPECT_TRUE(loaded.detectors->covers("TICKET"));
  EXPECT_EQ(loaded.detectors->find("TCK-1234")[0].reason, "pattern of patterns.yaml:2");
}

// The card is read joined in two ways, one said behind the other: what ends in the one does not go on in the other.
TEST(UserPatterns, ReadNothingAcrossTwoWaysToReadAText) {
  const Loaded loaded("patterns:\n  - {type: CONTRACT, regex: 'contract[^;]*;', examples: ['contract 7;']}\n");
  ASSERT_EQ(loaded.problems(), "");
  EXPECT_EQ(loaded.found("; 4111 1111\n1111 1111 contract 7"), (Texts{"CREDIT_CARD 4111 1111\n1111 1111"}));
}

TEST(UserPatterns, TakeTheFirstGroupForTheValue) {
  const Loaded loaded("patterns:\n  - {type: TICKET, regex: 'ticket (\\d+)', case: exact}\n");
  EXPECT_EQ(loaded.found("ticket 77, ticket 8 Ticket 9"), (Texts{"TICKET 77", "TICKET 8"}));
}

TEST(UserPatterns, TakeTermsFromTheFileAndFromAList) {
  const Loaded loaded("patterns:\n  - {type: PROJECT, terms: [Nightjar], terms_file: terms.txt}\n", "Blue Heron\n\n  Kestrel \r\n");
  ASSERT_EQ(loaded.problems(), "");
  EXPECT_EQ(loaded.found("nightjar, blue  heron; kestrels, KESTREL"), (Texts{"PROJECT nightjar", "PROJECT blue  heron", "PROJECT KESTREL"}));
}

TEST(UserPatterns, CountOnlyBesideTheirWordsWhereTheyHaveSome) {
  const Loaded loaded(
      "patterns:\n  - {type: STAFF_ID, regex: '\\b\\d{5}\\b', words: [staff id, personnel], examples: ['staff ID 12345'], not: ['12345']}\n");
  ASSERT_EQ(loaded.problems(), "");
  EXPECT_EQ(loaded.found("12345"), Texts{});
  EXPECT_EQ(loaded.found("12345", "staffId"), (Texts{"STAFF_ID 12345"}));
  EXPECT_EQ(loaded.found("personnel number 12345"), (Texts{"STAFF_ID 12345"}));
}

TEST(UserPatterns, WithManyExpressionsFindWhatEachFinds) {
  std::string file = "patterns:\n";
  for (int i = 0; i < 40; ++i)
    file += "  - {type: T" + std::to_string(i) + ", regex: 'x" + std::to_string(i) + "z+', case: " + (i % 2 == 0 ? "any" : "exact") + "}\n";
  const Loaded loaded(file);
  ASSERT_EQ(loaded.problems(), "");
  EXPECT_EQ(loaded.found("x7z X7Z x8zz X8Z x41z"), (Texts{"T7 x7z", "T8 x8zz", "T8 X8Z"}));
}

TEST(UserPatterns, WhoseExamplesFailAreAnErrorWithItsPlace) {
  EXPECT_EQ(Loaded("patterns:\n  - type: T1\n    regex: 'a+'\n    examples: ['aa',\n      'b']\n").problems(),
            "/etc/patterns.yaml:5:7: this example of T1 is not found; mend the entry or the example");
  EXPECT_EQ(Loaded("patterns:\n  - type: T1\n    regex: 'a+'\n    not: ['b', 'xa']\n").problems(),
            "/etc/patterns.yaml:4:16: this is found as T1 though `not` says it is none; mend the entry or the example");
}

TEST(UserPatterns, SayWhatIsWrongAndWhere) {
  const auto says = [](std::string_view file, std::string_view part) {
    const std::string problems = Loaded(file).problems();
    EXPECT_NE(problems.find(part), std::string::npos) << file << "\n" << problems;
  };
  says("x: 1\n", "/etc/patterns.yaml:1:1: a file of patterns is");
  says("patterns:\n  - {type: T1, regx: a}\n", "2:16: unknown key 'regx'; did you mean 'regex'?");
  says("patterns:\n  - {type: t1, regex: a}\n", "2:5: type: capital letters");
  says("patterns:\n  - {type: T1}\n", "either `regex`, or `terms` and `terms_file`");
  says("patterns:\n  - {type: T1, regex: a, terms: [b]}\n", "either `regex`");
  says("patterns:\n  - {type: T1, regex: '(?=a)'}\n", "regex: invalid perl operator");
  says("patterns:\n  - {type: T1, regex: 'a*'}\n", "matches the empty text");
  says("patterns:\n  - {type: T1, regex: a, score: 2}\n", "score: above 0");
  says("patterns:\n  - {type: T1, regex: a, case: upper}\n", "case: any or exact");
  says("patterns:\n  - {type: T1, regex: a, alone: false}\n", "alone: false needs `words`");
  says("patterns:\n  - {type: T1, terms_file: none.txt}\n", "terms_file: /etc/none.txt: ");
  says("patterns: [\n", "/etc/patterns.yaml:");
  EXPECT_NE(Loaded("patterns:\n  - {type: T1, terms_file: terms.txt}\n", "ok\n" + std::string(201, 'x') + "\n")
                .problems()
                .find("/etc/terms.txt:2:1: a term of more than"),
            std::string::npos);
  MemoryDisk empty;
  EXPECT_NE(print(load_detectors(std::vector<std::string>{"/none.yaml"}, empty).error()).find("/none.yaml: "), std::string::npos);
}

}  // namespace
}  // namespace demarc::privacy
