// Test only: a second reading of config.md's Meaning, written to be obviously right instead of fast: it works on words, tests every rule for every
// candidate from scratch and ranks by whole keys.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "policy/decide.hpp"

namespace demarc::policy {

using Kleene = std::optional<bool>;
using Words = std::vector<std::string>;

inline Kleene also(Kleene a, Kleene b) {
  if (a == false || b == false) return false;
  return a && b ? Kleene(true) : std::nullopt;
}
inline Kleene negated(Kleene a) { return a ? Kleene(!*a) : std::nullopt; }

struct Value {  // of one attribute
  enum Kind { absent, unknown, word, number, list } kind = absent;
  std::string text{};
  double amount = 0;
  Words items{};
};

struct SlowCondition {
  std::string attribute, op;  // is, one_of, any, none, over, under, at_least, at_most, matches
  Words words{};
  double bound = 0;
  std::string yaml() const {
    std::string values;
    for (const auto& w : words) values += (values.empty() ? "" : ", ") + w;
    const std::string number = std::to_string(static_cast<long>(bound));
    const std::string level = words.empty() ? number : words[0];
    if (op == "any" || op == "none") return attribute + ": " + op;
    if (op == "is") return attribute + ": " + (words.empty() ? number : words[0]);
    if (op == "one_of") return attribute + ": [" + values + "]";
    if (op == "matches") return attribute + ": {matches: '" + words[0] + "'}";
    return attribute + ": {" + op + ": " + level + "}";
  }
};

struct SlowRule {
  std::string id, kind, tier;
  std::vector<SlowCondition> when, unless;
  Words require{};
};

inline int level_of(const std::string& name) { return static_cast<int>(*parse_sensitivity(name)); }

inline bool compares(const std::string& op, double a, double b) {
  return op == "over" ? a > b : op == "under" ? a < b : op == "at_least" ? a >= b : op == "at_most" ? a <= b : a == b;
}

inline bool fits(const SlowCondition& c, const std::string& word) {  // patterns of this test are ^prefix
  if (c.op == "matches") return word.starts_with(c.words[0].substr(1));
  return std::find(c.words.begin(), c.words.end(), word) != c.words.end();
}

inline Kleene holds(const SlowCondition& c, const Value& v, bool every) {
  const bool about_sensitivity = c.attribute == "sensitivity" || c.attribute == "declared";
  switch (v.kind) {
    case Value::unknown: return std::nullopt;
    case Value::absent: return c.op == "none";
    case Value::word:
      if (c.op == "any" || c.op == "none") return c.op == "any";
      if (about_sensitivity && c.op != "is" && c.op != "one_of") return compares(c.op, level_of(v.text), level_of(c.words[0]));
      return fits(c, v.text);
    case Value::number:
      if (c.op == "any" || c.op == "none") return (v.amount > 0) == (c.op == "any");
      return compares(c.op, v.amount, c.bound);
    case Value::list: break;
  }
  if (!c.words.empty()) {
    const auto fit = [&](const std::string& item) { return fits(c, item); };
    return every ? !v.items.empty() && std::all_of(v.items.begin(), v.items.end(), fit) : std::any_of(v.items.begin(), v.items.end(), fit);
  }
  return holds(c, {Value::number, "", v.amount}, every);  // amount: length, or direct findings
}

struct Slow {
  const Routing& routing;
  const Attributes& a;
  const States& states;
  const std::vector<SlowRule>& rules;
  std::string sensitivity{}, declared{};

  template <class T>
  static Value count(const Attribute<T>& v) {
    return v.unknown() ? Value{Value::unknown} : v.get() ? Value{Value::number, "", static_cast<double>(*v.get())} : Value{};
  }
  static Value word(const Attribute<std::string>& v) {
    return v.unknown() ? Value{Value::unknown} : v.get() ? Value{Value::word, *v.get()} : Value{};
  }
  static Value words(const Attribute<Words>& v) {
    return v.unknown() ? Value{Value::unknown} : Value{Value::list, "", static_cast<double>(v.get()->size()), *v.get()};
  }
  static Value flag(std::optional<bool> v) { return v ? Value{Value::word, *v ? "true" : "false"} : Value{Value::unknown}; }

