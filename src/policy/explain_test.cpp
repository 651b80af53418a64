#include "policy/explain.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/strings.hpp"
#include "policy/cases.hpp"
#include "policy/compile.hpp"
#include "policy/routing_for_test.hpp"

namespace demarc::policy {
namespace {

using ::testing::HasSubstr;

struct Bench {
  Routing routing = routing_for_test(
      "upstreams:\n"
      "  - {name: desk, tier: local, engine: llama, model: small, serves: [chat]}\n"
      "  - {name: far, tier: cloud, dialect: openai, models: [large], serves: [chat]}\n");
  CompiledPolicy policy =
      compile(
          "version: 1\nlabels:\n  - {id: personal, sensitivity: confidential, when: {findings: any}}\nrules:\n"
          "  - {id: home, permit: local}\n  - {id: out, permit: cloud, require: [declared], when: {sensitivity: {at_most: confidential}}}\n"
          "  - {id: eu-only, forbid: cloud, when: {caller.team: emea}, unless: {upstream.region: eu}}\n",
          "p", routing)
          .value();
  Attributes attributes;
  States states{{{}}, {{}}};
  Explanation explain() const { return policy::explain(policy, routing, attributes, states); }
};

TEST(Explain, TellsTheTruthOfEveryConditionForEveryCandidate) {
  Bench b;
  b.attributes.caller_team = std::string("emea");
  const Explanation why = b.explain();
  ASSERT_EQ(why.candidates.size(), 2U);
  const ExplainedRule& rule = why.candidates[1].rules.at(1);
  EXPECT_EQ(rule.id, "eu-only");
  EXPECT_EQ(rule.truth, Truth::unknown);
  EXPECT_TRUE(rule.takes_effect);
  EXPECT_EQ(rule.conditions.at(0).text, "caller.team: emea");
  EXPECT_EQ(rule.conditions.at(0).truth, Truth::yes);
  EXPECT_EQ(rule.conditions.at(1).truth, Truth::unknown);
  EXPECT_EQ(why.candidates[1].outcome, "forbidden");
  EXPECT_EQ(why.candidates[0].outcome, "chosen");
}

TEST(Explain, NamesTheRequirementThatCannotBeMet) {
  const Explanation why = Bench{}.explain();
  EXPECT_THAT(why.candidates[1].rules.at(0).unmet, ::testing::ElementsAre(Requirement::declared));
  EXPECT_EQ(why.candidates[1].outcome, "a requirement cannot be met");
}

TEST(Explain, SaysWhatThePlanRequiresFirst) {
  Bench b;
  b.policy = compile("version: 1\nrules:\n  - {id: home, permit: local}\n  - {id: out, permit: cloud, require: [redact]}\n", "p", b.routing).value();
  b.attributes.findings = FindingCounts{};
  const Explanation why = b.explain();
  EXPECT_TRUE(why.candidates[0].requires_.empty());
  EXPECT_THAT(why.candidates[1].requires_, ::testing::ElementsAre(Requirement::redact));
  EXPECT_THAT(print(why), HasSubstr("far/large (cloud): number 2 of the plan; requires redact"));
}

TEST(Explain, SaysWhyNobodyServesTheRequest) {
  Bench b;
  b.attributes.model = "gpt-0";
  EXPECT_THAT(print(b.explain()), HasSubstr("the model's name is found nowhere"));
  b.attributes.model = "auto", b.attributes.operation = Operation::ocr;
  EXPECT_THAT(print(b.explain()), HasSubstr("no upstream serves this operation"));
}

TEST(Explain, PrintsWithinEightyColumns) {
  namespace fs = std::filesystem;
  for (const auto& entry : fs::directory_iterator(fs::path(DEMARC_SOURCE_DIR) / "tests/conformance/policy")) {
    if (!entry.is_directory()) continue;
    const Routing routing = routing_for_test(read_text(entry.path() / "demarc.yaml"));
    const auto policy = compile(read_text(entry.path() / "policy.yaml"), "policy.yaml", routing);
    const auto cases = read_cases(read_text(entry.path() / "cases.jsonl"), "cases.jsonl");
    for (const Case& one : *cases) {
      const std::string text = print(explain(*policy, routing, one.request, *states_of(one, routing)));
      for (const std::string_view line : split(text, '\n')) ASSERT_LE(line.size(), 80U) << line;
    }
  }
}

TEST(Explain, GivesTheSameAsJson) {
  EXPECT_THAT(to_json(Bench{}.explain()), HasSubstr(R"({"upstream":"far","model":"large","tier":"cloud","outcome":"a requirement cannot be met")"));
}

}  // namespace
}  // namespace demarc::policy
