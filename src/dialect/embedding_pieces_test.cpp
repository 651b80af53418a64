#include "dialect/embedding_pieces.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace demarc::dialect {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(EmbeddingPieces, AreShortListsOfTheSameRequest) {
  const std::string body = R"({"model":"m","input":["a","b\"]", "c" ,"d","e"],"encoding_format":"base64"})";
  EXPECT_THAT(cut_embeddings(body, {.texts = 2, .bytes = 100}), ElementsAre(R"({"model":"m","input":["a","b\"]"],"encoding_format":"base64"})",
                                                                            R"({"model":"m","input":["c","d"],"encoding_format":"base64"})",
                                                                            R"({"model":"m","input":["e"],"encoding_format":"base64"})"));
  EXPECT_THAT(cut_embeddings(R"({"input":["aaaaaaaaaa","b","c"]})", {.texts = 9, .bytes = 8}),  // the first is too long for company
              ElementsAre(R"({"input":["aaaaaaaaaa"]})", R"({"input":["b","c"]})"));
}

TEST(EmbeddingPieces, WhatIsShortOrNoListOfTextsStaysWhole) {
  for (const char* body : {R"({"input":["a","b"]})", R"({"input":"a"})", R"({"input":[[1,2],[3]]})", R"({"input":[]})", R"({"model":"m"})", "[", ""})
    EXPECT_THAT(cut_embeddings(body, {.texts = 2, .bytes = 100}), IsEmpty()) << body;
}

TEST(EmbeddingPieces, AnswersJoinInOrderWithTheirNumbersAndCounts) {
  const auto joined = join_embeddings(
      {R"({"object":"list","data":[{"object":"embedding","index":0,"embedding":[0.1,-2e-3]},{"index":1,"embedding":[1]}],"model":"m","usage":{"prompt_tokens":3,"total_tokens":3}})",
       R"({"model":"n","data":[{"embedding":"AAA=","index":0}],"usage":{"total_tokens":5,"prompt_tokens":4}})"});
  EXPECT_EQ(
      joined,
      R"({"object":"list","data":[{"object":"embedding","index":0,"embedding":[0.1,-2e-3]},{"index":1,"embedding":[1]},{"embedding":"AAA=","index":2}],"model":"m","usage":{"prompt_tokens":7,"total_tokens":8}})");
}

TEST(EmbeddingPieces, WhatIsNoAnswerOfVectorsJoinsToNothing) {
  EXPECT_EQ(join_embeddings({R"({"data":[]})", R"({"error":{}})"}), std::nullopt);
  EXPECT_EQ(join_embeddings({"nonsense"}), std::nullopt);
  EXPECT_EQ(join_embeddings({}), std::nullopt);
}

}  // namespace
}  // namespace demarc::dialect
