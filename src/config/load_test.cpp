#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/config.hpp"
#include "config/fake_environment.hpp"

namespace demarc::config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

constexpr std::string_view kLocal = "upstreams: [{name: l, tier: local, engine: llama, model: m}]\n";

Result<Config, std::vector<ConfigProblem>> load_text(const std::string& text, const FakeEnvironment& world = {}, LoadMode mode = LoadMode::serve) {
  return load(text, "/etc/demarc/demarc.yaml", world, mode);
}
// What the loader says of a good file with these lines added; "" if nothing.
std::string said_of(const std::string& lines, const FakeEnvironment& world = {}) {
  const auto config = load_text(std::string(kLocal) + lines, world);
  return config ? "" : to_string(config.error());
}
// The same for an upstream's keys.
std::string said_of_upstream(const std::string& keys, const FakeEnvironment& world = {}) {
  const auto config = load_text("upstreams:\n  - {name: u, " + keys + "}\n", world);
  return config ? "" : to_string(config.error());
}
std::string cloud(const std::string& more) { return "tier: cloud, dialect: openai, base_url: \"https://h/v1\", serves: [chat], models: [m]" + more; }

TEST(Load, FillsEveryDefault) {
  const auto config = load_text(std::string(kLocal));
  ASSERT_TRUE(config) << to_string(config.error());
  ASSERT_EQ(config->listen.size(), 1U);
  EXPECT_EQ(config->listen[0].print(), "127.0.0.1:8400");
  EXPECT_EQ(config->keys, KeysRule::optional);
  EXPECT_EQ(config->policy_path, "/etc/demarc/policy.yaml");
  EXPECT_EQ(config->data, "");
  EXPECT_EQ(config->limits, Limits());
  EXPECT_EQ(config->limits.body_mib, 32);
  EXPECT_EQ(config->routing.default_sensitivity, Sensitivity::internal);
  EXPECT_FALSE(config->routing.unexamined_image);
  EXPECT_FALSE(config->costs);
  EXPECT_THAT(config->prices, ElementsAre("builtin"));
  EXPECT_THAT(config->routing.upstreams[0].models[0].serves, ElementsAre(Operation::chat, Operation::completion, Operation::fim));
  EXPECT_TRUE(config->warnings.empty());
}

TEST(Load, ReadsFilesAndWatchedFolders) {
  const auto config = load_text(std::string(kLocal) +
                                "files: {keep_days: 7}\nwatch:\n  - {folder: in, do: transcribe, out: /srv/out, format: srt}\n"
                                "  - {folder: /srv/lists, do: redact}\n  - {folder: /srv/scans, do: parse, model: documents}\n"
                                "  - {folder: /srv/line, do: classify, out: lines.csv}\n");
  ASSERT_TRUE(config) << to_string(config.error());
  EXPECT_EQ(config->files.keep_days, 7);
  ASSERT_EQ(config->watch.size(), 4U);
  EXPECT_EQ(config->watch[0].folder, "/etc/demarc/in");
  EXPECT_EQ(config->watch[0].out, "/srv/out");
  EXPECT_EQ(config->watch[0].format, "srt");
  EXPECT_EQ(config->watch[1].what, WatchDo::redact);
  EXPECT_EQ(config->watch[1].out, "");
  EXPECT_EQ(config->watch[2].format, "markdown");
  EXPECT_EQ(config->watch[2].model, "documents");
  EXPECT_EQ(config->watch[3].what, WatchDo::classify);
  EXPECT_EQ(config->watch[3].out, "/etc/demarc/lines.csv");
}

TEST(Load, RefusesWatchedFoldersThatCannotBe) {
  EXPECT_THAT(said_of("watch: [{folder: in, do: dance}]\n"), HasSubstr("transcribe"));
  EXPECT_THAT(said_of("watch: [{folder: in}]\n"), HasSubstr("do"));
  EXPECT_THAT(said_of("watch: [{folder: in, do: redact, format: srt}]\n"), HasSubstr("goes with do: transcribe"));
  EXPECT_THAT(said_of("watch: [{folder: in, do: parse, format: srt}]\n"), HasSubstr("markdown or json"));
  EXPECT_THAT(said_of("watch: [{folder: in, do: transcribe, format: markdown}]\n"), HasSubstr("recordings become"));
  EXPECT_THAT(said_of("watch: [{folder: in, do: classify, out: lines.txt}]\n"), HasSubstr(".csv or .jsonl"));
  EXPECT_THAT(said_of("watch: [{folder: in, do: redact, model: m}]\n"), HasSubstr("asks no model"));
  EXPECT_THAT(said_of("watch: [{folder: in, do: redact}, {folder: ./in, do: redact}]\n"), HasSubstr("watched for the same already"));
}

