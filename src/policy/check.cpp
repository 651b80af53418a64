#include "policy/check.hpp"

#include <algorithm>
#include <functional>

namespace demarc::policy {
namespace {

class Checker {
 public:
  Checker(const CompiledPolicy& policy, const Routing& routing, Problems& problems)
      : policy_(policy), problems_(problems), workloads_(names(routing.workloads)), upstreams_(names(routing.upstreams)) {}

  void no_permit() {
    if (std::none_of(policy_.rules.begin(), policy_.rules.end(), [](const Rule& rule) { return rule.kind == RuleKind::permit; }))
      problems_.warning(0, 0, "no permit: every request is denied");
  }

  void never_holds(const Rule& rule) {
    each_condition(rule.when, [&](const Condition& c) {
      const bool upstream_of_other_tier = c.field == Field::upstream_tier && rule.kind != RuleKind::label && c.test == Test::one_of &&
                                          (c.mask >> static_cast<unsigned>(rule.tier) & 1U) == 0;
      const bool provider_of_local = c.field == Field::upstream_provider && rule.tier == Tier::local && c.test != Test::none;
      if (!can_hold(c) || upstream_of_other_tier || provider_of_local) warn(rule, "never holds: no request fits " + c.source);
    });
    if (sensitivity_below_declared(rule)) warn(rule, "never holds: sensitivity is never below declared");
  }

  void raises_nothing(const Rule& label) {
    if (label.sensitivity == Sensitivity::public_) warn(label, "raises nothing: public is the lowest sensitivity");
  }

  void classes_behind_all() {
    const auto all = std::ranges::find_if(policy_.classes, [](const Rule& rule) { return rule.when.empty() && rule.unless.empty(); });
    if (all == policy_.classes.end()) return;
    for (auto rule = std::next(all); rule != policy_.classes.end(); ++rule) warn(*rule, "has no effect: " + all->id + " before it holds always");
  }

  void shadowed() {
    for (const Tier tier : {Tier::local, Tier::cloud}) {
      const auto all = std::find_if(policy_.rules.begin(), policy_.rules.end(), [&](const Rule& rule) {
        return rule.kind == RuleKind::forbid && rule.tier == tier && rule.when.empty() && rule.unless.empty();
      });
      if (all == policy_.rules.end()) continue;
      for (const Rule& rule : policy_.rules)
        if (rule.tier == tier && (rule.kind == RuleKind::permit || rule.kind == RuleKind::prefer))
          warn(rule, "has no effect: " + all->id + " forbids all of " + std::string(to_string(tier)));
    }
  }

  void requirement_beside_none() {
    constexpr std::size_t kMostPairs = 1'000'000;  // beyond, the rest goes unwarned rather than making a reload slow
    std::size_t pairs = 0;
    for (const Rule& with : policy_.rules) {
      if (with.kind != RuleKind::permit || with.requires_.empty()) continue;
      for (const Rule& without : policy_.rules) {
        if (++pairs > kMostPairs) return;
        if (without.kind != RuleKind::permit || without.tier != with.tier || !without.requires_.empty() || disjoint(with, without)) continue;
        warn(with, "requires what " + without.id + " does not: where both match, the requirement counts");
        break;
      }
    }
  }

  void unknown_names(const Rule& rule) {
    const auto look_up = [&](const Condition& c, const std::vector<std::string>& known, std::string_view what) {
      if (c.test != Test::one_of || known.empty()) return;
      for (const std::string& text : c.texts)
        if (std::find(known.begin(), known.end(), text) == known.end())
          problems_.warning(rule.line, rule.column, rule.id + ": no " + std::string(what) + " \"" + text + "\" in demarc.yaml", known, text);
    };
    const auto look = [&](const Condition& c) {
      if (c.field == Field::workload) look_up(c, workloads_, "workload");
      if (c.field == Field::upstream_name) look_up(c, upstreams_, "upstream");
    };
    each_condition(rule.when, look), each_condition(rule.unless, look);
  }

  void uncovered_types(const Rule& rule, const FindingTypes& covered) {
    const auto look = [&](const Condition& c) {
      if (c.field == Field::finding_type) uncovered(rule, c.type, covered);
      if (c.field != Field::findings) return;
      for (const std::string& type : c.texts) uncovered(rule, type, covered);
    };
    each_condition(rule.when, look), each_condition(rule.unless, look);
  }

