#include "core/yaml/tree.hpp"

#include <gtest/gtest.h>

namespace demarc {
namespace {

std::string refusal(std::string_view text, const YamlLimits& limits = {}) {
  const auto tree = parse_yaml(text, limits);
  return tree ? "" : std::to_string(tree.error().line) + ":" + std::to_string(tree.error().column) + ": " + tree.error().message;
}

TEST(YamlTree, KnowsWhereEveryValueStands) {
  const auto tree = parse_yaml("a: 1\nb: [x, \"2\"]\nc: ~\n");
  ASSERT_TRUE(tree);
  ASSERT_EQ(tree->keys.size(), 3U);
  EXPECT_EQ(tree->items[1].items[1].line, 2);
  EXPECT_EQ(tree->items[1].items[1].column, 8);
  EXPECT_TRUE(tree->items[1].items[1].quoted);
  EXPECT_EQ(tree->items[2].kind, YamlKind::null);
  EXPECT_EQ(tree->find("a")->text, "1");
  EXPECT_EQ(tree->find("d"), nullptr);
}

TEST(YamlTree, RefusesDuplicateKeysUnlessTheReaderReportsThem) {
  constexpr std::string_view kTwice = "a: 1\nb: {c: 1}\na: 2\n";
  EXPECT_EQ(refusal(kTwice), "3:1: duplicate key \"a\"");
  const auto kept = parse_yaml(kTwice, {.duplicate_keys = DuplicateKeys::kept});
  ASSERT_TRUE(kept);
  EXPECT_EQ(kept->keys.size(), 3U);
  EXPECT_EQ(kept->find("a")->text, "1");
}

TEST(YamlTree, AllowsOneKeyInTwoMaps) { EXPECT_EQ(refusal("- {a: 1, b: {a: 1}}\n- {a: 1}\n"), ""); }

TEST(YamlTree, RefusesAnchorsAliasesTagsAndSecondDocuments) {
  EXPECT_EQ(refusal("a: &x [1]\nb: *x\n"), "1:4: anchors and aliases are not read here; write the value out");
  EXPECT_NE(refusal("a: &x 1\n").find("anchors"), std::string::npos);
  EXPECT_NE(refusal("a: *x\n"), "");
  EXPECT_NE(refusal("a: !!int 1\n").find("tags"), std::string::npos);
  EXPECT_NE(refusal("a: 1\n---\nb: 2\n").find("second document"), std::string::npos);
  EXPECT_NE(refusal("? [a, b]\n: 1\n").find("a key must be a word"), std::string::npos);
}

TEST(YamlTree, IsBoundedInBytesDepthAndSize) {
  EXPECT_EQ(refusal("a: 1", {.bytes = 3}), "0:0: larger than 0 MiB");
  EXPECT_NE(refusal(std::string(100'000, '[')), "");
  EXPECT_EQ(refusal("a: [[1]]", {.depth = 2}), "1:5: nested too deeply: at most 2 levels");
  EXPECT_EQ(refusal("[1, 2, 3]", {.nodes = 3}), "1:8: too many values: at most 3");
}

TEST(YamlTree, ReadsAnEmptyTextAsNull) {
  EXPECT_EQ(parse_yaml("").value().kind, YamlKind::null);
  EXPECT_EQ(parse_yaml("# a comment\n").value().kind, YamlKind::null);
}

TEST(YamlTree, AnswersRubbishWithAPlaceNotWithItsContents) {
  for (const char* bad : {"a: [1", "a: \"hunter2", "\thunter2: 1", "a: b: hunter2", "{hunter2", "a: @hunter2", "- hunter2\nb: 1"}) {
    const std::string text = refusal(bad);
    EXPECT_NE(text, "") << bad;
    EXPECT_EQ(text.find("hunter2"), std::string::npos) << text;
  }
  EXPECT_EQ(refusal("a: \xff\xfe"), "0:0: not UTF-8 text");
  EXPECT_EQ(refusal(std::string_view("a: \0", 4)), "0:0: not UTF-8 text");
}

}  // namespace
}  // namespace demarc