  Value value(const std::string& name, const UpstreamSpec* u, const ModelSpec* m, const CandidateState* s) const {
    if (name == "caller.team") return word(a.caller_team);
    if (name == "workload") return word(a.workload);
    if (name == "operation") return {Value::word, std::string(to_string(a.operation))};
    if (name == "model") return {Value::word, a.model};
    if (name == "sensitivity") return {Value::word, sensitivity};
    if (name == "declared") return {Value::word, declared};
    if (name == "output_tokens") return count(a.output_tokens);
    if (name == "tools") return count(a.tools);
    if (name == "repository") return words(a.repository);
    if (name == "stream") return flag(*a.stream.get());
    if (name == "media") {
      Value v{Value::list};
      for (const Media medium : *a.media.get()) v.items.emplace_back(medium == Media::image ? "image" : medium == Media::audio ? "audio" : "file");
      v.amount = static_cast<double>(v.items.size());
      return v;
    }
    if (name == "findings") {
      if (a.findings.unknown()) return {Value::unknown};
      Value v{Value::list};
      for (const auto& [type, n] : *a.findings.get()) {
        if (n > 0) v.items.push_back(type);
        if (type != "LOCATION") v.amount += n;
      }
      return v;
    }
    if (name == "findings.PERSON") {
      if (a.findings.unknown()) return {Value::unknown};
      const auto at = a.findings.get()->find("PERSON");
      return {Value::number, "", at == a.findings.get()->end() ? 0.0 : at->second};
    }
    if (name == "budget.left_usd") {
      if (a.budget_left.unknown()) return {Value::unknown};
      const Money* left = std::get_if<Money>(a.budget_left.get());
      return {Value::number, "", left ? static_cast<double>(left->pico()) / 1e12 : 1e300};
    }
    if (name == "upstream.name") return {Value::word, u->name};
    if (name == "upstream.model") return {Value::word, m->name};
    if (name == "upstream.region") return u->region ? Value{Value::word, *u->region} : Value{Value::unknown};
    if (name == "upstream.provider") return u->tier == Tier::cloud ? Value{Value::word, std::string(to_string(u->provider))} : Value{};
    if (name == "upstream.healthy") return flag(s->healthy);
    if (name == "upstream.queue_ms") return s->queue_ms ? Value{Value::number, "", static_cast<double>(*s->queue_ms)} : Value{Value::unknown};
    if (name == "upstream.quality_percent") return s->quality ? Value{Value::number, "", std::round(*s->quality * 100)} : Value{Value::unknown};
    ADD_FAILURE() << name;
    return {};
  }

  bool effective(const SlowRule& rule, const UpstreamSpec* u, const ModelSpec* m, const CandidateState* s) const {
    const bool permit = rule.kind == "permit", prefer = rule.kind == "prefer";
    Kleene when = true, unless = rule.unless.empty() ? Kleene(false) : Kleene(true);
    for (const auto& c : rule.when) when = also(when, holds(c, value(c.attribute, u, m, s), permit));
    for (const auto& c : rule.unless) unless = also(unless, holds(c, value(c.attribute, u, m, s), !permit && !prefer));
    const Kleene truth = also(when, negated(unless));
    return permit || prefer ? truth == true : truth != false;
  }

  bool meets(const std::string& requirement, const UpstreamSpec& u, const CandidateState& s) const {
    if (requirement == "no_store") return u.tier == Tier::local || u.no_store;
    if (requirement == "declared") return a.header_sensitivity.get() != nullptr;
    if (requirement == "pinned_model") return s.pinned ? *s.pinned : u.engine.has_value();
    const auto& media = *a.media.get();
    return !a.findings.unknown() && a.operation != Operation::embedding && a.operation != Operation::fim &&
           std::find(media.begin(), media.end(), Media::audio) == media.end();
  }

  struct Pick {
    std::size_t u, m;
    double position;
    Words permits{}, requirements{};
    std::vector<double> key{};
  };

  std::vector<Pick> named() const {
    std::vector<Pick> picks;
    const auto add = [&](std::size_t u, std::size_t m, double position) {
      for (const Pick& pick : picks)
        if (pick.u == u && pick.m == m) return;
      picks.push_back({u, m, position});
    };
    const auto add_targets = [&](const std::vector<NamedTargets>& lists, double base) {
      for (const auto& list : lists)
        for (std::size_t t = 0; list.name == a.model && t < list.targets.size(); ++t)
          for (std::size_t u = 0; u < routing.upstreams.size(); ++u)
            for (std::size_t m = 0; m < routing.upstreams[u].models.size(); ++m)
              if (routing.upstreams[u].name == list.targets[t].upstream &&
                  (list.targets[t].model.empty() || list.targets[t].model == routing.upstreams[u].models[m].name))
                add(u, m, base + static_cast<double>(t));
    };
    for (std::size_t u = 0; u < routing.upstreams.size(); ++u)
      for (std::size_t m = 0; m < routing.upstreams[u].models.size(); ++m)
        if (a.model == "auto" || a.model == routing.upstreams[u].models[m].name) add(u, m, 0);
    add_targets(routing.aliases, 0);
    add_targets(routing.substitutes, 1000);
    std::erase_if(picks, [&](const Pick& pick) {
      const ModelSpec& model = routing.upstreams[pick.u].models[pick.m];
      const bool serves = std::find(model.serves.begin(), model.serves.end(), a.operation) != model.serves.end();
      return !serves || (model.context_tokens && *a.context_tokens.get() > *model.context_tokens);
    });
    return picks;
  }

