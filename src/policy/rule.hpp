// CompiledPolicy: policy.yaml as decide() reads it: every condition of every rule in one flat array, those about the request apart from those about
// a candidate, so that the former are evaluated once per request.
//
//   policy.rules[i].when.request      // indices into policy.conditions
//
// Made by compile() only; immutable afterwards, part of the Snapshot; any thread may read.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/decision.hpp"
#include "core/operation.hpp"
#include "policy/problem.hpp"
#include "policy/vocabulary.hpp"

namespace re2 {
class RE2;
}

namespace demarc::policy {

// Kleene's three values; the order makes `and` the minimum and `or` the maximum.
enum class Truth : std::uint8_t { no, unknown, yes };
constexpr Truth operator!(Truth t) { return static_cast<Truth>(2 - static_cast<int>(t)); }
constexpr Truth both(Truth a, Truth b) { return a < b ? a : b; }
std::string_view to_string(Truth truth);  // "false", "unknown", "true"

enum class Test : std::uint8_t {
  one_of,     // texts, or a bit of mask
  in_range,   // low..high, for numbers, dollars, times; lengths of lists; counts of findings
  number_of,  // one of several numbers
  matches,    // pattern
  any,        // there is one; more than none
  none,       // absent; zero; empty
};

// Meaning 4: over the elements of a list, what loosens must hold for every one, what tightens for one.
enum class Quantifier : std::uint8_t { one, every };

inline constexpr __int128 kNoUpperBound = ~(static_cast<__int128>(1) << 127);
inline constexpr __int128 kNoLowerBound = -kNoUpperBound - 1;

struct Condition {
  Field field = Field::operation;
  Test test = Test::any;
  Quantifier quantifier = Quantifier::one;
  std::uint32_t mask = 0;                              // one_of over an enum: bit n is its n-th value
  __int128 low = kNoLowerBound, high = kNoUpperBound;  // in_range, both inclusive: whole numbers, pico-dollars or nanoseconds
  std::vector<__int128> numbers{};                     // number_of
  std::vector<std::string> texts{};                    // one_of over words, sorted
  std::string type{};                                  // finding_type
  std::shared_ptr<const re2::RE2> pattern{};
  std::string source{};  // as people write it: "sensitivity: {at_most: internal}"
};

struct ConditionRange {
  std::uint32_t begin = 0, end = 0;  // into CompiledPolicy::conditions
};

struct Clause {  // a `when` or an `unless`: all its conditions
  ConditionRange request, candidate;
  [[nodiscard]] bool empty() const { return request.begin == request.end && candidate.begin == candidate.end; }
};

enum class RuleKind : std::uint8_t { label, work_class, permit, forbid, prefer, invariant };
std::string_view to_string(RuleKind kind);

struct Rule {
  std::string id;
  RuleKind kind = RuleKind::permit;
  Tier tier = Tier::local;                         // what it permits, forbids, prefers or never allows; labels and classes: unused
  Sensitivity sensitivity = Sensitivity::public_;  // labels
  WorkClass work_class = WorkClass::normal;        // classes
  std::vector<Requirement> requires_;              // permits
  Clause when, unless;                             // an empty `when` holds, an empty `unless` does not
  int line = 0, column = 0;
};

struct CompiledPolicy {
  std::string file;
  std::string digest;                                    // "sha256:" + 64 hex digits, of the file's bytes
  std::vector<Rule> labels, classes, rules, invariants;  // in file order
  std::vector<Condition> conditions;
  std::vector<std::string> mask_in_answers;  // outputs.mask: finding types
  std::vector<std::string> types_of_labels;  // finding types that labels name: redact replaces them besides the group `direct`
  std::vector<std::string> attributes_read;  // sorted names; what a decision's record lists
  bool reads_time_as_text = false;           // a pattern looks at the time, so it has to be printed
  std::vector<PolicyProblem> warnings;
};

}  // namespace demarc::policy
