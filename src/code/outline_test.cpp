#include "code/outline.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace demarc::code {
namespace {

using testing::Contains;
using testing::Field;

TEST(Outline, TellsWhatAFileDefinesAndImports) {
  Outliner outliner;
  const auto outline =
      outliner.read("a/b.py", "import os\nfrom shop.invoice import Invoice\n\nclass Report:\n    def total(self):\n        return 1\n");
  ASSERT_TRUE(outline.ok()) << outline.error();
  EXPECT_THAT(outline->definitions, Contains(testing::AllOf(Field(&Definition::name, "total"), Field(&Definition::scope, "Report"),
                                                            Field(&Definition::line, 5), Field(&Definition::end_line, 6))));
  EXPECT_THAT(outline->imports, testing::IsSupersetOf({"os", "shop.invoice", "Invoice"}));
}

TEST(Outline, ReadsOneFileAfterAnother) {
  Outliner outliner;
  for (int i = 0; i < 3; ++i) EXPECT_EQ(outliner.read("a.go", "package a\n\nfunc F() {}\n")->definitions.back().name, "F");
}

// Hostile files: whatever they hold, there is an outline, if only an empty one, and the next file is read.
TEST(Outline, OutlivesHostileFiles) {
  Outliner outliner;
  std::vector<std::string> hostile = {std::string("\0\xff\xfe", 3),
                                      std::string(200'000, '('),
                                      std::string(200'000, '{') + "\n",
                                      "{\"command\":\"generate-tags\"}\n",
                                      "\n{\"_type\":\"completed\"}\n",
                                      std::string(400'000, 'a'),
                                      "class \xc3\x28:\n",
                                      std::string(100'000, '\n') + "def f(:\n"};
  for (const std::string& text : hostile)
    for (const std::string_view ending : {".py", ".js", ".cpp", ".go", ".rs", ".java", ".ts", ".rb", ".php", ".sql"})
      ASSERT_TRUE(outliner.read("x" + std::string(ending), text).ok()) << ending << " " << text.substr(0, 20);
  EXPECT_EQ(outliner.read("a.py", "def f(): pass\n")->definitions.size(), 1);
}

TEST(Outline, KnowsALanguageByTheNamesEnding) {
  EXPECT_EQ(language_of("a/b.py"), "Python");
  EXPECT_EQ(language_of("a.b/c"), "");
  EXPECT_EQ(language_of("photo.png"), "");
}

}  // namespace
}  // namespace demarc::code
