#include "policy/compile.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "policy/routing_for_test.hpp"

namespace demarc::policy {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const Routing& routing() {
  static const Routing r = routing_for_test(
      "upstreams:\n  - {name: desk, tier: local, engine: llama, model: small, serves: [chat]}\n"
      "workloads:\n  - {name: triage, operation: chat}\n  - {name: notes, operation: chat}\n");
  return r;
}

std::string with_rules(const std::string& rules) { return "version: 1\nrules:\n" + rules; }

// The first problem as it is printed, or "" if the text compiles.
std::string problem(const std::string& text) {
  const auto policy = compile(text, "p.yaml", routing());
  return policy ? "" : print(policy.error().front());
}

std::string rule_problem(const std::string& rest) { return problem(with_rules("  - {id: r, " + rest + "}\n")); }

std::vector<std::string> warnings(const std::string& text, const FindingTypes* covered = nullptr) {
  const auto policy = compile(text, "p.yaml", routing(), covered);
  CHECK(policy.ok());
  std::vector<std::string> lines;
  for (const PolicyProblem& warning : policy->warnings) lines.push_back(print(warning));
  return lines;
}

TEST(Compile, NamesFileLineColumnAndTheNearestAttribute) {
  EXPECT_EQ(problem("version: 1\nrules:\n  - {id: r, permit: local, when: {caller.taem: x}}\n"),
            "p.yaml:3:35: error: unknown attribute \"caller.taem\" (did you mean \"caller.team\"?)");
}

TEST(Compile, SuggestsTheNearestWordOfEveryVocabulary) {
  EXPECT_THAT(problem("version: 1\nrulse: []\n"), HasSubstr("unknown key \"rulse\" (did you mean \"rules\"?)"));
  EXPECT_THAT(rule_problem("permitt: local"), HasSubstr("did you mean \"permit\"?"));
  EXPECT_THAT(rule_problem("permit: clowd"), HasSubstr("did you mean \"cloud\"?"));
  EXPECT_THAT(rule_problem("permit: cloud, require: [redcat]"), HasSubstr("did you mean \"redact\"?"));
  EXPECT_THAT(rule_problem("permit: cloud, when: {operation: chatt}"), HasSubstr("did you mean \"chat\"?"));
  EXPECT_THAT(rule_problem("permit: cloud, when: {findings: US_SNN}"), HasSubstr("did you mean \"US_SSN\"?"));
  EXPECT_THAT(rule_problem("permit: cloud, when: {findings.PERSN: any}"), HasSubstr("did you mean \"PERSON\"?"));
  EXPECT_THAT(rule_problem("permit: cloud, when: {tools: {ovr: 1}}"), HasSubstr("did you mean \"over\"?"));
  EXPECT_THAT(rule_problem("permit: cloud, when: {sensitivity: {at_most: intern}}"), HasSubstr("did you mean \"internal\"?"));
}

TEST(Compile, RefusesDuplicateKeysAndIds) {
  EXPECT_EQ(problem("version: 1\nversion: 1\n"), "p.yaml:2:1: error: duplicate key \"version\"");
  EXPECT_THAT(rule_problem("permit: local, when: {tools: 1, tools: 2}"), HasSubstr("duplicate key \"tools\""));
  EXPECT_THAT(problem(with_rules("  - {id: a, permit: local}\n  - {id: a, permit: cloud}\n")),
              HasSubstr("p.yaml:4:10: error: duplicate id \"a\", first used in line 3"));
}

TEST(Compile, RefusesWhatHasTheWrongTypeOrUnit) {
  EXPECT_THAT(rule_problem("permit: local, when: {context_tokens: {over: 16k}}"), HasSubstr("whole number"));
  EXPECT_THAT(rule_problem("permit: local, when: {context_tokens: {over: -1}}"), HasSubstr("whole number"));
  EXPECT_THAT(rule_problem("permit: local, when: {budget.left_usd: {over: $5}}"), HasSubstr("dollars"));
  EXPECT_THAT(rule_problem("permit: local, when: {budget.left_usd: none}"), HasSubstr("say how much"));
  EXPECT_THAT(rule_problem("permit: local, when: {time: {under: tomorrow}}"), HasSubstr("2027-01-01T00:00:00Z"));
  EXPECT_THAT(rule_problem("permit: local, when: {stream: yes}"), HasSubstr("is no value of stream"));
  EXPECT_THAT(rule_problem("permit: local, when: {operation: {over: chat}}"), HasSubstr("has no order"));
  EXPECT_THAT(rule_problem("permit: local, when: {tools: {matches: x}}"), HasSubstr("is no text"));
  EXPECT_THAT(rule_problem("permit: local, when: {caller.team: {matches: '('}}"), HasSubstr("not an RE2 pattern"));
  EXPECT_THAT(rule_problem("permit: local, when: {caller.team: []}"), HasSubstr("empty list"));
  EXPECT_THAT(rule_problem("permit: local, when: {caller.team: [any]}"), HasSubstr("stands alone"));
  EXPECT_THAT(rule_problem("permit: local, when: {}"), HasSubstr("no condition"));
  EXPECT_THAT(rule_problem("permit: local, when: {caller.team: }"), HasSubstr("has no value"));
}

TEST(Compile, RefusesRulesThatSayNothingOrTooMuch) {
  EXPECT_THAT(problem("rules: []\n"), HasSubstr("expected version: 1"));
  EXPECT_THAT(rule_problem("when: {tools: any}"), HasSubstr("one of permit, forbid and prefer"));
  EXPECT_THAT(rule_problem("permit: local, forbid: cloud"), HasSubstr("one of permit, forbid and prefer"));
  EXPECT_THAT(rule_problem("forbid: cloud, require: [redact]"), HasSubstr("only a permit"));
  EXPECT_THAT(problem(with_rules("  - {permit: local}\n")), HasSubstr("no id"));
  EXPECT_THAT(problem(with_rules("  - {id: 'a,b', permit: local}\n")), HasSubstr("an id has"));
}

TEST(Compile, RefusesLabelsThatReadWhatTheyDecide) {
  EXPECT_THAT(problem("version: 1\nlabels:\n  - {id: l, sensitivity: restricted, when: {sensitivity: internal}}\n"),
              HasSubstr("cannot read sensitivity"));
  EXPECT_THAT(problem("version: 1\nlabels:\n  - {id: l, sensitivity: restricted, when: {upstream.name: desk}}\n"),
              HasSubstr("cannot read upstream.name"));
}

TEST(Compile, RefusesClassesThatAreNoneOrReadAnUpstream) {
  EXPECT_THAT(problem("version: 1\nclasses:\n  - {id: c, class: bach}\n"), HasSubstr("\"bach\" is no class"));
  EXPECT_THAT(problem("version: 1\nclasses:\n  - {id: c}\n"), HasSubstr("expected a class"));
  EXPECT_THAT(problem("version: 1\nclasses:\n  - {id: c, class: batch, when: {upstream.queue_ms: {over: 5}}}\n"),
              HasSubstr("before any upstream is looked at"));
  EXPECT_THAT(warnings("version: 1\nclasses:\n  - {id: all, class: batch}\n  - {id: late, class: normal}\nrules:\n  - {id: a, permit: local}\n"),
              Contains(HasSubstr("late: has no effect: all before it holds always")));
}

TEST(Compile, RefusesYamlThatHidesWhatItSays) {
  EXPECT_THAT(problem("version: 1\nrules:\n  - &a {id: r, permit: local}\n"), HasSubstr("anchors and aliases are not read here"));
  EXPECT_THAT(problem("a: &a [x,x]\nb: &b [*a,*a]\nc: [*b,*b]\n"), HasSubstr("not read here"));
  EXPECT_THAT(problem("version: !!int 1\n"), HasSubstr("tags are not read here"));
  EXPECT_THAT(problem("version: 1\n---\nversion: 1\n"), HasSubstr("a second document"));
  EXPECT_THAT(problem("version: 1\nrules: [[[[[[[[[[1]]]]]]]]]]\n"), HasSubstr("nested too deeply"));
  EXPECT_THAT(problem(std::string(100'000, '[')), HasSubstr("nested too deeply"));
  EXPECT_THAT(problem(std::string("version: 1\xff\n")), HasSubstr("not UTF-8"));
  EXPECT_THAT(problem(""), HasSubstr("error"));
  EXPECT_THAT(problem("a: [}"), HasSubstr("not YAML"));
}

TEST(Compile, HoldsItsLimits) {
  EXPECT_THAT(problem(std::string(kMaxFileBytes + 1, ' ')), HasSubstr("larger than 4 MiB"));
  std::string many = "version: 1\nrules:\n";
  for (std::size_t i = 0; i <= kMaxRules; ++i) many += "  - {id: r" + std::to_string(i) + ", permit: local}\n";
  EXPECT_THAT(problem(many), HasSubstr("too many rules"));
  EXPECT_THAT(rule_problem("permit: local, when: {path: {matches: '" + std::string(kMaxPatternBytes + 1, 'x') + "'}}"), HasSubstr("too long"));
  EXPECT_THAT(rule_problem("permit: local, when: {path: {matches: '((a{100}){100}){100}'}}"), HasSubstr("not an RE2 pattern"));
}

TEST(Compile, ReportsEveryProblemOfAFileUpToAHundred) {
  std::string text = "version: 1\nrules:\n";
  for (int i = 0; i < 150; ++i) text += "  - {id: r" + std::to_string(i) + ", permit: lokal}\n";
  const auto policy = compile(text, "p.yaml", routing());
  EXPECT_EQ(policy.error().size(), kMaxProblems);
}

TEST(Compile, DigestsTheBytes) {  // by sha256sum
  EXPECT_EQ(compile("version: 1\n", "p", routing())->digest, "sha256:09bfcc6a14b83e2192b8673677725c84883ee9cd0c70e45c9ec09daa8f2b2847");
}

TEST(Compile, WarnsOfWhatIsProbablyNotMeant) {
  EXPECT_THAT(warnings("version: 1\n"), ElementsAre(HasSubstr("no permit")));
  EXPECT_THAT(warnings(with_rules("  - {id: a, permit: local, when: {sensitivity: {over: restricted}}}\n")), ElementsAre(HasSubstr("never holds")));
  EXPECT_THAT(warnings(with_rules("  - {id: a, permit: local, when: {tools: {over: 5, under: 3}}}\n")), ElementsAre(HasSubstr("never holds")));
  EXPECT_THAT(warnings(with_rules("  - {id: a, permit: local, when: {upstream.tier: cloud}}\n")), ElementsAre(HasSubstr("never holds")));
  EXPECT_THAT(warnings(with_rules("  - {id: a, permit: local, when: {sensitivity: public, declared: internal}}\n")),
              ElementsAre(HasSubstr("below declared")));
  EXPECT_THAT(warnings(with_rules("  - {id: a, permit: local}\n  - {id: b, forbid: local}\n")),
              ElementsAre(HasSubstr("a: has no effect: b forbids")));
  EXPECT_THAT(warnings(with_rules("  - {id: a, permit: local, when: {workload: triagge}}\n")),
              ElementsAre(AllOf(HasSubstr("no workload \"triagge\""), HasSubstr("did you mean \"triage\"?"))));
  EXPECT_THAT(warnings("version: 1\nlabels:\n  - {id: l, sensitivity: public}\nrules:\n  - {id: a, permit: local}\n"),
              ElementsAre(HasSubstr("raises nothing")));
}

TEST(Compile, WarnsOfARequirementBesideAPermitWithoutUnlessTheyCannotMeet) {
  const std::string plain = "  - {id: a, permit: cloud, when: {sensitivity: {at_most: internal}}}\n";
  EXPECT_THAT(warnings(with_rules(plain + "  - {id: b, permit: cloud, require: [redact], when: {sensitivity: confidential}}\n")), IsEmpty());
  EXPECT_THAT(warnings(with_rules(plain + "  - {id: b, permit: cloud, require: [redact], when: {caller.team: x}}\n")),
              ElementsAre(HasSubstr("b: requires what a does not")));
}

TEST(Compile, WarnsOfTypesThatNoDetectorCoversAndTakesThoseOfOwnDetectors) {
  const FindingTypes covered = {"PERSON", "STAFF_NUMBER"};
  const std::string text =
      "version: 1\nlabels:\n  - {id: l, sensitivity: restricted, when: {findings: [US_SSN, STAFF_NUMBER]}}\nrules:\n  - {id: a, permit: local}\n";
  EXPECT_THAT(warnings(text, &covered), ElementsAre(HasSubstr("no configured detector looks for US_SSN")));
  EXPECT_THAT(problem(text), HasSubstr("unknown finding type \"STAFF_NUMBER\""));
}

TEST(Compile, LetsAKeyNameTheWorkloadsThatNoPermitMentions) {
  const auto open = [](const std::string& rules) { return open_workloads(*compile(with_rules(rules), "p", routing()), routing()); };
  EXPECT_THAT(open("  - {id: a, permit: local, when: {workload: triage}}\n"), ElementsAre("notes"));
  EXPECT_THAT(open("  - {id: a, permit: local}\n  - {id: b, prefer: local, when: {workload: triage}}\n"), ElementsAre("triage", "notes"));
  EXPECT_THAT(open("  - {id: a, permit: local, when: {workload: {matches: ^tri}}}\n"), ElementsAre("notes"));
  EXPECT_THAT(open("  - {id: a, permit: local, when: {workload: any}}\n"), IsEmpty());
}

TEST(Compile, TellsWhichTypesRedactionOwesToLabels) {
  const auto policy =
      compile("version: 1\nlabels:\n  - {id: l, sensitivity: restricted, when: {findings: [LOCATION], findings.AGE: any}}\n", "p", routing());
  EXPECT_THAT(policy->types_of_labels, ElementsAre("AGE", "LOCATION"));
}

TEST(Compile, CompilesTenThousandRulesQuickly) {
  std::string text = "version: 1\nrules:\n";
  for (std::size_t i = 0; i < kMaxRules; ++i)
    text += "  - {id: r" + std::to_string(i) + ", permit: cloud, when: {caller.team: t" + std::to_string(i) +
            (i % 2 == 0 ? "}}\n" : "}, require: [redact]}\n");
  const auto policy = compile(text, "p", routing());
  ASSERT_TRUE(policy.ok());
  EXPECT_EQ(policy->rules.size(), kMaxRules);
}

}  // namespace
}  // namespace demarc::policy
