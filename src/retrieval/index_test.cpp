#include "retrieval/index.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

namespace demarc::retrieval {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::Field;

class DocumentIndexTest : public testing::Test {
 protected:
  DocumentIndexTest() {
    std::string name = testing::TempDir() + "index-XXXXXX";
    folder_ = mkdtemp(name.data());
  }
  ~DocumentIndexTest() override { fs::remove_all(folder_); }
  DocumentIndex open() { return std::move(*DocumentIndex::open(folder_ / "a.sqlite", OpenMode::create)); }
  static IndexedChunk chunk(std::string text, std::vector<float> vector) {
    return {.chunk = {.text = std::move(text), .heading = "", .lines = {1, 2}}, .vector = std::move(vector)};
  }
  static std::vector<std::string> texts(DocumentIndex& index, const Query& query) {
    const auto hits = index.search(query);
    std::vector<std::string> out;
    for (const Hit& hit : *hits) out.push_back(hit.text);
    return out;
  }
  fs::path folder_;
};

TEST_F(DocumentIndexTest, FindsByWordsByMeaningAndByBoth) {
  DocumentIndex index = open();
  ASSERT_TRUE(index
                  .put({.path = "a", .digest = "1", .label = Sensitivity::confidential},
                       {chunk("invading the country", {1, 0}), chunk("a horse", {0, 1}), chunk("a pony in the country", {0.6F, 0.8F})})
                  .ok());
  EXPECT_THAT(texts(index, {.text = "who invaded it?", .vector = {}, .by = SearchBy::words}), ElementsAre("invading the country"));
  EXPECT_THAT(texts(index, {.text = "x", .vector = {0, 1}, .by = SearchBy::meaning}),
              ElementsAre("a horse", "a pony in the country", "invading the country"));
  EXPECT_EQ(texts(index, {.text = "country", .vector = {0.6F, 0.8F}, .by = SearchBy::both}).front(), "a pony in the country");
  const auto hits = index.search({.text = "horse", .vector = {0, 1}});
  EXPECT_EQ(hits->front().label, Sensitivity::confidential);
  EXPECT_NEAR(hits->front().cosine, 1.0, 1e-6);
}

TEST_F(DocumentIndexTest, ForgetsWhatADocumentDoesNotSayAnyMore) {
  DocumentIndex index = open();
  ASSERT_TRUE(index.put({.path = "a", .digest = "1"}, {chunk("horses", {1, 0})}).ok());
  ASSERT_TRUE(index.put({.path = "a", .digest = "2"}, {chunk("ponies", {1, 0})}).ok());
  EXPECT_TRUE(texts(index, {.text = "horses", .vector = {}, .by = SearchBy::words}).empty());
  EXPECT_THAT(*index.entries(), ElementsAre(Field(&Entry::digest, "2")));
  ASSERT_TRUE(index.remove("a").ok());
  EXPECT_TRUE(texts(index, {.text = "ponies", .vector = {1, 0}}).empty());
}

TEST_F(DocumentIndexTest, IsThereAfterARestart) {
  {
    DocumentIndex index = open();
    ASSERT_TRUE(index.put({.path = "a", .digest = "1"}, {chunk("horses", {1, 0})}).ok());
    ASSERT_TRUE(index.set_embedded_by("m").ok());
  }
  DocumentIndex index = open();
  EXPECT_EQ(*index.embedded_by(), "m");
  EXPECT_THAT(texts(index, {.text = "horse", .vector = {1, 0}}), ElementsAre("horses"));
}

TEST_F(DocumentIndexTest, RefusesVectorsOfAnotherLength) {
  DocumentIndex index = open();
  ASSERT_TRUE(index.put({.path = "a", .digest = "1"}, {chunk("horses", {1, 0})}).ok());
  EXPECT_FALSE(index.search({.text = "", .vector = {1, 0, 0}}).ok());
}

TEST_F(DocumentIndexTest, AnIndexThatIsNotThereIsNotMadeByAskingIt) {
  EXPECT_FALSE(DocumentIndex::open(folder_ / "b.sqlite", OpenMode::existing).ok());
  EXPECT_FALSE(fs::exists(folder_ / "b.sqlite"));
}

TEST(WordsQuery, HoldsNothingThatTheSearchWouldTakeForSyntax) {
  EXPECT_EQ(words_query("Who \"AND\" NOT(x*) col:y?"), R"("col" OR "not" OR "x" OR "y")");
  EXPECT_EQ(words_query("who is the?"), "");
}

}  // namespace
}  // namespace demarc::retrieval
