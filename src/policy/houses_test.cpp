// The houses of tests/conformance/policy: every case of every house passes, and every line of every house is needed by one of its cases.
#include <gtest/gtest.h>

#include "policy/cases.hpp"
#include "policy/compile.hpp"
#include "policy/routing_for_test.hpp"

namespace demarc::policy {
namespace {

namespace fs = std::filesystem;

struct Table {
  std::string file;
  Routing routing;
  std::vector<Case> cases;
};

struct House {
  std::string name;
  std::string policy_text;
  std::vector<Table> tables;
};

House load(const fs::path& folder) {
  House house{folder.filename(), read_text(folder / "policy.yaml"), {}};
  for (const auto& [config, file] :
       {std::pair{"demarc.yaml", "cases.jsonl"}, {"demarc.yaml", "own-cases.jsonl"}, {"variant-demarc.yaml", "variant-cases.jsonl"}}) {
    if (!fs::exists(folder / file)) continue;
    auto cases = read_cases(read_text(folder / file), house.name + "/" + file);
    if (!cases) ADD_FAILURE() << print(cases.error().front());
    CHECK(cases.ok());
    house.tables.push_back({house.name + "/" + file, routing_for_test(read_text(folder / config)), std::move(cases).value()});
  }
  return house;
}

std::vector<House> all_houses() {
  std::vector<House> houses;
  for (const auto& entry : fs::directory_iterator(fs::path(DEMARC_SOURCE_DIR) / "tests/conformance/policy"))
    if (entry.is_directory()) houses.push_back(load(entry.path()));
  return houses;
}

// What `text` as the house's policy fails, as a diff; "" if nothing.
std::string failures(const House& house, const std::string& text) {
  std::string out;
  for (const Table& table : house.tables) {
    const auto policy = compile(text, house.name, table.routing);
    if (!policy) ADD_FAILURE() << print(policy.error().front());
    CHECK(policy.ok());
    const CaseReport report = run_cases(*policy, table.routing, table.cases, table.file);
    if (report.failed() > 0) out += print(report);
  }
  return out;
}

TEST(Houses, EveryCasePasses) {
  std::size_t cases = 0;
  for (const House& house : all_houses()) {
    EXPECT_EQ(failures(house, house.policy_text), "");
    for (const Table& table : house.tables) cases += table.cases.size();
  }
  EXPECT_GE(cases, 190U);
}

// A rule or label is one line of a house's policy, so deleting it is deleting a line. Pairs of that line and what is left.
std::vector<std::pair<std::string, std::string>> without_each_rule(const std::string& text) {
  std::vector<std::pair<std::string, std::string>> mutants;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size() - 1) + 1;
    const std::string line = text.substr(begin, end - begin);
    if (line.starts_with("  - {id: ") && line.find(" never: ") == std::string::npos)
      mutants.emplace_back(line, text.substr(0, begin) + text.substr(end));
    begin = end;
  }
  return mutants;
}

TEST(Houses, DeletingAnyRuleOrLabelFailsACase) {
  for (const House& house : all_houses()) {
    const auto mutants = without_each_rule(house.policy_text);
    EXPECT_GE(mutants.size(), 3U) << house.name;
    for (const auto& [line, mutant] : mutants) EXPECT_NE(failures(house, mutant), "") << house.name << ": no case needs " << line;
  }
}

}  // namespace
}  // namespace demarc::policy
