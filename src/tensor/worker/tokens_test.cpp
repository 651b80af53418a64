#include "tensor/worker/tokens.hpp"

#include <gtest/gtest.h>

namespace demarc::tensor::worker {
namespace {

const std::vector<std::string> kVocabulary = {"[PAD]", "[UNK]", "[CLS]", "[SEP]", "ada", "love", "##lace", "##la",
                                              "##ce",  "ny",    ",",     "-",     "zoe", "人",   "a"};

WordPiece lower() { return std::move(*WordPiece::make(kVocabulary, Letters::lower)); }

std::string shown(const WordPiece& words, std::string_view text) {
  std::string out;
  for (const Token& token : words.tokenize(text))
    out += kVocabulary[static_cast<std::size_t>(token.id)] + "@" + std::to_string(token.begin) + "-" + std::to_string(token.end) + " ";
  return out;
}

TEST(WordPiece, TakesTheLongestPieceFirst) { EXPECT_EQ(shown(lower(), "lovelace"), "love@0-4 ##lace@4-8 "); }

TEST(WordPiece, CountsBytesOfTheTextAsGiven) { EXPECT_EQ(shown(lower(), "  Zoë, Ada"), "zoe@2-6 ,@6-7 ada@8-11 "); }

TEST(WordPiece, SplitsAtPunctuationWithinAWord) { EXPECT_EQ(shown(lower(), "Ada-Ny"), "ada@0-3 -@3-4 ny@4-6 "); }

TEST(WordPiece, CallsAWordWithAnUnknownRestUnknownAsAWhole) { EXPECT_EQ(shown(lower(), "loveQ ada"), "[UNK]@0-5 ada@6-9 "); }

TEST(WordPiece, CallsAVeryLongWordUnknown) { EXPECT_EQ(shown(lower(), std::string(101, 'a')), "[UNK]@0-101 "); }

TEST(WordPiece, PassesOverInvisibleCharacters) { EXPECT_EQ(shown(lower(), "A\u200bda"), "ada@0-6 "); }

TEST(WordPiece, TakesEachIdeographAsAWord) { EXPECT_EQ(shown(lower(), "人人"), "人@0-3 人@3-6 "); }

TEST(WordPiece, NumbersTheWords) {
  const auto tokens = lower().tokenize("ada lovelace");
  ASSERT_EQ(tokens.size(), 3U);
  EXPECT_EQ(tokens[1].word, 1U);
  EXPECT_EQ(tokens[2].word, 1U);
}

TEST(WordPiece, PassesOverBytesThatAreNotUtf8) {
  EXPECT_EQ(shown(lower(),
                  "\xff"
                  "ada\xc3"),
            "ada@1-4 ");
}

TEST(WordPiece, RefusesAVocabularyWithoutTheSpecialPieces) { EXPECT_FALSE(WordPiece::make({"ada"}, Letters::lower)); }

}  // namespace
}  // namespace demarc::tensor::worker
