#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/config.hpp"
#include "config/fake_environment.hpp"

namespace demarc::config {
namespace {

using testing::HasSubstr;

constexpr std::string_view kUpstreams =
    "upstreams:\n"
    "  - {name: here, tier: local, engine: llama, model: small}\n"
    "  - {name: there, tier: local, base_url: \"http://127.0.0.1:1/v1\", serves: [chat], models: [big, org/huge]}\n"
    "  - {name: spare, tier: local, base_url: \"http://127.0.0.1:2/v1\", serves: [chat], models: [big]}\n";

Result<Config, std::vector<ConfigProblem>> load_with(const std::string& lines) {
  return load(std::string(kUpstreams) + lines, "demarc.yaml", FakeEnvironment{}, LoadMode::serve);
}
std::string said_of(const std::string& lines) {
  const auto config = load_with(lines);
  return config ? "" : to_string(config.error());
}

TEST(Names, PointAtUpstreamsAndTheirModelsInOrder) {
  const auto config = load_with("aliases: {fast: [here, there/org/huge], one: spare}\nsubstitutes: {big: [here]}\n");
  ASSERT_TRUE(config) << to_string(config.error());
  ASSERT_EQ(config->routing.aliases[0].targets.size(), 2U);
  EXPECT_EQ(config->routing.aliases[0].targets[0].upstream, "here");
  EXPECT_EQ(config->routing.aliases[0].targets[0].model, "");
  EXPECT_EQ(config->routing.aliases[0].targets[1].upstream, "there");
  EXPECT_EQ(config->routing.aliases[0].targets[1].model, "org/huge");
  EXPECT_EQ(config->routing.aliases[1].targets[0].upstream, "spare");
  EXPECT_EQ(config->routing.substitutes[0].name, "big");
  EXPECT_TRUE(config->warnings.empty());
}

TEST(Names, MeanOneThingOnly) {
  EXPECT_EQ(said_of("aliases: {big: [here]}"), "demarc.yaml:5:11: 'big' would mean two things: model and alias");
  EXPECT_THAT(said_of("aliases: {here: [there]}"), HasSubstr("upstream and alias"));
  EXPECT_THAT(said_of("workloads: [{name: small}]"), HasSubstr("model and workload"));
  EXPECT_THAT(said_of("workloads: [{name: w}, {name: w}]"), HasSubstr("workload and workload"));
  EXPECT_THAT(said_of("workloads: [{name: w}]\naliases: {w: [here]}"), HasSubstr("workload and alias"));
  EXPECT_THAT(said_of("aliases: {a: [here], a: [there]}"), HasSubstr("stands here twice"));
  EXPECT_THAT(said_of("aliases: {auto: [here]}"), HasSubstr("'auto' means all upstreams"));
  EXPECT_THAT(said_of("  - {name: here, tier: local, engine: llama, model: other}"), HasSubstr("upstream and upstream"));
  EXPECT_THAT(said_of("  - {name: x, tier: local, engine: llama, model: workload/y}"), HasSubstr("workload/"));
}

TEST(Names, AreWordsWithoutSpacesOrSlashes) {
  for (const char* bad : {"a b", "a/b", "-a", "ä", "a:b"}) {
    EXPECT_THAT(said_of("aliases: {\"" + std::string(bad) + "\": [here]}"), HasSubstr("is not a name")) << bad;
    EXPECT_THAT(said_of("workloads: [{name: \"" + std::string(bad) + "\"}]"), HasSubstr("is not a name")) << bad;
  }
  EXPECT_THAT(said_of("aliases: {" + std::string(65, 'a') + ": [here]}"), HasSubstr("is not a name"));
}

TEST(Names, OfTargetsExist) {
  EXPECT_EQ(said_of("aliases: {fast: [hree]}"), "demarc.yaml:5:18: 'hree' names no upstream; did you mean 'here'?");
  EXPECT_THAT(said_of("aliases: {fast: [there/bgi]}"), HasSubstr("the upstream there has no such model; did you mean 'big'?"));
  EXPECT_THAT(said_of("aliases: {fast: []}"), HasSubstr("empty list"));
  EXPECT_THAT(said_of("aliases: {fast: [here, here]}"), HasSubstr("twice"));
  EXPECT_THAT(said_of("substitutes: {big: [nobody]}"), HasSubstr("names no upstream"));
}

TEST(Names, ThatNobodyServesMayHaveSubstitutesButAreWarnedOf) {
  const auto config = load_with("substitutes: {bgi: [here]}\n");
  ASSERT_TRUE(config) << to_string(config.error());
  EXPECT_THAT(to_string(config->warnings), HasSubstr("did you mean 'big'?"));
}

TEST(Workloads, SayHowTheirRecordingsAreHeard) {
  const auto config = load_with("workloads: [{name: w, speech: {prompt: About ships., glossary: [Ann Özil, Type 45], language: EN}}]\n");
  ASSERT_TRUE(config) << to_string(config.error());
  const WorkloadSpec& workload = config->routing.workloads.at(0);
  EXPECT_EQ(workload.speech_prompt, "About ships.");
  EXPECT_EQ(workload.speech_glossary, (std::vector<std::string>{"Ann Özil", "Type 45"}));
  EXPECT_EQ(workload.speech_language, "en");
  EXPECT_THAT(said_of("workloads: [{name: w, speech: {prompt: " + std::string(601, 'x') + "}}]"), HasSubstr("601 bytes"));
  EXPECT_THAT(said_of("workloads: [{name: w, speech: {glossry: [a]}}]"), HasSubstr("glossary"));
}

TEST(Workloads, MayHaveAShadowOfTheLocalTierAlone) {
  const auto config = load_with("workloads: [{name: w, shadow: {candidate: there/org/huge, share: 0.25}}]\n");
  ASSERT_TRUE(config) << to_string(config.error());
  const ShadowSpec& shadow = *config->routing.workloads.at(0).shadow;
  EXPECT_EQ(shadow.candidate.upstream + " " + shadow.candidate.model, "there org/huge");
  EXPECT_DOUBLE_EQ(shadow.share, 0.25);
  EXPECT_EQ(shadow.pairs, 2000);
  const std::string cloud =
      "  - {name: out, tier: cloud, dialect: openai, base_url: \"https://api.example.com/v1\", serves: [chat], models: [far]}\n";
  EXPECT_THAT(said_of(cloud + "workloads: [{name: w, shadow: {candidate: out, share: 1}}]"), HasSubstr("is of the cloud"));
  EXPECT_THAT(said_of("workloads: [{name: w, shadow: {candidate: there}}]"), HasSubstr("share"));
  EXPECT_THAT(said_of("workloads: [{name: w, shadow: {candidate: there, share: 0}}]"), HasSubstr("above 0"));
  EXPECT_THAT(said_of("workloads: [{name: w, operation: ocr, shadow: {candidate: there, share: 1}}]"), HasSubstr("operation: chat"));
}

TEST(DefaultConfig, ServesWhatIsLockedAndNothingElse) {
  const LockedModel models[] = {{"smollm2", "chat"}, {"coder", "fim"}, {"whisper-base", "speech"}, {"minilm", "embedding"},
                                {"second", "chat"},  {"odd", "other"}, {"tesseract-eng", "ocr"}};
  const Config config = default_config(models);
  ASSERT_EQ(config.routing.upstreams.size(), 5U);
  EXPECT_EQ(config.routing.upstreams[0].name, "chat-local");
  EXPECT_EQ(config.routing.upstreams[0].models[0].name, "smollm2");
  EXPECT_EQ(config.routing.upstreams[1].models[0].serves.front(), Operation::fim);
  EXPECT_EQ(config.routing.upstreams[3].engine, EngineKind::tensor);
  EXPECT_EQ(config.routing.upstreams[4].name, "documents-local");
  EXPECT_EQ(config.routing.upstreams[4].models[0].serves.front(), Operation::ocr);
  for (const UpstreamSpec& upstream : config.routing.upstreams) EXPECT_EQ(upstream.tier, Tier::local);
  EXPECT_FALSE(listens_beyond_loopback(config));
  EXPECT_EQ(config.keys, KeysRule::optional);
  EXPECT_THAT(config.policy_text, HasSubstr("permit: local"));
  EXPECT_TRUE(default_config({}).routing.upstreams.empty());
}

TEST(DefaultConfig, RunsEmbeddingsWhereTheModelFits) {
  const LockedModel models[] = {{"nomic-gguf", "embedding", EngineKind::llama}};
  EXPECT_EQ(default_config(models).routing.upstreams[0].engine, EngineKind::llama);
}

}  // namespace
}  // namespace demarc::config
