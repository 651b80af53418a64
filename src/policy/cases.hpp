// Cases: what a policy is expected to decide, one JSON object a line, so that a compliance officer can read, run and extend them.
//
//   {"id":"ssn-stays","request":{"operation":"chat","findings":{"US_SSN":1}},"expect":{"effect":"permit","tier":"local","rules":["local-is-ours"]}}
//
//   auto cases = policy::read_cases(text, "cases.jsonl");
//   CaseReport report = policy::run_cases(policy, routing, *cases);
//   std::cout << print(report);                 // `demarc policy test`
//
// The form stands in docs/reference/policy.md. What a request leaves out is absent, 0, empty or false; null is unknown. Pure; any thread.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "core/attributes.hpp"
#include "core/upstream.hpp"
#include "policy/decide.hpp"
#include "policy/problem.hpp"

namespace demarc::policy {

inline constexpr std::size_t kMaxCasesBytes = std::size_t{64} << 20;
inline constexpr std::size_t kMaxCases = 100'000;

// The state of an upstream or of one of its models, as far as a case states it.
struct CaseState {
  std::string name;                                    // "NAME" or "NAME/MODEL"
  std::optional<std::optional<bool>> healthy, pinned;  // outer: stated; inner: known
  std::optional<std::optional<std::int64_t>> queue_ms;
  std::optional<std::optional<std::string>> region;
  std::optional<std::optional<double>> quality, price_usd;
};

struct Expectation {  // what is left out is not compared
  std::optional<std::string> effect, tier, upstream, model, sensitivity, work_class;
  std::optional<std::vector<std::string>> rules, requires_;
};

struct Case {
  std::string id;
  int line = 0;
  Attributes request;
  std::vector<CaseState> states;
  Expectation expect;
};

// Every problem has the file, the line and the field; unknown fields are errors.
Result<std::vector<Case>, std::vector<PolicyProblem>> read_cases(std::string_view jsonl, std::string_view file_name);

// The candidates' state a case describes; an entry that names nothing in `routing` is returned as an error text.
Result<States, std::string> states_of(const Case& one, const Routing& routing);

struct Difference {
  std::string field, expected, actual;
};

struct CaseResult {
  std::string id;
  int line = 0;
  std::vector<Difference> differences;  // none: passed
};

struct CaseReport {
  std::string file;
  std::vector<CaseResult> results;
  [[nodiscard]] std::size_t failed() const;
};

CaseReport run_cases(const CompiledPolicy& policy, const Routing& routing, const std::vector<Case>& cases, std::string_view file_name = "");
std::string print(const CaseReport& report);    // failures as a diff, then one line with the count
std::string to_json(const CaseReport& report);  // {"file":…,"passed":1,"failed":1,"failures":[{"id":…,"line":…,"differences":[…]}]}

}  // namespace demarc::policy
