#include "policy/explain.hpp"

#include <algorithm>

#include "core/json/writer.hpp"
#include "policy/judge.hpp"

namespace demarc::policy {
namespace {

class Explainer {
 public:
  Explainer(const CompiledPolicy& policy, const Routing& routing, const Attributes& attributes, const States& states,
            const Capabilities& capabilities)
      : policy_(policy), routing_(routing), states_(states), capabilities_(capabilities), facts_(policy, routing, attributes) {}

  Explanation run() {
    Explanation out;
    out.decision = decide(policy_, routing_, facts_.attributes, states_, capabilities_);
    LevelFact raised = facts_.sensitivity;
    for (const Rule& label : policy_.labels) {
      out.labels.push_back(explain_rule(label, nullptr));
      if (out.labels.back().takes_effect) raised.raise_to(label.sensitivity);
    }
    if (facts_.attributes.conversation_sensitivity) raised.raise_to(*facts_.attributes.conversation_sensitivity);
    facts_.sensitivity = raised;
    for (const Rule& rule : policy_.classes) out.classes.push_back(explain_rule(rule, nullptr));
    if (const Rule* rule = class_rule(policy_, routing_, facts_.attributes)) out.class_rule = rule->id, out.class_given = rule->work_class;

    std::vector<Candidate> candidates;
    find_candidates(routing_, states_, facts_, capabilities_.only_tier, capabilities_.only_candidate, candidates);
    Judge judge;
    judge.judge(policy_, routing_, states_, capabilities_, facts_, candidates);
    for (std::size_t c = 0; c < candidates.size(); ++c) out.candidates.push_back(explain_candidate(candidates[c], judge.verdicts()[c], out.decision));
    return out;
  }

 private:
  ExplainedCandidate explain_candidate(const Candidate& candidate, const Verdict& verdict, const Decision& decision) {
    const CandidateFacts at = candidate_facts(routing_, states_, candidate);
    ExplainedCandidate out{at.upstream.name, at.model.name, at.upstream.tier, outcome(candidate, at, verdict, decision), {}, {}};
    if (const PlannedAttempt* planned = planned_for(candidate, decision)) out.requires_ = planned->requires_;
    for (const Rule& rule : policy_.rules)
      if (rule.tier == at.upstream.tier) out.rules.push_back(explain_rule(rule, &at));
    for (const Rule& rule : policy_.invariants)
      if (rule.tier == at.upstream.tier) out.rules.push_back(explain_rule(rule, &at));
    return out;
  }

  ExplainedRule explain_rule(const Rule& rule, const CandidateFacts* at) {
    ExplainedRule out{rule.id, rule.kind, at ? rule_truth(policy_, rule, facts_, *at) : rule_truth(policy_, rule, facts_), false, {}, {}};
    out.takes_effect = takes_effect(rule.kind, out.truth);
    const auto add = [&](ConditionRange range, bool exception) {
      for (std::uint32_t i = range.begin; i < range.end; ++i) {
        const Condition& c = policy_.conditions[i];
        out.conditions.push_back({c.source, at != nullptr && is_per_candidate(c.field) ? test(c, *at) : test(c, facts_), exception});
      }
    };
    add(rule.when.request, false), add(rule.when.candidate, false);
    add(rule.unless.request, true), add(rule.unless.candidate, true);
    if (at != nullptr)
      for (const Requirement requirement : rule.requires_)
        if (!can_meet(requirement, routing_, facts_, *at, capabilities_)) out.unmet.push_back(requirement);
    return out;
  }

  static const PlannedAttempt* planned_for(const Candidate& candidate, const Decision& decision) {
    const auto found =
        std::ranges::find_if(decision.plan, [&](const PlannedAttempt& p) { return p.upstream == candidate.upstream && p.model == candidate.model; });
    return found == decision.plan.end() ? nullptr : &*found;
  }

  static std::string outcome(const Candidate& candidate, const CandidateFacts& at, const Verdict& verdict, const Decision& decision) {
    if (const PlannedAttempt* planned = planned_for(candidate, decision)) {
      const auto i = planned - decision.plan.data();
      return i == 0 ? "chosen" : "number " + std::to_string(i + 1) + " of the plan";
    }
    if (candidate.too_long) return "the request is too long for it";
    switch (verdict.standing) {
      case CandidateStanding::permitted: break;
      case CandidateStanding::forbidden: return verdict.fail_closed ? std::string(kFailClosed) : "forbidden";
      case CandidateStanding::no_permit: return "no permit";
      case CandidateStanding::requirement_failed: return "a requirement cannot be met";
    }
    if (!at.healthy()) return at.state.healthy ? "permitted, but down" : "permitted, but of unknown health";
    return decision.cause == "invariant" ? "would break an invariant, or stands beside one that does" : "permitted, but of another vector space";
  }

