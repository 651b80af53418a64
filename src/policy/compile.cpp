#include "policy/compile.hpp"

#include <openssl/evp.h>
#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "base/check.hpp"
#include "base/encode.hpp"
#include "base/strings.hpp"
#include "core/yaml/tree.hpp"
#include "policy/check.hpp"
#include "policy/compile_clause.hpp"

namespace demarc::policy {
namespace {

const std::vector<std::string> kFileKeys = {"version", "labels", "classes", "rules", "outputs", "invariants"};
const std::vector<std::string> kLabelKeys = {"id", "sensitivity", "when", "unless"};
const std::vector<std::string> kClassKeys = {"id", "class", "when", "unless"};
const std::vector<std::string> kRuleKeys = {"id", "permit", "forbid", "prefer", "require", "when", "unless"};
const std::vector<std::string> kInvariantKeys = {"id", "never", "when", "unless"};
const std::vector<std::string> kOutputKeys = {"mask"};
const std::vector<std::string> kTiers = {"local", "cloud"};
const std::vector<std::string> kWorkClasses = {"interactive", "normal", "batch"};
const std::vector<std::string> kLevels = {"public", "internal", "confidential", "restricted"};
constexpr std::array kRequirements = {Requirement::redact, Requirement::no_store, Requirement::declared, Requirement::pinned_model};

// Read by every decision, whatever the rules say.
constexpr std::array kAlwaysRead = {Field::operation, Field::model,          Field::workload,    Field::declared,        Field::sensitivity,
                                    Field::findings,  Field::context_tokens, Field::budget_left, Field::upstream_healthy};

std::string sha256_hex(std::string_view bytes) {
  std::array<unsigned char, 32> digest{};
  unsigned size = 0;
  CHECK(EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, EVP_sha256(), nullptr) == 1 && size == digest.size());
  return to_hex({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

class Compiler {
 public:
  Compiler(std::string_view file, const FindingTypes& types) : problems_(file), clauses_(problems_, types) { policy_.file = file; }

  void run(const YamlNode& root) {
    if (root.kind != YamlKind::map) return problems_.error(root, "expected the keys version, labels, classes, rules, outputs, invariants");
    check_keys(root, kFileKeys);
    const YamlNode* version = root.find("version");
    if (version == nullptr || version->text != "1") problems_.error(version ? *version : root, "expected version: 1");
    if (const YamlNode* node = root.find("labels")) parse_list(*node, policy_.labels, &Compiler::parse_label);
    if (const YamlNode* node = root.find("classes")) parse_list(*node, policy_.classes, &Compiler::parse_class);
    if (const YamlNode* node = root.find("rules")) parse_list(*node, policy_.rules, &Compiler::parse_rule);
    if (const YamlNode* node = root.find("outputs")) parse_outputs(*node);
    if (const YamlNode* node = root.find("invariants")) parse_list(*node, policy_.invariants, &Compiler::parse_invariant);
  }

  Problems& problems() { return problems_; }
  CompiledPolicy& policy() { return policy_; }

 private:
  using Parse = bool (Compiler::*)(const YamlNode&, Rule&);

  void check_keys(const YamlNode& map, const std::vector<std::string>& allowed) {
    for (const YamlNode& key : map.keys)
      if (std::find(allowed.begin(), allowed.end(), key.text) == allowed.end())
        problems_.error(key, "unknown key \"" + key.text + '"', allowed, key.text);
  }

  void parse_list(const YamlNode& list, std::vector<Rule>& into, Parse parse) {
    if (list.kind == YamlKind::null) return;
    if (list.kind != YamlKind::list) return problems_.error(list, "expected a list: - {id: …, …}");
    for (const YamlNode& node : list.items) {
      if (++rules_ > kMaxRules) return problems_.error(node, "too many rules: at most " + std::to_string(kMaxRules));
      Rule rule;
      rule.line = node.line, rule.column = node.column;
      if (node.kind != YamlKind::map) {
        problems_.error(node, "expected {id: …, …}");
      } else if (parse_id(node, rule.id) && (this->*parse)(node, rule)) {
        into.push_back(std::move(rule));
      }
    }
  }

  // An id goes into headers, records and lists: letters, digits, dot, dash, underscore.
  bool parse_id(const YamlNode& node, std::string& id) {
    constexpr std::size_t kLongestId = 100;
    const YamlNode* value = node.find("id");
    if (value == nullptr) return problems_.error(node, "no id"), false;
    const auto fits = [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
    };
    if (value->kind != YamlKind::scalar || value->text.empty() || value->text.size() > kLongestId ||
        !std::all_of(value->text.begin(), value->text.end(), fits))
      return problems_.error(*value, "an id has 1 to 100 letters, digits, '-', '.' or '_'"), false;
    const auto [at, fresh] = ids_.emplace(value->text, value->line);
    if (!fresh) return problems_.error(*value, "duplicate id \"" + value->text + "\", first used in line " + std::to_string(at->second)), false;
    return id = value->text, true;
  }

  bool parse_label(const YamlNode& node, Rule& rule) {
    check_keys(node, kLabelKeys);
    rule.kind = RuleKind::label;
    const YamlNode* level = node.find("sensitivity");
    if (level == nullptr) return problems_.error(node, "a label has a sensitivity"), false;
    const auto parsed = level->kind == YamlKind::scalar ? parse_sensitivity(level->text) : std::nullopt;
    if (!parsed) return problems_.error(*level, "\"" + level->text + "\" is no sensitivity", kLevels, level->text), false;
    rule.sensitivity = *parsed;
    return parse_clauses(node, rule);
  }

  bool parse_class(const YamlNode& node, Rule& rule) {
    check_keys(node, kClassKeys);
    rule.kind = RuleKind::work_class;
    const YamlNode* word = node.find("class");
    if (word == nullptr) return problems_.error(node, "expected a class: interactive, normal or batch"), false;
    const auto parsed = word->kind == YamlKind::scalar ? parse_work_class(word->text) : std::nullopt;
    if (!parsed) return problems_.error(*word, "\"" + word->text + "\" is no class", kWorkClasses, word->text), false;
    rule.work_class = *parsed;
    return parse_clauses(node, rule);
  }

  bool parse_rule(const YamlNode& node, Rule& rule) {
    check_keys(node, kRuleKeys);
    int verbs = 0;
    for (const auto& [key, kind] :
         {std::pair{"permit", RuleKind::permit}, std::pair{"forbid", RuleKind::forbid}, std::pair{"prefer", RuleKind::prefer}}) {
      if (const YamlNode* tier = node.find(key)) {
        ++verbs, rule.kind = kind;
        if (!parse_target(*tier, rule)) return false;
      }
    }
    if (verbs != 1) return problems_.error(node, "a rule has one of permit, forbid and prefer"), false;
    if (const YamlNode* list = node.find("require"); list != nullptr && !parse_requirements(*list, rule)) return false;
    return parse_clauses(node, rule);
  }

  bool parse_invariant(const YamlNode& node, Rule& rule) {
    check_keys(node, kInvariantKeys);
    rule.kind = RuleKind::invariant;
    const YamlNode* tier = node.find("never");
    if (tier == nullptr) return problems_.error(node, "an invariant says never: local or never: cloud"), false;
    return parse_target(*tier, rule) && parse_clauses(node, rule);
  }

  bool parse_target(const YamlNode& node, Rule& rule) {
    const auto tier = node.kind == YamlKind::scalar ? parse_tier(node.text) : std::nullopt;
    if (!tier) return problems_.error(node, "expected local or cloud", kTiers, node.text), false;
    return rule.tier = *tier, true;
  }

  bool parse_requirements(const YamlNode& list, Rule& rule) {
    static const std::vector<std::string> names = [] {
      std::vector<std::string> all;
      for (const Requirement r : kRequirements) all.emplace_back(to_string(r));
      return all;
    }();
    if (rule.kind != RuleKind::permit) return problems_.error(list, "only a permit requires something"), false;
    if (list.kind != YamlKind::list || list.items.empty()) return problems_.error(list, "expected a list: [redact, …]"), false;
    for (const YamlNode& item : list.items) {
      const auto at = std::find(names.begin(), names.end(), item.text);
      if (at == names.end()) return problems_.error(item, "unknown requirement \"" + item.text + '"', names, item.text), false;
      const Requirement requirement = kRequirements[static_cast<std::size_t>(at - names.begin())];
      if (std::find(rule.requires_.begin(), rule.requires_.end(), requirement) != rule.requires_.end())
        return problems_.error(item, "\"" + item.text + "\" stands here twice"), false;
      rule.requires_.push_back(requirement);
    }
    return true;
  }

  bool parse_clauses(const YamlNode& node, Rule& rule) {
    if (const YamlNode* when = node.find("when")) rule.when = store(clauses_.parse(*when, {rule.kind, ClauseRole::when}));
    if (const YamlNode* unless = node.find("unless")) rule.unless = store(clauses_.parse(*unless, {rule.kind, ClauseRole::unless}));
    return true;
  }

  Clause store(ParsedClause parsed) {
    const auto append = [&](std::vector<Condition>& from) {
      ConditionRange range{static_cast<std::uint32_t>(policy_.conditions.size()), 0};
      std::move(from.begin(), from.end(), std::back_inserter(policy_.conditions));
      range.end = static_cast<std::uint32_t>(policy_.conditions.size());
      return range;
    };
    const ConditionRange request = append(parsed.request);
    return {request, append(parsed.candidate)};
  }

  void parse_outputs(const YamlNode& node) {
    if (node.kind != YamlKind::map) return problems_.error(node, "expected {mask: [TYPE, …]}");
    check_keys(node, kOutputKeys);
    const YamlNode* mask = node.find("mask");
    if (mask == nullptr) return;
    if (mask->kind != YamlKind::list || mask->items.size() > kMaxListLength) return problems_.error(*mask, "expected a list of finding types");
    for (const YamlNode& type : mask->items)
      if (clauses_.check_type(type, type.text)) policy_.mask_in_answers.push_back(type.text);
  }

  Problems problems_;
  ClauseCompiler clauses_;
  CompiledPolicy policy_;
  std::map<std::string, int, std::less<>> ids_;
  std::size_t rules_ = 0;
};

void list_attributes_read(CompiledPolicy& policy) {
  std::set<std::string> names;
  for (const Field field : kAlwaysRead) names.emplace(to_string(field));
  for (const Condition& c : policy.conditions) names.insert(c.field == Field::finding_type ? "findings." + c.type : std::string(to_string(c.field)));
  policy.attributes_read.assign(names.begin(), names.end());
  policy.reads_time_as_text = std::any_of(policy.conditions.begin(), policy.conditions.end(),
                                          [](const Condition& c) { return c.field == Field::time && c.test == Test::matches; });
}

void list_types_of_labels(CompiledPolicy& policy, const FindingTypes& types) {
  FindingTypes named;
  const auto add = [&](ConditionRange range) {
    for (std::uint32_t i = range.begin; i < range.end; ++i) {
      const Condition& c = policy.conditions[i];
      if (c.field == Field::finding_type) named.insert(c.type);
      if (c.field != Field::findings) continue;
      named.insert(c.texts.begin(), c.texts.end());
      if (c.test != Test::matches) continue;
      for (const std::string& type : types)
        if (RE2::PartialMatch(type, *c.pattern)) named.insert(type);
    }
  };
  for (const Rule& label : policy.labels) add(label.when.request), add(label.unless.request);
  policy.types_of_labels.assign(named.begin(), named.end());
}

bool mentions(const CompiledPolicy& policy, ConditionRange range, const std::string& workload) {
  for (std::uint32_t i = range.begin; i < range.end; ++i) {
    const Condition& c = policy.conditions[i];
    if (c.field != Field::workload) continue;
    if (c.test == Test::any) return true;
    if (c.test == Test::one_of && std::binary_search(c.texts.begin(), c.texts.end(), workload)) return true;
    if (c.test == Test::matches && RE2::PartialMatch(workload, *c.pattern)) return true;
  }
  return false;
}

}  // namespace

Result<CompiledPolicy, std::vector<PolicyProblem>> compile(std::string_view yaml_text, std::string_view file_name, const Routing& routing,
                                                           const FindingTypes* covered) {
  const auto refuse = [](PolicyProblem problem) { return fail(std::vector<PolicyProblem>{std::move(problem)}); };
  const auto root = parse_yaml(yaml_text, {.bytes = kMaxFileBytes, .depth = 8, .nodes = 400'000});
  if (!root) return refuse({Severity::error, std::string(file_name), root.error().line, root.error().column, root.error().message});
  if (root->kind == YamlKind::null) return refuse({Severity::error, std::string(file_name), 0, 0, "the file is empty"});

  FindingTypes types = known_finding_types();
  if (covered != nullptr) types.insert(covered->begin(), covered->end());
  Compiler compiler(file_name, types);
  compiler.run(*root);
  if (compiler.problems().any_error()) return fail(compiler.problems().take());

  CompiledPolicy& policy = compiler.policy();
  policy.digest = "sha256:" + sha256_hex(yaml_text);
  list_attributes_read(policy);
  list_types_of_labels(policy, types);
  find_suspicious(policy, routing, covered, compiler.problems());
  policy.warnings = compiler.problems().take();
  return std::move(policy);
}

CompiledPolicy default_policy() {
  auto policy = compile(kDefaultPolicy, "built in", Routing{});
  CHECK(policy.ok());
  return std::move(policy).value();
}

std::vector<std::string> open_workloads(const CompiledPolicy& policy, const Routing& routing) {
  std::vector<std::string> open;
  for (const WorkloadSpec& workload : routing.workloads) {
    const bool closed = std::any_of(policy.rules.begin(), policy.rules.end(), [&](const Rule& rule) {
      return rule.kind == RuleKind::permit &&
             (mentions(policy, rule.when.request, workload.name) || mentions(policy, rule.unless.request, workload.name));
    });
    if (!closed) open.push_back(workload.name);
  }
  return open;
}

}  // namespace demarc::policy