TEST(Load, ReportsAllProblemsAtOnceInTheOrderOfTheFile) {
  const auto config = load_text(
      "upstraems: []\n"
      "upstreams:\n"
      "  - {name: a, tier: clowd, engine: llama, model: m}\n"
      "  - {name: b, tier: local, engine: llama, model: m2, context_tokens: 8k}\n"
      "limits: {body_mib: 32MB, timeout_s: 5}\n"
      "limits: {}\n");
  ASSERT_FALSE(config);
  EXPECT_EQ(to_string(config.error()),
            "/etc/demarc/demarc.yaml:1:1: unknown key 'upstraems' in the file; did you mean 'upstreams'?\n"
            "/etc/demarc/demarc.yaml:3:21: tier: 'clowd' is none of local, cloud; did you mean 'cloud'?\n"
            "/etc/demarc/demarc.yaml:4:70: context_tokens is a whole number\n"
            "/etc/demarc/demarc.yaml:5:20: body_mib is a whole number of MiB, without a unit\n"
            "/etc/demarc/demarc.yaml:5:26: unknown key 'timeout_s' in limits\n"
            "/etc/demarc/demarc.yaml:6:1: 'limits' stands here twice, first in line 5");
}

struct Refused {
  const char* lines;
  const char* says;
};
class Refuses : public testing::TestWithParam<Refused> {};
TEST_P(Refuses, AndSaysWhy) { EXPECT_THAT(said_of(GetParam().lines), HasSubstr(GetParam().says)); }
INSTANTIATE_TEST_SUITE_P(Load, Refuses,
                         testing::Values(Refused{"limits: {body_mib: 0}", "body_mib lies between 1 and 1024"},  //
                                         Refused{"limits: {body_mib: -1}", "whole number"},                     //
                                         Refused{"limits: {body_mib: \"32\"}", "whole number"},                 //
                                         Refused{"limits: {body_mib: 1.5}", "whole number"},                    //
                                         Refused{"limits: {body_mib: 99999999999999999999}", "whole number"},   //
                                         Refused{"limits: {body_mib: }", "no value"},                           //
                                         Refused{"limits: {body_mib: [1]}", "one value"},                       //
                                         Refused{"limits: 5", "limits holds keys with values"},                 //
                                         Refused{"limits: {body_mib: 64, buffered_mib: 32}", "body_mib is at most buffered_mib"},
                                         Refused{"default_sensitivity: secret", "none of public, internal"},  //
                                         Refused{"unexamined: {video: public}", "unknown key 'video'"},       //
                                         Refused{"listen: 8400", "host:port"},                                //
                                         Refused{"listen: \"localhost\"", "host:port"},                       //
                                         Refused{"listen: \"::1:8400\"", "brackets"},                         //
                                         Refused{"listen: gateway.example.com:8400", "name server"},          //
                                         Refused{"listen: []", "empty list"},                                 //
                                         Refused{"listen: [\"127.0.0.1:1\", \"127.0.0.1:1\"]", "twice"},      //
                                         Refused{"listen: 0.0.0.0:8400", "beyond loopback needs tls"},        //
                                         Refused{"listen: \"[::]:8400\"", "beyond loopback needs tls"},       //
                                         Refused{"listen: 0.0.0.0:8400\nkeys: optional", "keys: optional"},   //
                                         Refused{"tls: {cert: a.pem}", "missing key"},                        //
                                         Refused{"budgets: [{usd: 5, per: day}]", "whose"},                   //
                                         Refused{"budgets: [{team: a, usd: -5, per: day}]", "dollars"},       //
                                         Refused{"budgets: [{team: a, usd: 1e3, per: day}]", "dollars"},      //
                                         Refused{"budgets: [{team: a, usd: 5, per: year}]", "none of day"},   //
                                         Refused{"budgets: [{team: a, usd: 5, per: day}, {team: a, usd: 6, per: day}]", "second budget"},
                                         Refused{"budgets: [{workload: w, usd: 5, per: day}]", "not defined"},   //
                                         Refused{"costs: {watts: {idle: 1, busy: 2}}", "usd_per_kwh"},           //
                                         Refused{"costs: {watts: {idle: 3, busy: 2}, usd_per_kwh: 1}", "busy"},  //
                                         Refused{"costs: {hardware: {usd: 1, months: 0}}", "between 1 and 240"},
                                         Refused{"costs: {engineer: {usd_per_year: 1, share: 1.1}}", "0 to 1"},  //
                                         Refused{"egress: {proxy: \"https://p:1\"}", "http://host:port"},        //
                                         Refused{"egress: {proxy: \"http://u:p@p:1\"}", "no user name"},         //
                                         Refused{"audit: {origin: \"a b\"}", "audit.origin"},                    //
                                         Refused{"audit: {witness: \"https://w\"}", "none of none"},             //
                                         Refused{"workloads: [{name: w, quality_floor: 90}]", "0 to 1"},         //
                                         Refused{"workloads: [{operation: chat}]", "missing name"},              //
                                         Refused{"workloads: {name: w}", "workloads is a list"},                 //
                                         Refused{"policy: \"\"", "policy is empty"},                             //
                                         Refused{"data: \"a\\nb\"", "control character"}));

