// The compiled policy against the slow reading. Random policies, routings and requests from a seed.
#include <gtest/gtest.h>

#include <array>
#include <random>

#include "policy/compile.hpp"
#include "policy/decide.hpp"
#include "policy/slow_reading_for_test.hpp"

namespace demarc::policy {
namespace {

class World {  // one random policy, routing and request
 public:
  explicit World(unsigned seed) : random_(seed) {
    make_routing();
    make_rules();
  }

  std::string yaml() const {
    std::string labels, rules;
    for (const auto& rule : rules_) {
      const bool label = rule.kind == "label";
      std::string line = "  - {id: " + rule.id + ", " + (label ? "sensitivity" : rule.kind) + ": " + rule.tier;
      line += clause("when", rule.when) + clause("unless", rule.unless);
      std::string require;
      for (const auto& word : rule.require) require += (require.empty() ? "" : ", ") + word;
      if (!require.empty()) line += ", require: [" + require + "]";
      (label ? labels : rules) += line + "}\n";
    }
    return "version: 1\n" + (labels.empty() ? "" : "labels:\n" + labels) + (rules.empty() ? "" : "rules:\n" + rules);
  }

  void compare(unsigned seed) {
    const auto policy = compile(yaml(), "random", routing_);
    ASSERT_TRUE(policy.ok()) << print(policy.error().front()) << '\n' << yaml();
    for (int request = 0; request < 40; ++request) {
      make_request();
      const WorkloadSpec* workload = attributes_.workload.get() ? &routing_.workloads[0] : nullptr;
      const std::string slow = Slow{routing_, attributes_, states_, rules_}.decide(workload);
      const Decision decision = decide(*policy, routing_, attributes_, states_);
      ASSERT_EQ(written(decision), slow) << "seed " << seed << " request " << request << '\n' << yaml();
      effects_[static_cast<std::size_t>(decision.effect)]++;
    }
  }
  const std::array<int, 3>& effects() const { return effects_; }

 private:
  int roll(int n) { return static_cast<int>(random_() % static_cast<unsigned>(n)); }
  bool chance(int percent) { return roll(100) < percent; }
  std::string pick(const Words& words) { return words[static_cast<std::size_t>(roll(static_cast<int>(words.size())))]; }

  static std::string clause(const std::string& name, const std::vector<SlowCondition>& conditions) {
    std::string out;
    for (const auto& c : conditions) out += (out.empty() ? "" : ", ") + c.yaml();
    return out.empty() ? "" : ", " + name + ": {" + out + "}";
  }

  static std::string written(const Decision& d) {
    std::string out = std::string(to_string(d.effect)) + " " + std::string(to_string(d.sensitivity)) + " rules";
    for (const auto& id : d.rules) out += " " + id;
    for (const auto& attempt : d.plan) {
      out += " | " + std::to_string(attempt.upstream) + "." + std::to_string(attempt.model);
      for (const auto& id : attempt.rules) out += " " + id;
      for (const Requirement requirement : attempt.requires_) out += " " + std::string(to_string(requirement));
    }
    return out;
  }

