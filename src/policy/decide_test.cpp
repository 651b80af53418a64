// What the houses' tables cannot say: plans as a whole, causes, capabilities, invariants, vector spaces, and the cost of a decision.
#include "policy/decide.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdio>
#include <thread>

#include "policy/cases.hpp"
#include "policy/compile.hpp"
#include "policy/routing_for_test.hpp"

namespace demarc::policy {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;

const char* const kUpstreams =
    "upstreams:\n"
    "  - {name: desk, tier: local, engine: llama, model: small, serves: [chat, fim], context_tokens: 8000}\n"
    "  - {name: near, tier: cloud, dialect: mistral, region: eu, no_store: true, models: [medium], serves: [chat, fim]}\n"
    "  - {name: far, tier: cloud, dialect: openai, region: us, models: [large, {name: e1, serves: [embedding], space: s1}], serves: [chat]}\n"
    "  - {name: vectors, tier: local, engine: tensor, model: minilm, serves: [embedding]}\n"
    "  - {name: vectors-b, tier: local, engine: tensor, model: minilm, serves: [embedding]}\n"
    "  - {name: far-b, tier: cloud, dialect: azure, region: eu, models: [{name: e1-eu, space: s1}], serves: [embedding]}\n";

struct Bench {
  Routing routing = routing_for_test(kUpstreams);
  CompiledPolicy policy;
  Attributes attributes;
  States states;
  Capabilities capabilities{};