TEST(Load, RefusesUpstreamsThatCouldNotServe) {
  EXPECT_THAT(said_of_upstream("tier: local"), HasSubstr("needs an engine with its model, or a base_url"));
  EXPECT_THAT(said_of_upstream("tier: local, engine: llama"), HasSubstr("needs its model"));
  EXPECT_THAT(said_of_upstream("tier: cloud, engine: llama, model: m"), HasSubstr("its tier is local"));
  EXPECT_THAT(said_of_upstream("tier: local, engine: llama, model: m, base_url: \"http://h\""), HasSubstr("not both"));
  EXPECT_THAT(said_of_upstream("tier: local, engine: llama, model: m, key: k"), HasSubstr("key goes with base_url"));
  EXPECT_THAT(said_of_upstream(cloud(", slots: 3")), HasSubstr("slots goes with an engine"));
  EXPECT_THAT(said_of_upstream("tier: local, base_url: \"http://h\", serves: [chat]"), HasSubstr("needs its models"));
  EXPECT_THAT(said_of_upstream("tier: local, base_url: \"http://h\", models: [m]"), HasSubstr("nothing says what 'm' serves"));
  EXPECT_THAT(said_of_upstream("tier: local, base_url: \"http://h\", serves: [chat], models: [m, m]"), HasSubstr("listed twice"));
  EXPECT_THAT(said_of_upstream("tier: cloud, base_url: \"https://h\", serves: [chat], models: [m]"), HasSubstr("which dialect"));
  EXPECT_THAT(said_of_upstream("tier: local, engine: llama, model: m, serves: [chat, chta]"), HasSubstr("did you mean 'chat'?"));
  EXPECT_THAT(said_of("").empty() ? to_string(load_text("upstreams: []").error()) : "", HasSubstr("upstreams is empty"));
}

TEST(Load, SendsToTheCloudOnlyByTls) {
  const auto with = [](const std::string& url) {
    return said_of_upstream("tier: cloud, dialect: openai, serves: [chat], models: [m], base_url: \"" + url + "\"");
  };
  EXPECT_THAT(with("http://api.openai.com/v1"), HasSubstr("a cloud upstream is https"));
  EXPECT_THAT(with("http://10.0.0.1/v1"), HasSubstr("a cloud upstream is https"));
  EXPECT_THAT(with("unix:/run/x.sock"), HasSubstr("a cloud upstream is https"));
  EXPECT_EQ(with("http://127.0.0.1:1/v1"), "");
  EXPECT_EQ(with("https://api.openai.com/v1"), "");
}

