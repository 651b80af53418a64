// compile(): policy.yaml's text to a CompiledPolicy, or every problem in it with file, line, column and the nearest valid word.
//
//   auto policy = policy::compile(text, "policy.yaml", config.routing);
//   if (!policy) for (const PolicyProblem& problem : policy.error()) std::cerr << print(problem) << '\n';
//   for (const PolicyProblem& warning : policy->warnings) ...
//
// A file is taken whole or not at all. Limits: 4 MiB, 10,000 rules (labels and invariants included), 10,000 elements in a list, 1,000 patterns of
// at most 1,000 bytes, depth 8; anchors, aliases and tags of YAML are refused. Pure; any thread.
#pragma once

#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "core/upstream.hpp"
#include "policy/problem.hpp"
#include "policy/rule.hpp"
#include "policy/vocabulary.hpp"

namespace demarc::policy {

inline constexpr std::size_t kMaxFileBytes = std::size_t{4} << 20;
inline constexpr std::size_t kMaxRules = 10'000;
inline constexpr std::size_t kMaxListLength = 10'000;
inline constexpr std::size_t kMaxPatterns = 1'000;
inline constexpr std::size_t kMaxPatternBytes = 1'000;
inline constexpr std::size_t kMaxProblems = 100;

// `covered`: the finding types that the configured detectors look for. A type outside of it and of known_finding_types() is an error; one known but
// not covered is a warning, because it always counts 0. Null: not known here, so no such warning.
Result<CompiledPolicy, std::vector<PolicyProblem>> compile(std::string_view yaml_text, std::string_view file_name, const Routing& routing,
                                                           const FindingTypes* covered = nullptr);

// What holds without a policy file: `permit: local`, nothing else.
inline constexpr std::string_view kDefaultPolicy = "version: 1\nrules:\n  - {id: local-by-default, permit: local}\n";
CompiledPolicy default_policy();

// Workloads that any key may name: those that no permit mentions (Meaning 1). A key's own list comes on top.
std::vector<std::string> open_workloads(const CompiledPolicy& policy, const Routing& routing);

}  // namespace demarc::policy