  static void add_once(Words& list, const std::string& word) {
    if (std::find(list.begin(), list.end(), word) == list.end()) list.push_back(word);
  }
  Words in_file_order(const Words& ids) const {
    Words out;
    for (const auto& rule : rules)
      if (std::find(ids.begin(), ids.end(), rule.id) != ids.end()) out.push_back(rule.id);
    return out;
  }

  // One line that says everything that is compared.
  std::string decide(const WorkloadSpec* workload) {
    int level = static_cast<int>(routing.default_sensitivity);
    if (a.header_sensitivity.get()) level = std::max(level, static_cast<int>(*a.header_sensitivity.get()));
    if (workload != nullptr && workload->sensitivity) level = std::max(level, static_cast<int>(*workload->sensitivity));
    declared = to_string(static_cast<Sensitivity>(level));
    for (const auto& rule : rules)
      if (rule.kind == "label" && effective(rule, nullptr, nullptr, nullptr)) level = std::max(level, level_of(rule.tier));
    sensitivity = to_string(static_cast<Sensitivity>(level));

    std::vector<Pick> up;
    Words down_rules, deny_rules;
    bool permitted = false, closed = false;
    for (Pick pick : named()) {
      const UpstreamSpec& u = routing.upstreams[pick.u];
      const CandidateState& s = states[pick.u][pick.m];
      Words forbids, failing;
      for (const auto& rule : rules) {
        if (rule.kind == "label" || rule.tier != to_string(u.tier)) continue;
        const bool effect = effective(rule, &u, &u.models[pick.m], &s);
        if (rule.kind == "prefer") pick.key.push_back(effect ? 0 : 1);
        if (effect && rule.kind == "forbid") forbids.push_back(rule.id);
        if (!effect || rule.kind != "permit") continue;
        pick.permits.push_back(rule.id);
        for (const auto& requirement : rule.require) {
          add_once(pick.requirements, requirement);
          if (!meets(requirement, u, s)) add_once(failing, rule.id);
        }
      }
      const bool shut = u.tier == Tier::cloud && (a.findings.unknown() || a.budget_left.unknown());
      closed = closed || shut;
      deny_rules.insert(deny_rules.end(), forbids.begin(), forbids.end());
      if (forbids.empty() && !shut) deny_rules.insert(deny_rules.end(), failing.begin(), failing.end());
      if (!forbids.empty() || shut || !failing.empty() || pick.permits.empty()) continue;
      permitted = true;
      if (s.healthy != true) down_rules.insert(down_rules.end(), pick.permits.begin(), pick.permits.end());
      if (s.healthy != true) continue;
      up.push_back(pick);
    }
    for (Pick& pick : up) finish_key(pick, workload);
    std::sort(up.begin(), up.end(), [](const Pick& x, const Pick& y) { return x.key < y.key; });
    if (a.operation == Operation::embedding && up.size() > 1) up.resize(1);  // no two models of this test share a space

    std::string out = !up.empty() ? "permit" : permitted ? "unavailable" : "deny";
    out += " " + sensitivity + " rules";
    Words determining = !up.empty() ? up.front().permits : in_file_order(permitted ? down_rules : deny_rules);
    if (!permitted && closed) determining.emplace_back(kFailClosed);
    for (const auto& id : determining) out += " " + id;
    for (const Pick& pick : up) {
      out += " | " + std::to_string(pick.u) + "." + std::to_string(pick.m);
      for (const auto& id : pick.permits) out += " " + id;
      for (const auto& requirement : pick.requirements) out += " " + requirement;
    }
    return out;
  }

  // The key of a candidate has one place for every prefer of either tier; those of the other tier match none of its own.
  void finish_key(Pick& pick, const WorkloadSpec* workload) const {
    const UpstreamSpec& u = routing.upstreams[pick.u];
    const CandidateState& s = states[pick.u][pick.m];
    std::vector<double> key;
    std::size_t own = 0;
    for (const auto& rule : rules)
      if (rule.kind == "prefer") key.push_back(rule.tier == to_string(u.tier) ? pick.key[own++] : 1);
    key.push_back(pick.position);
    key.push_back(workload && workload->quality_floor && s.quality && *s.quality < *workload->quality_floor ? 1 : 0);
    key.push_back(!s.queue_ms ? 4 : *s.queue_ms < 250 ? 0 : *s.queue_ms < 1000 ? 1 : *s.queue_ms < 5000 ? 2 : 3);
    key.push_back(s.price_usd.value_or(1e300));
    key.push_back(static_cast<double>(pick.u)), key.push_back(static_cast<double>(pick.m));
    pick.key = key;
  }
};

}  // namespace demarc::policy