TEST(Load, GivesProxyAndItsAuthorityToCloudOriginsOnly) {
  const auto config = load_text(
      "upstreams:\n"
      "  - {name: c, " +
      cloud(", ca_file: own.pem") +
      "}\n"
      "  - {name: l, tier: local, base_url: \"http://10.0.0.9:9000/v1\", serves: [chat], models: [n]}\n"
      "  - {name: e, tier: local, engine: llama, model: o}\n"
      "egress: {proxy: \"http://proxy.internal:3128\", ca_file: corporate.pem}\n");
  ASSERT_TRUE(config) << to_string(config.error());
  EXPECT_EQ(config->origins[0]->proxy_host, "proxy.internal");
  EXPECT_EQ(config->origins[0]->proxy_port, 3128);
  EXPECT_EQ(config->origins[0]->proxy_ca_file, "/etc/demarc/corporate.pem");
  EXPECT_EQ(config->origins[0]->ca_file, "/etc/demarc/own.pem");
  EXPECT_EQ(config->origins[1]->proxy_host, "");
  EXPECT_FALSE(config->origins[2]);
}

TEST(Load, LetsAnEntryOfModelsOverrideItsUpstream) {
  const auto config = load_text(
      "upstreams:\n  - {name: c, tier: cloud, dialect: openai, base_url: \"https://h/v1\", serves: [chat], context_tokens: 1000,\n"
      "     models: [a, {name: b, serves: embedding, context_tokens: 20, space: s}]}\n");
  ASSERT_TRUE(config) << to_string(config.error());
  const auto& models = config->routing.upstreams[0].models;
  EXPECT_THAT(models[0].serves, ElementsAre(Operation::chat));
  EXPECT_EQ(models[0].context_tokens, 1000);
  EXPECT_THAT(models[1].serves, ElementsAre(Operation::embedding));
  EXPECT_EQ(models[1].context_tokens, 20);
  EXPECT_EQ(models[1].space, "s");
}

TEST(Load, NeedsTlsAndKeysOnceItListensBeyondLoopback) {
  const auto config = load_text(std::string(kLocal) + "listen: [\"0.0.0.0:8400\", \"unix:run/demarc.sock\"]\ntls: {cert: c.pem, key: k.pem}\n");
  ASSERT_TRUE(config) << to_string(config.error());
  EXPECT_TRUE(listens_beyond_loopback(*config));
  EXPECT_EQ(config->keys, KeysRule::required);
  EXPECT_EQ(config->tls->key, "/etc/demarc/k.pem");
  EXPECT_EQ(config->listen[1].print(), "unix:/etc/demarc/run/demarc.sock");
  EXPECT_EQ(load_text(std::string(kLocal) + "keys: required\n")->keys, KeysRule::required);
}

TEST(Load, ReadsCostsAndBudgetsExactly) {
  const auto config = load_text(std::string(kLocal) +
                                "costs: {hardware: {usd: 6000, months: 36}, watts: {idle: 80, busy: 450}, usd_per_kwh: 0.22,\n"
                                "        engineer: {usd_per_year: 180000, share: 0.1}}\n"
                                "budgets: [{team: claims, usd: 200.50, per: month}]\n");
  ASSERT_TRUE(config) << to_string(config.error());
  EXPECT_EQ(config->costs->usd_per_kwh, *Money::parse("0.22"));
  EXPECT_EQ(config->costs->engineer_share, *Money::parse("0.1"));
  EXPECT_EQ(config->costs->watts_busy, 450);
  EXPECT_EQ(config->budgets[0].limit, *Money::parse("200.5"));
  EXPECT_EQ(config->budgets[0].scope.team, "claims");
}

TEST(Load, HandlesAnEmptyFileALongOneAndAMissingOne) {
  EXPECT_THAT(to_string(load_text("").error()), HasSubstr("empty"));
  EXPECT_THAT(to_string(load_text("# nothing\n").error()), HasSubstr("empty"));
  EXPECT_THAT(to_string(load_text("[]").error()), HasSubstr("holds keys"));
  EXPECT_THAT(to_string(load_text(std::string(kMaxConfigBytes + 1, ' ')).error()), HasSubstr("larger than 4 MiB"));
  EXPECT_EQ(to_string(load_file("/x.yaml", FakeEnvironment{}, LoadMode::serve).error()), "/x.yaml: no such file");
}

// Secrets and variables.

