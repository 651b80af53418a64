#include "cli/redact/redactor.hpp"

#include <gtest/gtest.h>

namespace demarc::cli {
namespace {

TEST(CutNear, IsBehindAnEmptyLineElseBehindALine) {
  EXPECT_EQ(cut_near("aa\n\nbb\ncccc", 9), 4U);
  EXPECT_EQ(cut_near("aaaa\nbb\ncccc", 9), 8U);
}

TEST(CutNear, IsNeverWithinACharacterNorNowhere) {
  const std::string text = "aé" + std::string(5, 'b');
  EXPECT_EQ(cut_near(text, 2), 1U);
  EXPECT_EQ(cut_near(text, 3), 3U);
  EXPECT_EQ(cut_near("éé", 2), 2U);
}

TEST(CutNear, PassesByAnEmptyLineThatIsFarAway) {
  const std::string text = "\n\n" + std::string(200'000, 'a') + "\n" + std::string(100, 'b');
  EXPECT_EQ(cut_near(text, 200'050), 200'003U);
}

TEST(JsonDocument, IsWhatMustNotBeCut) {
  EXPECT_TRUE(is_json_document(" {\"a\":\n1}\n"));
  EXPECT_TRUE(is_json_document("[1,\n2]"));
  EXPECT_TRUE(is_json_document("[1, 2]"));
  EXPECT_FALSE(is_json_document("{\"a\":1}\n{\"a\":2}\n")) << "JSON lines";
  EXPECT_FALSE(is_json_document("[2026-01-01] a log line\n[2026-01-02] {}]"));
  EXPECT_FALSE(is_json_document(""));
}

}  // namespace
}  // namespace demarc::cli