  void make_routing() {
    routing_.default_sensitivity = chance(50) ? Sensitivity::public_ : Sensitivity::internal;
    const int upstreams = 2 + roll(4);
    for (int u = 0; u < upstreams; ++u) {
      UpstreamSpec spec;
      spec.name = "u" + std::to_string(u);
      spec.tier = chance(50) ? Tier::cloud : Tier::local;
      if (spec.tier == Tier::local && chance(50)) spec.engine = EngineKind::llama;
      spec.provider = chance(50) ? Provider::openai : Provider::mistral;
      if (chance(70)) spec.region = pick({"eu", "us"});
      spec.no_store = chance(40);
      for (int m = 0; m < 1 + (spec.engine ? 0 : roll(2)); ++m) {
        ModelSpec model;
        model.name = spec.engine ? "e" + std::to_string(u) : "m" + std::to_string(roll(2) + 2 * m);
        model.serves = {Operation::chat};
        if (chance(50)) model.serves.push_back(Operation::embedding);
        if (chance(30)) model.serves.push_back(Operation::fim);
        if (chance(50)) model.context_tokens = 1000;
        spec.models.push_back(model);
      }
      routing_.upstreams.push_back(spec);
    }
    routing_.aliases = {{"fast", {{"u1", ""}, {"u0", ""}}}};
    routing_.substitutes = {{"m0", {{"u0", ""}}}, {"fast", {{"u0", ""}, {"u" + std::to_string(upstreams - 1), ""}}}};
    WorkloadSpec workload;
    workload.name = "triage";
    if (chance(50)) workload.sensitivity = Sensitivity::confidential;
    if (chance(50)) workload.quality_floor = 0.5;
    routing_.workloads = {workload};
  }

  SlowCondition condition(bool label) {
    static const Words kLevels = {"public", "internal", "confidential", "restricted"};
    static const Words kBounds = {"over", "under", "at_least", "at_most"};
    const int last = label ? 11 : 18;
    const auto words = [&](const std::string& attribute, const Words& from, bool absentable) -> SlowCondition {
      const int form = roll(absentable ? 5 : 3);
      if (form == 3) return {attribute, "any"};
      if (form == 4) return {attribute, "none"};
      if (form == 2) return {attribute, "matches", {"^" + pick(from).substr(0, 2)}};
      return form == 0 ? SlowCondition{attribute, "is", {pick(from)}} : SlowCondition{attribute, "one_of", {from[0], from[1]}};
    };
    const auto number = [&](const std::string& attribute, int most) -> SlowCondition {
      const int form = roll(4);
      if (form == 0 && attribute != "budget.left_usd") return {attribute, pick({"any", "none"})};
      if (form == 1) return {attribute, "is", {}, static_cast<double>(roll(most))};
      return {attribute, pick(kBounds), {}, static_cast<double>(roll(most))};
    };
    switch (roll(last)) {
      case 0: return words("caller.team", {"red", "blue"}, true);
      case 1: return {"workload", pick({"any", "none"})};
      case 2: return words("operation", {"chat", "embedding", "fim"}, false);
      case 3: return words("model", {"auto", "m0", "fast"}, false);
      case 4: return number("output_tokens", 4);
      case 5: return number("tools", 4);
      case 6: return words("repository", {"oss-a", "core", "oss-b"}, true);
      case 7: return chance(50) ? words("media", {"image", "audio", "file"}, true) : number("media", 3);
      case 8: return chance(50) ? words("findings", {"PERSON", "LOCATION", "US_SSN"}, true) : number("findings", 3);
      case 9: return number("findings.PERSON", 3);
      case 10: return {"declared", chance(50) ? "is" : pick(kBounds), {pick(kLevels)}};
      case 11:
      case 12: return {"sensitivity", chance(30) ? "is" : pick(kBounds), {pick(kLevels)}};
      case 13: return number("budget.left_usd", 3);
      case 14: return words("upstream.region", {"eu", "us"}, true);
      case 15:
        return chance(50) ? words("upstream.name", {"u0", "u1"}, false) : SlowCondition{"upstream.provider", "is", {pick({"openai", "mistral"})}};
      case 16: return {"upstream.quality_percent", pick(kBounds), {}, chance(50) ? 50.0 : 30.0};
      default: return chance(50) ? number("upstream.queue_ms", 3) : SlowCondition{"upstream.healthy", "is", {pick({"true", "false"})}};
    }
  }

  std::vector<SlowCondition> conditions(int most, bool label) {
    std::vector<SlowCondition> out;
    for (int i = roll(most + 1); i > 0; --i) {
      SlowCondition c = condition(label);
      const bool twice = std::any_of(out.begin(), out.end(), [&](const auto& other) { return other.attribute == c.attribute; });
      if (!twice) out.push_back(std::move(c));
    }
    return out;
  }

