#include "privacy/names.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "privacy/testing_request.hpp"

namespace demarc::privacy {
namespace {

using testing::ElementsAre;

const std::vector<NameKind> kKinds = kinds_of({"O", "B-GIVEN_NAME", "B-CITY", "B-STREET_NAME"});

class OfNames : public testing::Test {
 protected:
  static Names reading(NamesSettings settings) { return Names(std::move(settings), kKinds, FoundCache::Key{}); }
  NamesWork begin(const std::vector<PathPart>& parts, const ExamineLimits& limits = {}) {
    request_ = make_request(parts);
    NamesWork work = names_.begin(*request_, limits);
    if (Names::wants_more(work)) static_cast<void>(names_.next_body(work));
    return work;
  }
  Examination finish(NamesWork work) const {
    Examination seen;
    names_.finish(std::move(work), *request_, {}, seen);
    return seen;
  }

  Names names_ = reading({.model = "m", .languages = {"en"}});
  std::unique_ptr<Request> request_;
};

constexpr const char* kAda = R"({"spans":[[{"type":"PERSON","begin":5,"end":8,"score":0.9,"by":"network"}]]})";

TEST_F(OfNames, AddsWhatTheModelSawAtItsPlace) {
  NamesWork work = begin({{"messages[0].content", R"("I am Ada.")"}});
  ASSERT_TRUE(names_.take(work, kAda));
  const Examination seen = finish(std::move(work));
  EXPECT_EQ(seen.counts->at("PERSON"), 1U);
  ASSERT_EQ(seen.texts.size(), 1U);
  EXPECT_EQ(seen.texts[0].findings[0].tier, DetectorTier::model);
}

TEST_F(OfNames, AsksAboutEqualTextsOnceAndCountsBoth) {
  NamesWork work = begin({{"a", R"("I am Ada.")"}, {"b", R"("I am Ada.")"}});
  EXPECT_THAT(work.texts, ElementsAre("I am Ada."));
  ASSERT_TRUE(names_.take(work, kAda));
  EXPECT_EQ(finish(std::move(work)).counts->at("PERSON"), 2U);
}

TEST_F(OfNames, TakesTextsOfTheirOwnAsTheyAre) {
  const std::vector<std::string> texts = {"12", R"({"a":"I am Ada."})", "I am Ada.", "I am Ada."};
  NamesWork work = names_.begin(texts);
  EXPECT_THAT(work.texts, ElementsAre(texts[1], texts[2]));  // JSON is not taken apart
  static_cast<void>(names_.next_body(work));
  ASSERT_TRUE(names_.take(work, R"({"spans":[[],[{"type":"PERSON","begin":5,"end":8,"score":0.9,"by":"network"}]]})"));
  const std::vector<Found> found = Names::found(work, texts);
  EXPECT_FALSE(found[0]);
  EXPECT_FALSE(found[1]);
  EXPECT_EQ(found[2]->size(), 1U);
  EXPECT_EQ(found[3]->size(), 1U);
}

TEST_F(OfNames, RemembersWhatWasAnsweredBeforeTimeRanOut) {
  const std::vector<std::string> texts = {std::string(Names::kPiece.most, 'a'), std::string(Names::kPiece.most, 'b'), "I am Ada."};
  NamesWork work = names_.begin(texts);
  EXPECT_EQ(names_.next_body(work).find("Ada"), std::string::npos);
  EXPECT_FALSE(names_.take(work, R"({"spans":[[],[],[]]})"));  // an answer to more than was asked
  ASSERT_TRUE(names_.take(work, R"({"spans":[[],[]]})"));
  EXPECT_TRUE(Names::wants_more(work));
  EXPECT_THAT(names_.begin(texts).texts, ElementsAre("I am Ada."));
}

TEST_F(OfNames, ALongTextIsReadInPiecesThatAreRememberedOneByOne) {
  std::string text;
  while (text.size() < 3 * Names::kCallBytes) text += "Nothing is said here about " + std::to_string(text.size()) + ". ";
  const std::vector<std::string> texts = {text + "I am Ada Byron."};
  NamesWork work = names_.begin(texts);
  const std::size_t pieces = work.texts.size();
  EXPECT_GT(pieces, 4U);
  static_cast<void>(names_.next_body(work));
  EXPECT_LT(work.sent, pieces);
  std::string reply = R"({"spans":[[])";
  for (std::size_t i = 1; i < work.sent; ++i) reply += ",[]";
  ASSERT_TRUE(names_.take(work, reply + "]}"));
  work = names_.begin(texts);
  EXPECT_LT(work.texts.size(), pieces);
  while (Names::wants_more(work)) {
    static_cast<void>(names_.next_body(work));
    reply.clear();
    for (std::size_t i = work.answers.size(); i < work.sent; ++i) {
      const std::size_t at = work.texts[i].find("Ada Byron");
      const std::string found = at == std::string::npos ? ""
                                                        : R"({"type":"PERSON","score":0.9,"by":"tagger","begin":)" + std::to_string(at) +
                                                              R"(,"end":)" + std::to_string(at + 9) + "}";
      reply += (reply.empty() ? "[" : ",[") + found + "]";
    }
    ASSERT_TRUE(names_.take(work, R"({"spans":[)" + reply + "]}"));
  }
  const std::vector<Found> found = Names::found(work, texts);
  ASSERT_TRUE(found[0]);
  ASSERT_EQ(found[0]->size(), 1U);
  EXPECT_EQ(texts[0].substr((*found[0])[0].begin, 9), "Ada Byron");
}

TEST_F(OfNames, ANameFoundInOneTextIsHiddenInTheOthersToo) {
  NamesWork work = begin({{"a", R"("I am Ada Byron.")"}, {"b", R"("ask Byron")"}});
  ASSERT_TRUE(names_.take(work, R"({"spans":[[{"type":"PERSON","begin":5,"end":14,"score":0.9,"by":"network"}],[]]})"));
  const Examination seen = finish(std::move(work));
  EXPECT_EQ(seen.counts->at("PERSON"), 2U);
  ASSERT_EQ(seen.texts.size(), 2U);
  EXPECT_EQ(seen.texts[1].findings[0].begin, 4U);
}

TEST_F(OfNames, RemembersAnAnswer) {
  NamesWork first = begin({{"a", R"("I am Ada.")"}});
  ASSERT_TRUE(names_.take(first, kAda));
  NamesWork second = begin({{"a", R"("I am Ada.")"}});
  EXPECT_TRUE(second.texts.empty());
  EXPECT_EQ(finish(std::move(second)).counts->at("PERSON"), 1U);
}

TEST_F(OfNames, RemembersThatThereWasNothing) {
  NamesWork first = begin({{"a", R"("nothing here")"}});
  ASSERT_TRUE(names_.take(first, R"({"spans":[[]]})"));
  EXPECT_TRUE(begin({{"a", R"("nothing here")"}}).texts.empty());
}

TEST_F(OfNames, AsksAboutLeavesOfJsonInsideAString) {
  EXPECT_THAT(begin({{"arguments", R"("{\"who\":\"Ada Byron\"}")", Encoding::json_document}}).texts, testing::Contains("Ada Byron"));
}

TEST_F(OfNames, DoesNotAskAboutWhatCannotHoldAName) { EXPECT_TRUE(begin({{"a", R"("- 12 -")"}}).texts.empty()); }

TEST_F(OfNames, ATextInAnotherLanguageIsUnknown) {
  NamesWork work = begin({{"a", R"("Bitte schicken Sie den Bericht an das Büro, bevor wir am Freitag gehen.")"}});
  EXPECT_EQ(work.why, Unreadable::language);
  EXPECT_FALSE(finish(std::move(work)).counts);
}

TEST_F(OfNames, ATextInAnotherLanguageCountsNothingWhereThatIsConfigured) {
  const Names lenient = reading({.model = "m", .languages = {"en"}, .other_language = OtherLanguage::uncovered});
  request_ = make_request({{"a", R"("Bitte schicken Sie den Bericht an das Büro, bevor wir am Freitag gehen.")"}});
  NamesWork work = lenient.begin(*request_, {});
  EXPECT_TRUE(work.texts.empty());
  Examination seen;
  lenient.finish(std::move(work), *request_, {}, seen);
  EXPECT_TRUE(seen.counts);
}

TEST_F(OfNames, MoreTextThanAModelCouldReadIsUnknown) {
  std::string text;
  for (std::size_t i = 0; text.size() <= Names::kMostAskedBytes; ++i)
    text += "line " + std::to_string(i) + ", ";  // equal pieces are asked about once
  EXPECT_EQ(begin({{"a", '"' + text + '"'}}).why, Unreadable::size);
}

class AReplyThatDoesNotAnswer : public OfNames, public testing::WithParamInterface<const char*> {};

TEST_P(AReplyThatDoesNotAnswer, IsRefused) {
  NamesWork work = begin({{"a", R"("I am Ådå.")"}});
  EXPECT_FALSE(names_.take(work, GetParam()));
}

INSTANTIATE_TEST_SUITE_P(Replies, AReplyThatDoesNotAnswer,
                         testing::Values("", "{}", R"({"spans":[]})", R"({"spans":[[],[]]})", R"({"spans":[{}]})",
                                         R"({"spans":[[{"type":"PERSON","begin":5,"end":99,"score":1.0,"by":"network"}]]})",
                                         R"({"spans":[[{"type":"PERSON","begin":5,"end":8,"score":1.99,"by":"network"}]]})",
                                         R"({"spans":[[{"type":"PERSON","begin":8,"end":5,"score":1.0,"by":"network"}]]})",
                                         R"({"spans":[[{"type":"PERSON","begin":6,"end":10,"score":1.0,"by":"network"}]]})",  // within a character
                                         R"({"spans":[[{"type":"PLANET","begin":5,"end":10,"score":1.0,"by":"network"}]]})"));

TEST_F(OfNames, ATownBehindAStreetIsPartOfTheAddress) {
  NamesWork work = begin({{"a", R"("at Main St, Springfield")"}});
  ASSERT_TRUE(names_.take(work, R"({"spans":[[{"type":"STREET_ADDRESS","begin":3,"end":10,"score":0.9,"by":"network"},
                                              {"type":"LOCATION","begin":12,"end":23,"score":0.8,"by":"network"}]]})"));
  const Examination seen = finish(std::move(work));
  ASSERT_EQ(seen.texts.at(0).findings.size(), 1U);
  EXPECT_EQ(seen.texts[0].findings[0].type, "STREET_ADDRESS");
  EXPECT_EQ(seen.texts[0].findings[0].end, 23U);
}

TEST_F(OfNames, ATownByItselfIsALocation) {
  NamesWork work = begin({{"a", R"("in Springfield")"}});
  ASSERT_TRUE(names_.take(work, R"({"spans":[[{"type":"LOCATION","begin":3,"end":14,"score":0.8,"by":"network"}]]})"));
  EXPECT_EQ(finish(std::move(work)).counts->at("LOCATION"), 1U);
}

TEST(NameKinds, AModelWithoutKnownLabelsIsRefused) { EXPECT_FALSE(kinds_of_config(R"({"id2label":{"0":"O","1":"B-PLANET"}})")); }
TEST(NameKinds, AFileWithoutLabelsIsRefused) { EXPECT_FALSE(kinds_of_config("{}")); }

TEST(FoundCache, ForgetsTheLeastRecentlyUsedWhenFull) {
  FoundCache cache(FoundCache::Key{}, 1'000);
  const Found none = std::make_shared<const std::vector<Finding>>();
  for (char c = 'a'; c <= 'z'; ++c) {
    cache.put(cache.key_of(std::string(1, c)), none);
    EXPECT_TRUE(cache.find(cache.key_of("a")));  // used again and again
  }
  EXPECT_FALSE(cache.find(cache.key_of("b")));
  EXPECT_LT(cache.entries(), 10U);
}

TEST(FoundCache, KeysDependOnTheSecret) {
  FoundCache::Key other{};
  other[0] = 1;
  EXPECT_NE(FoundCache(FoundCache::Key{}, 1).key_of("a"), FoundCache(other, 1).key_of("a"));
}

}  // namespace
}  // namespace demarc::privacy
