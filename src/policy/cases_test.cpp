#include "policy/cases.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "policy/compile.hpp"
#include "policy/routing_for_test.hpp"

namespace demarc::policy {
namespace {

using ::testing::HasSubstr;

std::string problem(const std::string& line) {
  const auto cases = read_cases("\n" + line + "\n", "c.jsonl");
  return cases ? "" : print(cases.error().front());
}

TEST(Cases, NameTheLineAndTheNearestFieldOfAMistake) {
  EXPECT_EQ(problem(R"({"id":"a","request":{"opration":"chat"},"expect":{}})"),
            "c.jsonl:2:1: error: unknown field \"request.opration\" (did you mean \"operation\"?)");
  EXPECT_THAT(problem(R"({"id":"a","request":{"operation":"chatt"},"expect":{}})"), HasSubstr("no such word \"chatt\""));
  EXPECT_THAT(problem(R"({"id":"a","request":{"tools":-1},"expect":{}})"), HasSubstr("request.tools: expected a whole number"));
  EXPECT_THAT(problem(R"({"id":"a","request":{"tools":1,"tools":2},"expect":{}})"), HasSubstr("duplicate field"));
  EXPECT_THAT(problem(R"({"id":"a","request":{},"expect":{"effect":"allow"}})"), HasSubstr("permit, deny or unavailable"));
  EXPECT_THAT(problem(R"({"id":"a","request":{}})"), HasSubstr("no expect"));
  EXPECT_THAT(problem(R"({"id":"a","request":)"), HasSubstr("not JSON"));
  EXPECT_THAT(problem("{\"id\":\"a\",\"expect\":{}}\n{\"id\":\"a\",\"expect\":{}}"), HasSubstr("c.jsonl:3:1: error: duplicate id"));
}

TEST(Cases, ReadLeftOutAsAbsentOrZeroAndNullAsUnknown) {
  const auto cases = read_cases(R"({"id":"a","request":{"caller":{"team":null}},"expect":{}})", "c");
  const Attributes& a = cases->front().request;
  EXPECT_TRUE(a.caller_team.unknown());
  EXPECT_TRUE(a.caller_role.absent());
  EXPECT_TRUE(a.output_tokens.unknown());
  EXPECT_EQ(*a.context_tokens.get(), 0);
  EXPECT_EQ(a.model, "auto");
}

struct Bench {
  Routing routing = routing_for_test("upstreams:\n  - {name: a, tier: local, models: [m, n], serves: [chat]}\n");
  CaseReport run(const std::string& line) const { return run_cases(default_policy(), routing, *read_cases(line, "c"), "c.jsonl"); }
};

TEST(Cases, StateOfOneModelCountsMoreThanThatOfItsUpstream) {
  const auto report =
      Bench{}.run(R"({"id":"x","request":{"upstreams":{"a/n":{"healthy":true},"a":{"healthy":false}}},"expect":{"effect":"permit","model":"n"}})");
  EXPECT_EQ(report.failed(), 0U) << print(report);
}

TEST(Cases, FailOnAnUpstreamThatDoesNotExist) {
  const auto report = Bench{}.run(R"({"id":"x","request":{"upstreams":{"b":{"healthy":true}}},"expect":{}})");
  EXPECT_THAT(print(report), HasSubstr("no upstream \"b\""));
}

TEST(Cases, PrintFailuresAsADiff) {
  const auto report = Bench{}.run(R"({"id":"x","request":{},"expect":{"effect":"deny","rules":["r"]}})");
  EXPECT_EQ(print(report), "c.jsonl:1: x\n  effect\n    - deny\n    + permit\n  rules\n    - [r]\n    + [local-by-default]\n0 of 1 cases pass\n");
  EXPECT_THAT(to_json(report), HasSubstr(R"("passed":0,"failed":1)"));
}

}  // namespace
}  // namespace demarc::policy
