// The documents cannot lag behind the tables. After a change of a table: DEMARC_UPDATE_DOCS=1 build/dev/config_test --gtest_filter='Reference.*'
#include "config/reference.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "config/config.hpp"
#include "config/fake_environment.hpp"
#include "config/keys.hpp"
#include "core/operation.hpp"

namespace demarc::config {
namespace {

const std::string kRoot = DEMARC_SOURCE_DIR;

std::string file_text(const std::string& path) {
  std::ifstream in(path);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

bool updating() { return std::getenv("DEMARC_UPDATE_DOCS") != nullptr; }

std::string with_block(const std::string& text, const std::string& mark, const std::string& block) {
  const std::size_t begin = text.find("<!-- " + mark);
  const std::size_t body = text.find('\n', begin) + 1, end = text.find("<!-- end -->", body);
  if (begin == std::string::npos || end == std::string::npos) return "no marks for " + mark;
  return text.substr(0, body) + block + text.substr(end);
}

TEST(Reference, DocumentHasEveryKeyAndLimit) {
  const std::string path = kRoot + "/docs/reference/config.md";
  const std::string text = file_text(path);
  const std::string fresh = with_block(with_block(text, "keys:", keys_markdown()), "limits:", limits_markdown());
  if (updating()) std::ofstream(path) << fresh;
  EXPECT_TRUE(text == fresh || updating()) << "docs/reference/config.md lags behind src/config/keys.cpp or limits.cpp";
}

TEST(Reference, SchemaFileIsTheOneTheTablesMake) {
  const std::string path = kRoot + "/docs/formats/demarc.schema.json";
  if (updating()) std::ofstream(path) << json_schema();
  EXPECT_TRUE(file_text(path) == json_schema()) << "docs/formats/demarc.schema.json lags behind src/config/keys.cpp or limits.cpp";
}

TEST(Reference, EveryKeyIsExplainedAndHasOneMeaning) {
  for (const Section* section : all_sections())
    for (const KeySpec& key : section->keys) {
      EXPECT_FALSE(key.meaning.empty()) << key.name;
      EXPECT_EQ(section->find(key.name), &key) << section->path << "." << key.name << " stands there twice";
      if (key.shape == Shape::whole) EXPECT_LE(key.min, key.max) << key.name;
      if (key.shape == Shape::choice || key.shape == Shape::choices) EXPECT_FALSE(key.choices.empty()) << key.name;
    }
}

TEST(Reference, ChoicesAreTheWordsThatCoreReads) {
  const KeySpec& serves = *root_section().find("upstreams")->section->find("serves");
  EXPECT_EQ(serves.choices.size(), static_cast<std::size_t>(kOperationCount));
  for (const std::string_view name : serves.choices) EXPECT_TRUE(parse_operation(name)) << name;
  const Section& upstream = *root_section().find("upstreams")->section;
  for (const std::string_view name : upstream.find("dialect")->choices) EXPECT_TRUE(parse_provider(name)) << name;
  for (const std::string_view name : upstream.find("engine")->choices) EXPECT_TRUE(parse_engine_kind(name)) << name;
  for (const std::string_view name : upstream.find("tier")->choices) EXPECT_TRUE(parse_tier(name)) << name;
  for (const std::string_view name : root_section().find("default_sensitivity")->choices) EXPECT_TRUE(parse_sensitivity(name)) << name;
}

TEST(Limits, HaveDefaultsInsideTheirRangesAndUnitsInTheirNames) {
  for (const LimitSpec& spec : limit_specs()) {
    EXPECT_LE(spec.min, spec.default_value) << spec.name;
    EXPECT_LE(spec.default_value, spec.max) << spec.name;
    EXPECT_EQ(Limits().*spec.field, spec.default_value) << spec.name;
  }
}

TEST(Examples, TheExampleOfDeployLoads) {
  FakeEnvironment world;
  world.variables["OPENAI_API_KEY"] = "sk-example";
  const std::string path = kRoot + "/deploy/demarc.example.yaml";
  const auto config = load(file_text(path), path, world, LoadMode::serve);
  ASSERT_TRUE(config) << to_string(config.error());
  EXPECT_EQ(to_string(config->warnings), "");
  EXPECT_EQ(config->routing.upstreams.size(), 5U);
  EXPECT_TRUE(process_environment().exists(config->policy_path)) << config->policy_path;
}

TEST(Examples, EveryConformanceHouseLoadsForItsPolicy) {
  int houses = 0;
  for (const auto& entry : std::filesystem::directory_iterator(kRoot + "/tests/conformance/policy")) {
    const std::string path = (entry.path() / "demarc.yaml").string();
    if (!std::filesystem::exists(path)) continue;
    const auto config = load_file(path, process_environment(), LoadMode::policy_only);
    EXPECT_TRUE(config) << to_string(config.error());
    ++houses;
  }
  EXPECT_GE(houses, 6);
}

TEST(ProcessEnvironment, ReadsRegularFilesUpToTheLimitOnly) {
  const Environment& world = process_environment();
  EXPECT_EQ(world.read("/dev/zero", 10).error(), ReadError::not_a_file);
  EXPECT_EQ(world.read("/no/such/file", 10).error(), ReadError::not_found);
  EXPECT_EQ(world.read(kRoot + "/LICENSE", 10).error(), ReadError::too_large);
  EXPECT_TRUE(world.read(kRoot + "/LICENSE", 1 << 20));
}

}  // namespace
}  // namespace demarc::config