  explicit Bench(const std::string& yaml) {
    auto compiled = compile("version: 1\n" + yaml, "p.yaml", routing);
    if (!compiled) ADD_FAILURE() << print(compiled.error().front());
    policy = std::move(compiled).value();
    attributes.context_tokens = std::int64_t{0};
    for (const UpstreamSpec& upstream : routing.upstreams) states.emplace_back(upstream.models.size());
  }
  Decision decide() const { return policy::decide(policy, routing, attributes, states, capabilities); }
  std::vector<std::string> plan() const {
    std::vector<std::string> names;
    for (const PlannedAttempt& attempt : decide().plan) names.push_back(routing.upstreams[attempt.upstream].name);
    return names;
  }
};

const std::string kBoth = "rules:\n  - {id: home, permit: local}\n  - {id: out, permit: cloud}\n";

TEST(Classes, AreGivenByTheFirstThatIsTrue) {
  Bench b(
      "classes:\n  - {id: secret-work, class: normal, when: {sensitivity: {at_least: confidential}}}\n"
      "  - {id: long, class: batch, when: {context_tokens: {over: 1000}}, unless: {caller.team: desk}}\n"
      "  - {id: desk, class: interactive, when: {caller.team: desk}}\n" +
      kBoth);
  const auto given = [&] {
    const Rule* rule = class_rule(b.policy, b.routing, b.attributes);
    return rule == nullptr ? std::string("-") : rule->id;
  };
  EXPECT_EQ(given(), "-");
  b.attributes.context_tokens = std::int64_t{2000};
  EXPECT_EQ(given(), "long");
  b.attributes.caller_team = Attribute<std::string>(std::string("desk"));
  EXPECT_EQ(given(), "desk");
  b.attributes.caller_team = Unknown{};  // might be the desk's: not known to be long work of others, nor the desk's
  EXPECT_EQ(given(), "-");
  b.attributes.conversation_sensitivity = Sensitivity::restricted;
  EXPECT_EQ(given(), "secret-work");
  EXPECT_THAT(b.decide().rules, ElementsAre("home"));  // who may have it is another question
}

TEST(Decide, PlansEveryPermittedCandidateBestFirst) {
  Bench b(kBoth + "  - {id: eu-first, prefer: cloud, when: {upstream.region: eu}}\n");
  EXPECT_THAT(b.plan(), ElementsAre("near", "desk", "far"));
}

TEST(Decide, ARequestThatOutgrowsTheLocalModelMovesOrIsToldSo) {
  Bench b(kBoth + "  - {id: home-while-good, prefer: local, when: {upstream.quality_percent: {at_least: 80}}}\n");
  b.routing.workloads.push_back(
      {.name = "coder", .operation = Operation::chat, .sensitivity = {}, .bucket = "", .owner = "", .quality_floor = 0.8, .work_class = {}});
  b.attributes.workload = std::string("coder");
  b.states[0][0].quality = 0.9;
  EXPECT_THAT(b.plan(), ElementsAre("desk", "near", "far"));
  EXPECT_THAT(b.decide().matched, Not(Contains(std::string(kBelowFloor))));
  b.states[0][0].quality = 0.4;
  EXPECT_THAT(b.plan(), ElementsAre("near", "far", "desk")) << "the rule no longer holds, and the floor ranks it last";
  EXPECT_THAT(b.decide().matched, Not(Contains(std::string(kBelowFloor)))) << "what serves is not below";
  b.capabilities.only_tier = Tier::local;
  EXPECT_THAT(b.plan(), ElementsAre("desk"));
  EXPECT_THAT(b.decide().matched, Contains(std::string(kBelowFloor)));
  b.states[0][0].quality = std::nullopt;
  EXPECT_THAT(b.decide().matched, Not(Contains(std::string(kBelowFloor)))) << "nobody measured it";
}

TEST(Decide, TakesASubRequestOfAnyKindIntoItsParentsWorkload) {
  Bench b(kBoth);
  b.routing.workloads.push_back(
      {.name = "calls", .operation = Operation::transcription, .sensitivity = {}, .bucket = "", .owner = "", .quality_floor = {}, .work_class = {}});
  b.attributes.workload = std::string("calls");
  EXPECT_EQ(b.decide().cause, "no_candidate");
  b.capabilities.only_tier = Tier::local;
  EXPECT_THAT(b.plan(), ElementsAre("desk"));
}

TEST(Decide, HoldsAShadowToItsCandidateAndItsTier) {
  Bench b("rules: [{id: all, permit: local}, {id: out, permit: cloud}]\n");
  b.attributes.operation = Operation::chat;
  b.capabilities.only_tier = Tier::local, b.capabilities.only_candidate = CandidateIndex{0, 0};
  EXPECT_THAT(b.plan(), ElementsAre("desk"));
  b.capabilities.only_candidate = CandidateIndex{1, 0};  // of the cloud, whatever the configuration let through
  EXPECT_EQ(b.decide().effect, Effect::deny);
}

TEST(Decide, NamesTheCauseOfEveryDenial) {
  const auto cause = [](const Bench& b) { return b.decide().cause; };
  Bench forbidden(kBoth + "  - {id: no, forbid: cloud}\n  - {id: no2, forbid: local}\n");
  EXPECT_EQ(cause(forbidden), "forbidden");
  EXPECT_EQ(cause(Bench("rules: []\n")), "no_permit");
  Bench requirement("rules:\n  - {id: out, permit: cloud, require: [declared]}\n");
  EXPECT_EQ(cause(requirement), "requirement");
  Bench closed(kBoth);
  closed.attributes.model = "large", closed.attributes.findings = Unknown{};
  EXPECT_EQ(cause(closed), "fail_closed");
  Bench nothing(kBoth);
  nothing.attributes.operation = Operation::speech;
  EXPECT_EQ(cause(nothing), "no_candidate");
  Bench unknown(kBoth);
  unknown.attributes.model = "gpt-0";
  EXPECT_EQ(cause(unknown), "model_not_found");
  EXPECT_FALSE(unknown.decide().model_known);
}

TEST(Decide, DeniesLoudlyWhatWouldBreakAnInvariant) {
  Bench b(kBoth + "invariants:\n  - {id: never-us, never: cloud, when: {upstream.region: us}}\n");
  const Decision decision = b.decide();
  EXPECT_EQ(decision.effect, Effect::deny);
  EXPECT_EQ(decision.cause, "invariant");
  EXPECT_THAT(decision.rules, ElementsAre("never-us"));
  EXPECT_THAT(decision.plan, IsEmpty());
}

TEST(Decide, CountsAnInvariantThatMayBeBroken) {
  Bench b(kBoth + "invariants:\n  - {id: small-out, never: cloud, when: {output_tokens: {over: 10}}}\n");
  EXPECT_EQ(b.decide().cause, "invariant");
  b.attributes.output_tokens = std::int64_t{10};
  EXPECT_EQ(b.decide().effect, Effect::permit);
}

TEST(Decide, KeepsASubRequestInItsParentsTier) {
  Bench b(kBoth);
  b.capabilities.only_tier = Tier::local;
  EXPECT_THAT(b.plan(), ElementsAre("desk"));
}

TEST(Decide, KeepsTheFailoverOfAnEmbeddingInOneVectorSpace) {
  Bench b(kBoth + "  - {id: cloud-first, prefer: cloud}\n");
  b.attributes.operation = Operation::embedding;
  EXPECT_THAT(b.plan(), ElementsAre("far", "far-b"));
  b.states[2][1].healthy = b.states[5][0].healthy = false;
  EXPECT_THAT(b.plan(), ElementsAre("vectors", "vectors-b"));
}

TEST(Decide, CannotRedactPicturesThatWereNotReadNorWhatIsFoundInThem) {
  Bench b("rules:\n  - {id: out, permit: cloud, require: [redact]}\n");
  b.attributes.model = "medium";
  b.attributes.media = std::vector{Media::image};
  EXPECT_EQ(b.decide().effect, Effect::permit);
  b.routing.unexamined_image = Sensitivity::confidential;
  b.attributes.unexamined = {Media::image};
  EXPECT_EQ(b.decide().cause, "requirement");
  b.attributes.unexamined = {};
  b.attributes.findings = FindingCounts{{"PERSON", 1}};
  b.capabilities.redacts_media = false;
  EXPECT_EQ(b.decide().cause, "requirement");
}

TEST(Decide, NeverRedactsFimEmbeddingsOrSound) {
  Bench b("rules:\n  - {id: out, permit: cloud, require: [redact]}\n");
  for (const Operation operation : {Operation::fim, Operation::embedding}) {
    b.attributes.operation = operation;
    EXPECT_EQ(b.decide().cause, "requirement") << to_string(operation);
  }
}

TEST(Decide, CountsAnUnexaminedPartAtItsLevelAndWithoutOneKnowsNoFindings) {
  Bench b(kBoth);
  b.attributes.media = std::vector{Media::file}, b.attributes.unexamined = {Media::file};
  EXPECT_THAT(b.plan(), ElementsAre("desk"));
  b.routing.unexamined_file = Sensitivity::restricted;
  EXPECT_EQ(b.decide().sensitivity, Sensitivity::restricted);
  EXPECT_THAT(b.plan(), ElementsAre("desk", "near", "far"));
}

TEST(Decide, ListsWhatMatchedBesideWhatDecidedAndWhatWasRead) {
  Bench b("labels:\n  - {id: base, sensitivity: internal}\n" + kBoth +
          "  - {id: not-us, forbid: cloud, when: {upstream.region: us}}\n  - {id: home-first, prefer: local}\n");
  const Decision decision = b.decide();
  EXPECT_THAT(decision.rules, ElementsAre("home"));
  EXPECT_THAT(decision.matched, ElementsAre("base", "out", "not-us", "home-first"));
  EXPECT_THAT(decision.read, ::testing::Contains("upstream.region"));
}

TEST(Decide, NamesTheCandidatesThatArePermittedAndDown) {
  Bench b("rules:\n  - {id: out, permit: cloud}\n  - {id: not-far, forbid: cloud, when: {upstream.region: us}}\n");
  for (auto& models : b.states)
    for (CandidateState& state : models) state.healthy = false;
  const Decision decision = b.decide();
  EXPECT_EQ(decision.effect, Effect::unavailable);
  EXPECT_THAT(decision.down, ElementsAre(CandidateIndex{1, 0}));
}

// desk's context is 8000 tokens; the true number of this request's lies somewhere in 2000 to 20000.
struct Uncertain : Bench {
  explicit Uncertain(const std::string& rules) : Bench("rules:\n" + rules) {
    attributes.context_tokens = std::int64_t{5000};
    attributes.context_bounds = TokenBounds{2000, 20'000};
    states[0][0].counts_tokens = true;
  }
};
const std::string kHome = "  - {id: home, permit: local}\n", kOut = "  - {id: out, permit: cloud}\n";

TEST(Decide, AsksForTheCountOfWhoWouldServeOnAnEstimate) {
  Uncertain b(kHome);
  EXPECT_THAT(b.decide().to_count, ElementsAre(CandidateIndex{0, 0}));
  b.states[0][0].context_tokens = 7000;
  EXPECT_THAT(b.decide().to_count, IsEmpty());
  EXPECT_EQ(b.decide().effect, Effect::permit);
}

TEST(Decide, TakesACandidatesOwnCountBeforeTheEstimate) {
  Uncertain b(kHome);
  b.attributes.model = "small";
  b.states[0][0].context_tokens = 8001;
  const Decision decision = b.decide();
  EXPECT_EQ(decision.effect, Effect::deny);
  EXPECT_EQ(decision.cause, "no_candidate");
  EXPECT_THAT(decision.rules, IsEmpty());
  EXPECT_TRUE(decision.too_long);
}

TEST(Decide, AsksForTheCountOfWhoIsTooShortByTheEstimateAlone) {
  Uncertain b(kHome + kOut + "  - {id: here, prefer: local}\n");
  b.attributes.context_tokens = std::int64_t{9000};
  EXPECT_THAT(b.decide().to_count, ElementsAre(CandidateIndex{0, 0}));
  EXPECT_THAT(b.plan(), ElementsAre("near", "far"));
  b.states[0][0].context_tokens = 7000;
  EXPECT_THAT(b.plan(), ElementsAre("desk", "near", "far"));
}

TEST(Decide, AsksNobodyToCountWhoWouldNotComeFirst) {
  Uncertain b(kHome + kOut + "  - {id: away, prefer: cloud}\n");
  EXPECT_THAT(b.decide().to_count, IsEmpty());
}

TEST(Decide, AsksNobodyToCountWhoMayNotHaveTheRequest) {
  Uncertain b(kOut + "  - {id: not-here, forbid: local}\n");
  EXPECT_THAT(b.decide().to_count, IsEmpty());
}

TEST(Decide, AsksNobodyToCountWhatCertainlyFitsOrCertainlyDoesNot) {
  Uncertain b(kHome);
  b.attributes.context_bounds = TokenBounds{100, 8000};
  EXPECT_THAT(b.decide().to_count, IsEmpty());
  b.attributes.context_bounds = TokenBounds{8001, 90'000};
  EXPECT_THAT(b.decide().to_count, IsEmpty());
}

TEST(Decide, SaysThatOnlyTheLengthStoodInTheWayAlsoBesideForbiddenCandidates) {
  Uncertain b(kHome + "  - {id: stay, forbid: cloud}\n");
  b.states[0][0].context_tokens = 9000;
  const Decision decision = b.decide();
  EXPECT_TRUE(decision.too_long);
  EXPECT_THAT(decision.rules, ElementsAre("stay"));
  EXPECT_EQ(decision.cause, "forbidden");
}

TEST(Decide, HoldsAConversationToWhatItsEarlierTurnsReached) {
  Bench b("rules:\n  - {id: home, permit: local}\n  - {id: open, permit: cloud, when: {sensitivity: {at_most: internal}}}\n");
  b.attributes.conversation_sensitivity = Sensitivity::confidential;
  const Decision decision = b.decide();
  EXPECT_EQ(decision.sensitivity, Sensitivity::confidential);
  EXPECT_EQ(decision.declared, Sensitivity::internal);
  EXPECT_THAT(decision.matched, ElementsAre("builtin:conversation"));
  EXPECT_THAT(b.plan(), ElementsAre("desk"));
}

TEST(Decide, DoesNotNameAConversationThatRaisedNothing) {
  Bench b(kBoth);
  b.attributes.conversation_sensitivity = Sensitivity::internal;
  EXPECT_THAT(b.decide().matched, Not(Contains("builtin:conversation")));
}

TEST(SensitivityOf, AppliesTheLabelsToAnAnswersFindings) {
  Bench b("labels:\n  - {id: personal, sensitivity: confidential, when: {findings: any}}\n" + kBoth);
  EXPECT_EQ(sensitivity_of(b.policy, b.routing, b.attributes), Sensitivity::internal);
  b.attributes.findings = FindingCounts{{"EMAIL_ADDRESS", 1}};
  EXPECT_EQ(sensitivity_of(b.policy, b.routing, b.attributes), Sensitivity::confidential);
}

TEST(Decide, RanksAnUnpricedCandidateBehindAPricedOne) {
  Bench b(kBoth);
  b.states[2][0].price_usd = 5.0;
  EXPECT_THAT(b.plan(), ElementsAre("far", "desk", "near"));
}

TEST(Decide, PermitsWhatIsLocalAndNothingElseWithoutAPolicyFile) {
  Bench b(kBoth);
  b.policy = default_policy();
  EXPECT_THAT(b.plan(), ElementsAre("desk"));
}

TEST(Decide, GivesThreadsTheSameAnswer) {
  const Bench b(kBoth + "  - {id: eu-first, prefer: cloud, when: {upstream.region: {matches: ^e}}}\n");
  const auto expected = b.plan();
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&] {
      for (int i = 0; i < 500; ++i)
        if (b.plan() != expected) std::abort();
    });
  for (auto& thread : threads) thread.join();
}

// Printed for docs/reference/policy.md; the bound only catches a disaster (an unoptimised build with sanitizers, two busy cores).
TEST(Decide, TakesMicrosecondsPerDecision) {
  namespace fs = std::filesystem;
  for (const auto& entry : fs::directory_iterator(fs::path(DEMARC_SOURCE_DIR) / "tests/conformance/policy")) {
    if (!entry.is_directory()) continue;
    const Routing routing = routing_for_test(read_text(entry.path() / "demarc.yaml"));
    const auto policy = compile(read_text(entry.path() / "policy.yaml"), "policy.yaml", routing);
    const auto cases = read_cases(read_text(entry.path() / "cases.jsonl"), "cases.jsonl");
    std::vector<States> states;
    for (const Case& one : *cases) states.push_back(*states_of(one, routing));
    constexpr int kRounds = 200;
    const auto begin = std::chrono::steady_clock::now();
    std::size_t permitted = 0;
    for (int round = 0; round < kRounds; ++round)
      for (std::size_t i = 0; i < cases->size(); ++i) permitted += decide(*policy, routing, (*cases)[i].request, states[i]).plan.size();
    const auto took = std::chrono::steady_clock::now() - begin;
    const double each_ns = static_cast<double>(took.count()) / (kRounds * static_cast<double>(cases->size()));
    std::printf("%-18s %6.0f ns a decision, %zu rules\n", entry.path().filename().c_str(), each_ns, policy->rules.size());
    EXPECT_GT(permitted, 0U);
    EXPECT_LT(each_ns, 1e6);
  }
}

}  // namespace
}  // namespace demarc::policy