TEST(Secrets, ComeFromVariablesAndFilesWithoutTheirLineEnd) {
  FakeEnvironment world;
  world.variables = {{"OPENAI_API_KEY", "sk-from-env"}, {"CREDENTIALS_DIRECTORY", "/run/credentials"}};
  world.files["/etc/demarc/key.txt"] = {"sk-from-file\n", false};
  world.files["/run/credentials/openai"] = {"sk-from-systemd\n", false};
  for (const auto& [key, expected] : {std::pair("${OPENAI_API_KEY}", "sk-from-env"),
                                      {"file:key.txt", "sk-from-file"},
                                      {"file:${CREDENTIALS_DIRECTORY}/openai", "sk-from-systemd"}}) {
    const auto config = load_text("upstreams:\n  - {name: c, " + cloud(", key: \"") + key + "\"}\n", world);
    ASSERT_TRUE(config) << to_string(config.error());
    EXPECT_EQ(config->routing.upstreams[0].key, expected);
    EXPECT_TRUE(config->warnings.empty()) << to_string(config->warnings);
  }
}

TEST(Secrets, AreWarnedOfWhereTheyLieOpen) {
  FakeEnvironment world;
  world.files["/etc/demarc/key.txt"] = {"sk-hunter2", true};
  const auto open_file = load_text("upstreams:\n  - {name: c, " + cloud(", key: \"file:key.txt\"}\n"), world);
  ASSERT_TRUE(open_file) << to_string(open_file.error());
  EXPECT_THAT(to_string(open_file->warnings), HasSubstr("readable by everybody"));
  const auto literal = load_text("upstreams:\n  - {name: c, " + cloud(", key: sk-hunter2}\n"));
  ASSERT_TRUE(literal);
  EXPECT_THAT(to_string(literal->warnings), testing::AllOf(HasSubstr("stands in the file itself"), Not(HasSubstr("hunter2"))));
  const auto none = load_text("upstreams:\n  - {name: c, " + cloud("}\n"));
  ASSERT_TRUE(none);
  EXPECT_THAT(to_string(none->warnings), HasSubstr("has no key"));
}

TEST(Secrets, NeverStandInAMessage) {
  FakeEnvironment world;
  world.variables = {{"S", "hunter2"}, {"SPACED", "hunter2 hunter2"}, {"LINES", "hunter2\nhunter2"}};
  world.files["/etc/demarc/spaced"] = {"hunter2 hunter2", false};
  for (const char* lines :
       {"default_sensitivity: \"${S}\"", "limits: {body_mib: \"${S}\"}", "listen: \"${S}\"", "aliases: {a: [\"${S}\"]}", "aliases: {a: [\"l/${S}\"]}",
        "egress: {proxy: \"${S}\"}", "audit: {origin: \"${SPACED}\"}", "data: \"${LINES}\"", "budgets: [{team: a, usd: \"${S}\", per: \"${S}\"}]",
        "workloads: [{name: \"${SPACED}\"}]", "tls: {cert: \"${LINES}\", key: b}"}) {
    const std::string said = said_of(lines, world);
    EXPECT_NE(said, "") << lines;
    EXPECT_THAT(said, Not(HasSubstr("hunter2"))) << lines;
  }
  for (const char* key : {"${SPACED}", "${LINES}", "file:spaced", "hunter2 hunter2", "${MISSING}", "file:${S}"}) {
    const std::string said = said_of_upstream(cloud(", key: \"") + key + "\"", world);
    EXPECT_NE(said, "") << key;
    EXPECT_THAT(said, Not(HasSubstr("hunter2"))) << key;
  }
}

TEST(Redaction, IsByPlaceholdersUnlessSaidOtherwise) {
  const auto plain = load_text(std::string(kLocal));
  EXPECT_EQ(plain->redaction.style, RedactionStyle::placeholder);
  EXPECT_EQ(plain->redaction.hash_key, "");
  FakeEnvironment world;
  world.files["/etc/demarc/hash.key"] = {"0123456789abcdef\n", false};
  const auto config =
      load_text(std::string(kLocal) + "redaction: {style: surrogate, tools: {never: [send_mail, post]}, hash_key: {file: hash.key}}\n", world);
  ASSERT_TRUE(config) << to_string(config.error());
  EXPECT_EQ(config->redaction.style, RedactionStyle::surrogate);
  EXPECT_THAT(config->redaction.tools_never, ElementsAre("send_mail", "post"));
  EXPECT_EQ(config->redaction.hash_key, "0123456789abcdef");
}