 private:
  void warn(const Rule& rule, const std::string& message) { problems_.warning(rule.line, rule.column, rule.id + ": " + message); }

  void uncovered(const Rule& rule, const std::string& type, const FindingTypes& covered) {
    if (!covered.contains(type)) warn(rule, "no configured detector looks for " + type + ": it always counts 0");
  }

  template <class Named>
  static std::vector<std::string> names(const std::vector<Named>& list) {
    std::vector<std::string> out;
    for (const Named& item : list) out.push_back(item.name);
    return out;
  }

  void each_condition(const Clause& clause, const std::function<void(const Condition&)>& visit) const {
    for (const ConditionRange range : {clause.request, clause.candidate})
      for (std::uint32_t i = range.begin; i < range.end; ++i) visit(policy_.conditions[i]);
  }

  static bool can_hold(const Condition& c) {
    switch (c.test) {
      case Test::one_of: return c.mask != 0 || !c.texts.empty();
      case Test::in_range: return c.low <= c.high && (kind_of(c.field) == ValueKind::money || kind_of(c.field) == ValueKind::time || c.high >= 0);
      case Test::none: return c.field != Field::operation && kind_of(c.field) != ValueKind::sensitivity && kind_of(c.field) != ValueKind::tier;
      case Test::number_of:
      case Test::matches:
      case Test::any: return true;
    }
    return true;
  }

  bool sensitivity_below_declared(const Rule& rule) const {
    std::uint32_t sensitivity = 0xF, declared = 0xF;
    each_condition(rule.when, [&](const Condition& c) {
      if (c.test == Test::one_of && c.field == Field::sensitivity) sensitivity &= c.mask;
      if (c.test == Test::one_of && c.field == Field::declared) declared &= c.mask;
    });
    const std::uint32_t lowest_declared = declared & ~(declared - 1);
    return sensitivity != 0 && declared != 0 && sensitivity < lowest_declared;
  }

  // Can no request match both? Only what one attribute alone shows; "no" is no proof that one can.
  bool disjoint(const Rule& a, const Rule& b) const {
    bool found = false;
    each_condition(a.when, [&](const Condition& x) {
      each_condition(b.when, [&](const Condition& y) { found = found || (x.field == y.field && x.type == y.type && disjoint(x, y)); });
    });
    return found;
  }

  static bool disjoint(const Condition& a, const Condition& b) {
    const auto needs_one = [](const Condition& c) { return c.test == Test::any || c.test == Test::one_of || c.test == Test::matches; };
    if ((a.test == Test::none && needs_one(b)) || (b.test == Test::none && needs_one(a))) return a.field != Field::findings;
    if (a.test == Test::in_range && b.test == Test::in_range) return std::max(a.low, b.low) > std::min(a.high, b.high);
    if (a.test != Test::one_of || b.test != Test::one_of || a.field == Field::findings) return false;
    if (!a.texts.empty() && !b.texts.empty())
      return std::none_of(a.texts.begin(), a.texts.end(), [&](const auto& text) { return std::binary_search(b.texts.begin(), b.texts.end(), text); });
    return (a.mask & b.mask) == 0;
  }

  const CompiledPolicy& policy_;
  Problems& problems_;
  std::vector<std::string> workloads_, upstreams_;
};

}  // namespace

void find_suspicious(const CompiledPolicy& policy, const Routing& routing, const FindingTypes* covered, Problems& problems) {
  Checker checker(policy, routing, problems);
  checker.no_permit();
  for (const Rule& label : policy.labels) checker.raises_nothing(label);
  for (const std::vector<Rule>* list : {&policy.labels, &policy.classes, &policy.rules, &policy.invariants}) {
    for (const Rule& rule : *list) {
      checker.never_holds(rule);
      checker.unknown_names(rule);
      if (covered != nullptr) checker.uncovered_types(rule, *covered);
    }
  }
  checker.classes_behind_all();
  checker.shadowed();
  checker.requirement_beside_none();
}

}  // namespace demarc::policy