  void make_rules() {
    for (int i = roll(3); i > 0; --i)
      rules_.push_back({"l" + std::to_string(i), "label", pick({"internal", "confidential", "restricted"}), conditions(2, true),
                        conditions(chance(30) ? 2 : 0, true)});
    for (int i = 1 + roll(7); i > 0; --i) {
      SlowRule rule{"r" + std::to_string(i), pick({"permit", "permit", "permit", "forbid", "prefer"}), pick({"local", "cloud"}), conditions(2, false),
                    conditions(chance(40) ? 2 : 0, false)};
      if (rule.kind == "permit" && chance(30))
        for (const char* requirement : {"redact", "no_store", "declared", "pinned_model"})
          if (chance(30)) rule.require.emplace_back(requirement);
      rules_.push_back(std::move(rule));
    }
  }

  template <class T>
  Attribute<T> maybe_unknown(T value) {
    if (chance(8)) return Unknown{};
    return value;
  }

  void make_request() {
    Attributes a;
    a.operation = chance(70) ? Operation::chat : chance(50) ? Operation::embedding : Operation::fim;
    a.model = pick({"auto", "auto", "auto", "m0", "m1", "fast", "nothing"});
    if (chance(70)) a.caller_team = maybe_unknown<std::string>(pick({"red", "blue", "green"}));
    if (chance(30)) a.workload = std::string("triage");
    if (chance(40)) a.header_sensitivity = static_cast<Sensitivity>(roll(4));
    FindingCounts findings;
    for (const char* type : {"PERSON", "LOCATION", "US_SSN"})
      if (chance(30)) findings[type] = static_cast<std::uint32_t>(roll(3));
    a.findings = maybe_unknown(findings);
    a.context_tokens = std::int64_t{chance(30) ? 2000 : 10};
    if (chance(70)) a.output_tokens = std::int64_t{roll(4)};
    a.tools = maybe_unknown(std::int64_t{roll(3)});
    std::vector<Media> media;
    for (int i = roll(3); i > 0; --i) media.push_back(static_cast<Media>(roll(3)));
    a.media = media;
    Words repository;
    for (int i = roll(3); i > 0; --i) repository.push_back(pick({"oss-a", "core", "web"}));
    a.repository = maybe_unknown(repository);
    if (chance(60)) a.budget_left = maybe_unknown(BudgetLeft{Money::from_usd(roll(4) - 1)});
    attributes_ = std::move(a);
    states_.clear();
    for (const auto& upstream : routing_.upstreams) {
      auto& models = states_.emplace_back(upstream.models.size());
      for (CandidateState& s : models) {
        s.healthy = chance(85) ? std::optional(true) : chance(50) ? std::optional(false) : std::nullopt;
        s.queue_ms = chance(85) ? std::optional<std::int64_t>(chance(50) ? roll(3) : roll(8000)) : std::nullopt;
        if (chance(40)) s.pinned = chance(50);
        if (chance(40)) s.quality = chance(50) ? 0.3 : 0.7;
        if (chance(60)) s.price_usd = roll(3);
      }
    }
  }

  std::mt19937 random_;
  Routing routing_;
  std::vector<SlowRule> rules_;
  Attributes attributes_;
  States states_;
  std::array<int, 3> effects_{};
};

TEST(Differential, CompiledPoliciesDecideAsTheSlowReadingDoes) {
  std::array<int, 3> effects{};
  for (unsigned seed = 0; seed < 1500; ++seed) {
    World world(seed);
    world.compare(seed);
    if (HasFatalFailure()) return;
    for (std::size_t i = 0; i < 3; ++i) effects[i] += world.effects()[i];
  }
  for (const int count : effects) EXPECT_GT(count, 500);  // the worlds are not all alike
}

}  // namespace
}  // namespace demarc::policy
