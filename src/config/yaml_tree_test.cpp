#include "config/yaml_tree.hpp"

#include <gtest/gtest.h>

namespace demarc::config {
namespace {

std::string refusal(std::string_view text) {
  const auto tree = parse_yaml(text, "f");
  return tree ? "" : to_string(tree.error());
}

TEST(YamlTree, KnowsWhereEveryValueStandsAndKeepsDuplicateKeys) {
  const auto tree = parse_yaml("a: 1\nb: [x, \"2\"]\na: ~\n", "f");
  ASSERT_TRUE(tree);
  ASSERT_EQ(tree->keys.size(), 3U);
  EXPECT_EQ(tree->items[1].items[1].line, 2);
  EXPECT_EQ(tree->items[1].items[1].column, 8);
  EXPECT_TRUE(tree->items[1].items[1].quoted);
  EXPECT_EQ(tree->items[2].kind, YamlKind::null);
  EXPECT_EQ(tree->find("a")->text, "1");
}

TEST(YamlTree, RefusesAnchorsAliasesTagsAndSecondDocuments) {
  EXPECT_EQ(refusal("a: &x [1]\nb: *x\n"), "f:1:4: anchors and aliases are not read here; write the value out");
  EXPECT_NE(refusal("a: &x 1\n").find("anchors"), std::string::npos);
  EXPECT_NE(refusal("a: !!int 1\n").find("tags"), std::string::npos);
  EXPECT_NE(refusal("a: 1\n---\nb: 2\n").find("second document"), std::string::npos);
  EXPECT_NE(refusal("? [a, b]\n: 1\n").find("a key must be a word"), std::string::npos);
}

TEST(YamlTree, IsBoundedInDepthAndSize) {
  EXPECT_NE(refusal(std::string(100'000, '[')), "");
  EXPECT_NE(refusal("a: " + std::string(13, '[') + std::string(13, ']')).find("nested too deeply"), std::string::npos);
  std::string wide = "[";
  for (std::size_t i = 0; i < kMaxYamlNodes; ++i) wide += "1,";
  EXPECT_NE(refusal(wide + "1]").find("too many values"), std::string::npos);
}

TEST(YamlTree, AnswersRubbishWithAPlaceNotWithItsContents) {
  for (const char* bad : {"a: [1", "a: \"hunter2", "\thunter2: 1", "a: b: hunter2", "{hunter2", "a: @hunter2", "- hunter2\nb: 1"}) {
    const std::string text = refusal(bad);
    EXPECT_NE(text, "") << bad;
    EXPECT_EQ(text.find("hunter2"), std::string::npos) << text;
  }
  EXPECT_EQ(refusal("a: \xff\xfe"), "f: not UTF-8");
}

}  // namespace
}  // namespace demarc::config