TEST(Redaction, RefusesAHashKeyThatIsNotThereOrCanBeGuessed) {
  FakeEnvironment world;
  world.files["/etc/demarc/short"] = {"0123456789abcde", false};
  EXPECT_THAT(said_of("redaction: {hash_key: {file: short}}", world), HasSubstr("can be guessed"));
  EXPECT_THAT(said_of("redaction: {hash_key: {file: missing}}", world), HasSubstr("/etc/demarc/missing: no such file"));
}

TEST(Vault, IsInMemoryUnlessSaidOtherwise) {
  EXPECT_EQ(load_text(std::string(kLocal))->vault.keep, VaultKeep::memory);
  const auto config = load_text(std::string(kLocal) + "vault: {keep: file, key: {file: vault.key}, life_hours: 48, conversations: 5, mib: 7}\n");
  ASSERT_TRUE(config) << to_string(config.error());
  EXPECT_EQ(config->vault.keep, VaultKeep::file);
  EXPECT_EQ(config->vault.key_file, "/etc/demarc/vault.key");
  EXPECT_EQ(config->vault.life_hours, 48);
  EXPECT_EQ(config->vault.conversations, 5);
  EXPECT_EQ(config->vault.mib, 7);
  const auto command = load_text(std::string(kLocal) + "vault: {keep: file, key: {command: [kms, decrypt, vault]}}\n");
  ASSERT_TRUE(command) << to_string(command.error());
  EXPECT_THAT(command->vault.key_command, ElementsAre("kms", "decrypt", "vault"));
}

TEST(Vault, NeedsOneKeyForAFile) {
  EXPECT_THAT(said_of("vault: {keep: file}"), HasSubstr("needs key"));
  EXPECT_THAT(said_of("vault: {keep: file, key: {file: a, command: [b]}}"), HasSubstr("either file or command"));
  EXPECT_THAT(said_of("vault: {keep: file, key: {}}"), HasSubstr("either file or command"));
  EXPECT_THAT(said_of("vault: {life_hours: 0}"), Not(testing::IsEmpty()));
}

TEST(Detectors, OfOnesOwnPatternsStandRelativeToTheFile) {
  const auto config = load_text(std::string(kLocal) + "detectors: {patterns: [patterns.yaml, /srv/names.yaml]}\n");
  ASSERT_TRUE(config);
  EXPECT_EQ(config->patterns, (std::vector<std::string>{"/etc/demarc/patterns.yaml", "/srv/names.yaml"}));
  EXPECT_TRUE(load_text(std::string(kLocal))->patterns.empty());
}

TEST(Detectors, OfNamesIsOffUnlessConfigured) { EXPECT_FALSE(load_text(std::string(kLocal))->names); }

TEST(Detectors, OfNamesFailClosedUnlessSaidOtherwise) {
  const auto config = load_text(std::string(kLocal) + "detectors: {names: {model: rampart, languages: [en, de]}}\n");
  ASSERT_TRUE(config) << to_string(config.error());
  EXPECT_EQ(config->names, (NamesSettings{.model = "rampart", .languages = {"en", "de"}}));
  EXPECT_EQ(config->names->other_language, OtherLanguage::unknown);
}

TEST(Detectors, OfNamesTakeEveryKey) {
  const auto config = load_text(std::string(kLocal) +
                                "detectors:\n  names:\n    model: m\n    languages: fr\n    other_language: uncovered\n    slots: 3\n    threads: 1\n"
                                "    memory_mib: 512\n");
  ASSERT_TRUE(config) << to_string(config.error());
  EXPECT_EQ(config->names, (NamesSettings{.model = "m",
                                          .languages = {"fr"},
                                          .other_language = OtherLanguage::uncovered,
                                          .slots = 3,
                                          .threads = 1,
                                          .memory_limit_bytes = 512ULL << 20}));
}

TEST(Detectors, OfNamesNeedAModelAndLanguages) {
  EXPECT_THAT(said_of("detectors: {names: {model: m}}"), HasSubstr("languages"));
  EXPECT_THAT(said_of("detectors: {names: {languages: [en]}}"), HasSubstr("model"));
  EXPECT_THAT(said_of("detectors: {names: {model: m, languages: []}}"), HasSubstr("languages"));
  EXPECT_THAT(said_of("detectors: {names: {model: m, languages: [English]}}"), HasSubstr("language code"));
  EXPECT_THAT(said_of("detectors: {names: {model: m, languages: [en], other_language: maybe}}"), HasSubstr("uncovered"));
}

