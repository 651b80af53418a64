// The middle of compile(): a `when` or `unless` of policy.yaml to Conditions. Internal to policy/.
//
//   Problems problems("policy.yaml");
//   ClauseCompiler clauses(problems, known_types);
//   ParsedClause when = clauses.parse(node, {RuleKind::permit, ClauseRole::when});
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/yaml/tree.hpp"
#include "policy/rule.hpp"
#include "policy/vocabulary.hpp"

namespace demarc::policy {

// Collects problems up to kMaxProblems.
class Problems {
 public:
  explicit Problems(std::string_view file) : file_(file) {}
  void error(const YamlNode& at, std::string message, const std::vector<std::string>& candidates = {}, std::string_view written = {});
  void warning(int line, int column, std::string message, const std::vector<std::string>& candidates = {}, std::string_view written = {});
  [[nodiscard]] bool any_error() const { return errors_ > 0; }
  std::vector<PolicyProblem> take() { return std::move(list_); }

 private:
  void add(PolicyProblem problem, const std::vector<std::string>& candidates, std::string_view written);
  std::string file_;
  std::vector<PolicyProblem> list_;
  std::size_t errors_ = 0;
};

enum class ClauseRole : std::uint8_t { when, unless };

struct ClausePlace {
  RuleKind kind = RuleKind::permit;
  ClauseRole role = ClauseRole::when;
};

struct ParsedClause {
  std::vector<Condition> request, candidate;
};

// "{at_most: internal}": a node as people write it, on one line.
std::string print_flow(const YamlNode& node);

class ClauseCompiler {
 public:
  ClauseCompiler(Problems& problems, const FindingTypes& types) : problems_(problems), types_(types) {}

  ParsedClause parse(const YamlNode& node, ClausePlace place);
  bool check_type(const YamlNode& at, std::string_view type);  // a finding type that exists; else an error

 private:
  void parse_attribute(const YamlNode& key, const YamlNode& value, ClausePlace place, ParsedClause& out);
  bool parse_scalar(const YamlNode& value, Condition& c);
  bool parse_list(const YamlNode& value, Condition& c);
  bool parse_operators(const YamlNode& value, const Condition& base, std::vector<Condition>& out);
  bool parse_bound(const YamlNode& op, const YamlNode& value, Condition& c);
  bool parse_pattern(const YamlNode& value, Condition& c);
  bool parse_number(const YamlNode& value, ValueKind kind, __int128& out);
  bool parse_word(const YamlNode& value, Condition& c);  // adds one word: a text, or a bit of the mask

  Problems& problems_;
  const FindingTypes& types_;
  std::size_t patterns_ = 0;
};

}  // namespace demarc::policy