  const CompiledPolicy& policy_;
  const Routing& routing_;
  const States& states_;
  const Capabilities& capabilities_;
  RequestFacts facts_;
};

std::string join(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : ", ") + word;
  return out.empty() ? "-" : out;
}

// `text` in lines of at most 80 columns, the later ones indented.
void append_wrapped(std::string& out, std::string text, std::size_t indent) {
  constexpr std::size_t kColumns = 80;
  while (text.size() > kColumns) {
    std::size_t cut = text.rfind(' ', kColumns);
    if (cut == std::string::npos || cut <= indent) cut = kColumns;
    out += text.substr(0, cut) + '\n';
    text = std::string(indent, ' ') + text.substr(text[cut] == ' ' ? cut + 1 : cut);
  }
  out += text + '\n';
}

std::string column(std::string_view text, std::size_t width) {
  std::string out(text);
  out.resize(std::max(width, out.size() + 1), ' ');
  return out;
}

void append_rule(std::string& out, const ExplainedRule& rule) {
  std::string head = "  " + column(to_string(rule.truth), 8) + column(to_string(rule.kind), 10) + rule.id;
  if (!rule.takes_effect && rule.truth == Truth::unknown) head += "  (counts only if true)";
  if (rule.takes_effect && rule.truth == Truth::unknown) head += "  (counts, to be safe)";
  for (const Requirement requirement : rule.unmet) head += "  cannot meet: " + std::string(to_string(requirement));
  append_wrapped(out, head, 20);
  for (const ExplainedCondition& c : rule.conditions)
    append_wrapped(out, "    " + column(to_string(c.truth), 8) + column(c.exception ? "unless" : "when", 8) + c.text, 20);
}

void rule_json(JsonWriter& json, const ExplainedRule& rule) {
  json.object([&] {
    json.field("id", rule.id);
    json.field("kind", to_string(rule.kind));
    json.field("truth", to_string(rule.truth));
    json.field("takes_effect", rule.takes_effect);
    json.array("conditions", [&] {
      for (const ExplainedCondition& c : rule.conditions)
        json.object(
            [&] { json.field("clause", c.exception ? "unless" : "when"), json.field("text", c.text), json.field("truth", to_string(c.truth)); });
    });
    json.array("unmet", [&] {
      for (const Requirement requirement : rule.unmet) json.value(to_string(requirement));
    });
  });
}

void list_json(JsonWriter& json, std::string_view name, const std::vector<std::string>& words) {
  json.array(name, [&] {
    for (const std::string& word : words) json.value(word);
  });
}

std::string required(const ExplainedCandidate& candidate) {
  std::string out;
  for (const Requirement requirement : candidate.requires_) out += (out.empty() ? "; requires " : ", ") + std::string(to_string(requirement));
  return out;
}

}  // namespace

Explanation explain(const CompiledPolicy& policy, const Routing& routing, const Attributes& attributes, const States& states,
                    const Capabilities& capabilities) {
  return Explainer(policy, routing, attributes, states, capabilities).run();
}

std::string print(const Explanation& explanation) {
  const Decision& d = explanation.decision;
  std::string out;
  append_wrapped(out, column("effect", 13) + std::string(to_string(d.effect)) + (d.cause.empty() ? "" : " (" + d.cause + ")"), 13);
  append_wrapped(out, column("rules", 13) + join(d.rules), 13);
  append_wrapped(out, column("matched", 13) + join(d.matched), 13);
  append_wrapped(out, column("sensitivity", 13) + std::string(to_string(d.sensitivity)) + ", declared " + std::string(to_string(d.declared)), 13);
  if (explanation.class_given)
    append_wrapped(out, column("class", 13) + std::string(to_string(*explanation.class_given)) + ", by " + explanation.class_rule, 13);
  for (const auto& [title, rules] : {std::pair{"labels", &explanation.labels}, std::pair{"classes", &explanation.classes}}) {
    if (!rules->empty()) out += "\n" + std::string(title) + "\n";
    for (const ExplainedRule& rule : *rules) append_rule(out, rule);
  }
  for (const ExplainedCandidate& candidate : explanation.candidates) {
    out += '\n';
    append_wrapped(
        out,
        candidate.upstream + "/" + candidate.model + " (" + std::string(to_string(candidate.tier)) + "): " + candidate.outcome + required(candidate),
        2);
    for (const ExplainedRule& rule : candidate.rules) append_rule(out, rule);
  }
  if (explanation.candidates.empty())
    out += d.model_known ? "\nno upstream serves this operation under this name at this length\n" : "\nthe model's name is found nowhere\n";
  return out;
}

std::string to_json(const Explanation& explanation) {
  const Decision& d = explanation.decision;
  std::string out;
  JsonWriter json(out);
  json.object([&] {
    json.field("effect", to_string(d.effect));
    json.field("cause", d.cause);
    list_json(json, "rules", d.rules);
    list_json(json, "matched", d.matched);
    json.field("declared", to_string(d.declared));
    json.field("sensitivity", to_string(d.sensitivity));
    list_json(json, "attributes_read", d.read);
    json.array("labels", [&] {
      for (const ExplainedRule& label : explanation.labels) rule_json(json, label);
    });
    if (explanation.class_given) json.field("class", to_string(*explanation.class_given)), json.field("class_rule", explanation.class_rule);
    json.array("classes", [&] {
      for (const ExplainedRule& rule : explanation.classes) rule_json(json, rule);
    });
    json.array("candidates", [&] {
      for (const ExplainedCandidate& candidate : explanation.candidates)
        json.object([&] {
          json.field("upstream", candidate.upstream);
          json.field("model", candidate.model);
          json.field("tier", to_string(candidate.tier));
          json.field("outcome", candidate.outcome);
          json.array("requires", [&] {
            for (const Requirement requirement : candidate.requires_) json.value(to_string(requirement));
          });
          json.array("rules", [&] {
            for (const ExplainedRule& rule : candidate.rules) rule_json(json, rule);
          });
        });
    });
  });
  return out;
}

}  // namespace demarc::policy