TEST(Detectors, AReviewIsOffUnlessConfiguredAndTakesEveryKey) {
  EXPECT_FALSE(load_text(std::string(kLocal))->review);
  const auto config = load_text(std::string(kLocal) + "detectors: {review: {at_least: confidential, model: small, timeout_ms: 500, most_kib: 8}}\n");
  ASSERT_TRUE(config) << to_string(config.error());
  EXPECT_EQ(config->review, (ReviewSettings{.at_least = Sensitivity::confidential, .model = "small", .timeout_ms = 500, .most_kib = 8}));
  EXPECT_FALSE(config->names);
  EXPECT_THAT(said_of("detectors: {review: {model: small}}"), HasSubstr("at_least"));
}

TEST(Memory, IsTheMachinesUnlessSaidOtherwise) {
  const auto config = load_text(std::string(kLocal));
  EXPECT_EQ(config->memory.limit_bytes, 0U);
  EXPECT_EQ(config->routing.upstreams[0].loading, Loading::start);
  EXPECT_EQ(config->routing.upstreams[0].prompt_cache_bytes, 128ULL << 20);
}

TEST(Memory, AndLoadingTakeEveryKey) {
  const auto config = load_text(
      "upstreams: [{name: l, tier: local, engine: llama, model: m, load: demand, prompt_cache_mib: 0}]\nmemory: {limit_mib: 4096, stay_s: 60}\n");
  ASSERT_TRUE(config) << to_string(config.error());
  EXPECT_EQ(config->memory.limit_bytes, 4096ULL << 20);
  EXPECT_EQ(config->memory.stay_s, 60);
  EXPECT_EQ(config->routing.upstreams[0].loading, Loading::demand);
  EXPECT_EQ(config->routing.upstreams[0].prompt_cache_bytes, 0U);
  EXPECT_THAT(said_of("memory: {limit_mib: 5}\n"), HasSubstr("limit_mib"));
}

TEST(Variables, AreNamedWithTheirLineWhenTheyAreNotSet) {
  EXPECT_EQ(said_of("data: \"${NOWHERE}/x\""), "/etc/demarc/demarc.yaml:2:7: the variable NOWHERE is not set");
  for (const char* bad : {"data: \"${}\"", "data: \"${A\"", "data: \"${A B}\"", "data: \"${1A}\""})
    EXPECT_THAT(said_of(bad), HasSubstr("variable's name")) << bad;
}

TEST(Variables, GiveNumbersAndPartsOfTextAndAreNotExpandedTwice) {
  FakeEnvironment world;
  world.variables = {{"N", "64"}, {"DIR", "/srv/${N}"}};
  const auto config = load_text(std::string(kLocal) + "limits: {body_mib: \"${N}\"}\n", world);
  EXPECT_FALSE(config);  // in quotes it is a word
  const auto plain = load_text(std::string(kLocal) + "limits:\n  body_mib: ${N}\ndata: ${DIR}/data\n", world);
  ASSERT_TRUE(plain) << to_string(plain.error());
  EXPECT_EQ(plain->limits.body_mib, 64);
  EXPECT_EQ(plain->data, "/srv/${N}/data");
}

TEST(PolicyOnly, LeavesVariablesAloneAndNeedsNeitherKeysNorTls) {
  const auto config =
      load_text("listen: 0.0.0.0:8400\nlimits:\n  body_mib: ${N}\nupstreams:\n  - {name: c, " + cloud(", context_tokens: \"${M}\", key: \"${K}\"") +
                    "}\n"
                    "  - {name: d, tier: cloud, dialect: openai, base_url: \"${URL}\", serves: [chat], models: [n], key: \"file:/missing\"}\n",
                {}, LoadMode::policy_only);
  ASSERT_TRUE(config) << to_string(config.error());
  EXPECT_EQ(config->routing.upstreams[0].key, "");
  EXPECT_FALSE(config->routing.upstreams[0].models[0].context_tokens);
  EXPECT_FALSE(config->origins[1]);
  EXPECT_FALSE(load_text("upstreams: [{name: c, teir: local}]", {}, LoadMode::policy_only));
}

}  // namespace
}  // namespace demarc::config
