// docs/reference/policy.md and docs/formats/policy.schema.json say what the code does.
#include <gtest/gtest.h>

#include "policy/cases.hpp"
#include "policy/compile.hpp"
#include "policy/routing_for_test.hpp"

namespace demarc::policy {
namespace {

std::string doc(const std::string& path) { return read_text(std::filesystem::path(DEMARC_SOURCE_DIR) / "docs" / path); }

// What stands between "```HEAD" and the next "```".
std::string fenced(const std::string& text, const std::string& head) {
  const auto begin = text.find("```" + head + "\n");
  CHECK(begin != std::string::npos);
  const auto first = text.find('\n', begin) + 1;
  return text.substr(first, text.find("```", first) - first);
}

TEST(PolicyReference, ItsExampleDecidesAsItsCasesSay) {
  const std::string page = doc("reference/policy.md");
  const Routing routing = routing_for_test(fenced(page, "yaml config"));
  const auto policy = compile(fenced(page, "yaml policy"), "policy.md", routing);
  ASSERT_TRUE(policy.ok()) << print(policy.error().front());
  const auto cases = read_cases(fenced(page, "jsonl cases"), "policy.md");
  ASSERT_TRUE(cases.ok()) << print(cases.error().front());
  const CaseReport report = run_cases(*policy, routing, *cases, "policy.md");
  EXPECT_EQ(report.failed(), 0U) << print(report);
  EXPECT_GE(report.results.size(), 9U);
}

TEST(PolicyReference, NamesEveryAttribute) {
  const std::string page = doc("reference/policy.md");
  for (const std::string& name : field_names()) EXPECT_NE(page.find('`' + name + '`'), std::string::npos) << name;
}

TEST(PolicySchema, NamesEveryAttributeOperationAndRequirement) {
  const std::string schema = doc("formats/policy.schema.json");
  for (const std::string& name : field_names())
    if (name != "findings.TYPE") EXPECT_NE(schema.find('"' + name + "\": {"), std::string::npos) << name;
  for (int i = 0; i < kOperationCount; ++i)
    EXPECT_NE(schema.find('"' + std::string(to_string(static_cast<Operation>(i))) + '"'), std::string::npos) << i;
}

}  // namespace
}  // namespace demarc::policy
