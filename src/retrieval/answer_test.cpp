#include "retrieval/answer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "retrieval/labels.hpp"

namespace demarc::retrieval {
namespace {

std::vector<Hit> hits() {
  return {{.path = "leave.md", .text = "Parents get 14 weeks.\nThey apply\nin writing.", .heading = "Leave", .page = 0, .lines = {3, 5}},
          {.path = "pay.md", .text = "Wages are paid monthly.", .heading = "", .page = 2, .lines = {9, 9}}};
}

std::string said(int sentence, const std::string& text) {
  return R"({"statements":[{"sentence":)" + std::to_string(sentence) + R"(,"text":")" + text + R"("}]})";
}

TEST(Answer, ShowsTheModelNumberedSentencesWithTheirPlaces) {
  const auto evidence = evidence_of(hits(), {});
  ASSERT_EQ(evidence.size(), 3);
  EXPECT_EQ(evidence[1].sentence, "They apply\nin writing.");
  EXPECT_EQ(evidence[1].lines, (LineRange{4, 5}));
  EXPECT_THAT(answer_request("auto", "How long?", hits(), evidence),
              testing::HasSubstr("leave.md, Leave:\\n[1] Parents get 14 weeks.\\n[2] They apply in writing.\\n\\npay.md:\\n[3]"));
}

TEST(Answer, KeepsWhatItsSentenceHolds) {
  const Answer answer = read_answer(said(1, "Parents get 14 weeks of leave"), evidence_of(hits(), {}));
  ASSERT_EQ(answer.statements.size(), 1);
  EXPECT_EQ(answer.statements[0].evidence, 0);
}

TEST(Answer, DropsANumberThatTheSentenceDoesNotName) {
  const Answer answer = read_answer(said(1, "Parents get 16 weeks"), evidence_of(hits(), {}));
  EXPECT_TRUE(answer.statements.empty());
  EXPECT_EQ(answer.dropped, 1);
}

TEST(Answer, CitesTheSentenceThatHoldsItWhereTheModelNamedAnother) {
  for (const int named : {0, 2, 3, 9})
    EXPECT_EQ(read_answer(said(named, "Parents get 14 weeks"), evidence_of(hits(), {})).statements.at(0).evidence, 0) << named;
}

TEST(Answer, DropsWhatNoSentenceHolds) { EXPECT_EQ(read_answer(said(3, "Horses sleep standing"), evidence_of(hits(), {})).dropped, 1); }

TEST(Answer, TakesOneWordForAnAnswerOnlyIfItIsAName) {
  EXPECT_GT(held("Putin", "Overseas, Putin is on the march."), 0);
  EXPECT_EQ(held("It matters.", "It matters."), 0);
}

TEST(Answer, LetsTheModelSayThatNothingAnswers) {
  const Answer answer = read_answer(said(0, ""), evidence_of(hits(), {}));
  EXPECT_TRUE(answer.statements.empty());
  EXPECT_EQ(answer.dropped, 0);
}

TEST(Answer, SaysNothingWhereTheModelSaysNothingOrNonsense) {
  for (const char* content : {R"({"statements":[]})", "", "{", "[]", R"({"statements":3})"})
    EXPECT_TRUE(read_answer(content, evidence_of(hits(), {})).statements.empty());
}

TEST(Labels, TheHighestThatHoldsCounts) {
  const auto labels = read_folder_labels("labels:\n  - {path: \"hr/**\", sensitivity: confidential}\n  - {path: \"*.md\", sensitivity: internal}\n");
  ASSERT_TRUE(labels.ok()) << labels.error();
  EXPECT_EQ(labels->of("hr/pay/a.md"), Sensitivity::confidential);
  EXPECT_EQ(labels->of("a.md"), Sensitivity::internal);
  EXPECT_EQ(labels->of("a.txt"), std::nullopt);
}

TEST(Labels, AMistakeNamesItsPlace) {
  EXPECT_THAT(read_folder_labels("labels:\n  - {path: a, sensitivity: secret}\n").error(),
              testing::HasSubstr(".demarc-labels.yaml:2:28: expected public"));
}

TEST(Labels, FrontMatterNamesADocumentsOwn) {
  EXPECT_EQ(label_in("---\ntitle: x\nsensitivity: restricted\n---\ntext"), Sensitivity::restricted);
  EXPECT_EQ(label_in("---\nsensitivity: \"internal\"\n---\n"), Sensitivity::internal);
  EXPECT_EQ(label_in("sensitivity: restricted\n"), std::nullopt);
}

TEST(Labels, OneThatNobodyKnowsCountsAsRestricted) { EXPECT_EQ(label_in("---\nsensitivity: top-secret\n---\n"), Sensitivity::restricted); }

}  // namespace
}  // namespace demarc::retrieval
