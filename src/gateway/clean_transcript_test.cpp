#include "gateway/clean_transcript.hpp"

#include <gtest/gtest.h>

namespace demarc::gateway {
namespace {

TEST(ApplyEdits, ReplacesDropsAndCutsToARange) {
  const std::string text = "uh so we meet at nine um";
  const std::vector<TranscriptEdit> edits = {{0, 3, "", "filler"}, {3, 5, "So", "case"}, {17, 21, "nine.", "punctuation"}, {21, 24, "", "filler"}};
  EXPECT_EQ(apply_edits(text, edits, 0, text.size()), "So we meet at nine.");
  EXPECT_EQ(apply_edits(text, edits, 9, text.size()), "meet at nine.");
}

TEST(WordsOf, FindsEveryRunWithoutSpace) {
  const auto words = words_of("  a bc\n d ");
  ASSERT_EQ(words.size(), 3U);
  EXPECT_EQ(words[1].begin, 4U);
  EXPECT_EQ(words[1].end, 6U);
}

}  // namespace
}  // namespace demarc::gateway
