#include "privacy/examine.hpp"

#include <gtest/gtest.h>

#include "core/json/writer.hpp"
#include "privacy/across.hpp"
#include "privacy/json_leaves.hpp"
#include "privacy/testing_detector.hpp"
#include "privacy/testing_request.hpp"

namespace demarc::privacy {
namespace {

const Detectors& detectors() {
  static const Detectors all = Detectors::structured();
  return all;
}

class SteppingClock final : public Clock {
 public:
  [[nodiscard]] Instant now() const override { return {}; }
  [[nodiscard]] Monotonic monotonic() const override { return {++calls_ * 1'000'000}; }

 private:
  mutable std::int64_t calls_ = 0;
};

TEST(Examine, CountsInTextsToolResultsKeysAndNumbers) {
  const auto request = make_request({{"messages[0].content", R"("mail ada@example.org")"},
                                     {"messages[1].content", R"("SSN 521-44-9382")", Encoding::json_string, PartKind::tool},
                                     {"metadata.key", R"("bob@example.org")", Encoding::json_key},
                                     {"metadata.n", "4111111111111111", Encoding::json_number}});
  const Examination seen = examine(*request, detectors());
  ASSERT_TRUE(seen.counts);
  EXPECT_EQ(*seen.counts, (FindingCounts{{"CREDIT_CARD", 1}, {"EMAIL_ADDRESS", 2}, {"US_SSN", 1}}));
}

TEST(Examine, ReadsToolArgumentsLeafByLeafThroughEscapes) {
  const std::string arguments = R"({"to":"ada\u0040example.org","n":4111111111111111,"in":"{\"ssn\":\"521449382\"}"})";
  const auto request = make_request({{"messages[0].arguments", json_string(arguments), Encoding::json_document, PartKind::tool}});
  const Examination seen = examine(*request, detectors());
  ASSERT_TRUE(seen.counts);
  EXPECT_EQ(*seen.counts, (FindingCounts{{"CREDIT_CARD", 1}, {"EMAIL_ADDRESS", 1}, {"US_SSN", 1}}));
}

TEST(Examine, SeesAValueCutOverTwoTextsOfOneMessage) {
  const auto request = make_request({{"messages[0].content[0].type", "\"text\""},
                                     {"messages[0].content[0].text", R"("card 4111 1111")"},
                                     {"messages[0].content[1].type", "\"text\""},
                                     {"messages[0].content[1].text", R"("1111 1111 thanks")"}});
  const Examination seen = examine(*request, detectors());
  ASSERT_TRUE(seen.counts);
  EXPECT_EQ(*seen.counts, (FindingCounts{{"CREDIT_CARD", 1}}));
  ASSERT_EQ(seen.across.size(), 1U);
  EXPECT_EQ(seen.across[0].pieces.size(), 2U);
}

TEST(Examine, LetsAValueEndWithItsSentence) {
  const auto seen_in = [](const char* first, const char* second) {
    return examine(*make_request({{"messages[0].content", json_string(first)}, {"messages[1].content", json_string(second)}}), detectors());
  };
  const Examination sentences = seen_in("Write to ada@example.org.", "You are kind.");
  EXPECT_TRUE(sentences.across.empty());
  EXPECT_EQ(*sentences.counts, (FindingCounts{{"EMAIL_ADDRESS", 1}}));
  EXPECT_EQ(seen_in("Write to ada@example.", "Org is where I am.").across.size(), 1U) << "half of it is nothing by itself";
  EXPECT_EQ(seen_in("Write to ada@example.co.", "uk is where I am.").across.size(), 1U) << "no sentence begins so";
}

TEST(Examine, LosesNoValueToAnAddressOfTheWebThatSeemsToGoOnInTheNextMessage) {
  Detectors with_web = Detectors::structured();
  with_web.add(std::make_unique<UpTo>("URL", "https:", ' '));
  const auto request =
      make_request({{"messages[0].content", R"("see https://x.example/?m=ada@example.org,")"}, {"messages[1].content", R"("thanks a lot")"}});
  EXPECT_EQ(examine(*request, with_web).counts->at("EMAIL_ADDRESS"), 1U);
}

TEST(Examine, SeesAValueCutIntoSingleCharacters) {
  std::vector<PathPart> parts;
  for (char c : std::string_view("4111111111111111")) {
    parts.push_back({"messages[0].content[" + std::to_string(parts.size()) + "].text", std::string("\"") + c + "\""});
  }
  const Examination seen = examine(*make_request(parts), detectors());
  ASSERT_TRUE(seen.counts);
  EXPECT_EQ(*seen.counts, (FindingCounts{{"CREDIT_CARD", 1}}));
}

TEST(Examine, DoesNotReadUnrelatedFieldsTogether) {
  const auto request = make_request({{"messages[0].content[0].text", R"("4111 1111")"}, {"messages[4].content[9].text", R"("1111 1111")"}});
  EXPECT_TRUE(examine(*request, detectors()).counts->empty());
}

TEST(Examine, KnowsNothingOfOpaqueRemoteAndDeclaredUnreadable) {
  auto opaque = make_request({{"a", "\"x\"", Encoding::json_string, PartKind::opaque}});
  EXPECT_EQ(examine(*opaque, detectors()).unreadable, Unreadable::opaque);
  auto remote = make_request({{"a", "\"x\""}});
  remote->parts[0].remote = true;
  EXPECT_FALSE(examine(*remote, detectors()).counts);
  auto declared = make_request({{"a", "\"x\""}});
  declared->unreadable.emplace_back("previous_response_id");
  EXPECT_EQ(examine(*declared, detectors()).unreadable, Unreadable::declared);
}

TEST(Examine, NamesEachKindOfMediumThatNobodyReadOnce) {
  const auto request = make_request({{"a", "\"x\"", Encoding::json_string, PartKind::image},
                                     {"b", "\"y\"", Encoding::json_string, PartKind::image},
                                     {"c", "\"z\"", Encoding::json_string, PartKind::audio}});
  EXPECT_EQ(examine(*request, detectors()).unexamined, (std::vector<Media>{Media::image, Media::audio}));
}

TEST(Examine, KnowsNothingPastItsLimitsOfSizeDepthAndTime) {
  const auto request = make_request({{"a", "\"some text\""}, {"b", "\"more\""}});
  EXPECT_EQ(examine(*request, detectors(), {.text_bytes = 5}).unreadable, Unreadable::size);
  const SteppingClock clock;
  const Examination late = examine(*request, detectors(), {.deadline = Deadline{{1'500'000}}, .clock = &clock});
  EXPECT_EQ(late.unreadable, Unreadable::time);
  EXPECT_FALSE(late.counts);
  std::string nested = "x";
  for (int i = 0; i < 8; ++i) nested = "[" + json_string(nested) + "]";
  EXPECT_EQ(examine(*make_request({{"a", json_string(nested)}}), detectors()).unreadable, Unreadable::depth);
}

TEST(Examine, FindsEachValueOnceInATextOfManyPieces) {
  std::string text;
  for (int i = 0; i < 40'000; ++i)
    text += "line " + std::to_string(i) + " of it\n" + (i % 1000 == 0 ? "mail ada@example.org and +49 30 901820\n" : "");
  const Examination seen = examine(*make_request({{"a", json_string(text)}}), detectors());
  ASSERT_TRUE(seen.counts);
  EXPECT_EQ(*seen.counts, (FindingCounts{{"EMAIL_ADDRESS", 40}, {"PHONE_NUMBER", 40}}));
  for (const Finding& finding : seen.texts.at(0).findings) EXPECT_EQ(text.substr(finding.begin, 1), finding.type == "EMAIL_ADDRESS" ? "a" : "+");
}

TEST(Examine, TakesInWhatAModelFound) {
  const auto request = make_request({{"a", "\"Ada wrote to ada@example.org\""}});
  Examination seen = examine(*request, detectors());
  seen.add({0, {}}, {{.type = "PERSON", .begin = 0, .end = 3, .tier = DetectorTier::model},
                     {.type = "PERSON", .begin = 13, .end = 16, .tier = DetectorTier::model}});
  EXPECT_EQ(*seen.counts, (FindingCounts{{"EMAIL_ADDRESS", 1}, {"PERSON", 1}}));
}

TEST(JsonLeaves, UnescapeAsJsonDoes) { EXPECT_EQ(unescape_json(R"(a\n\u00e9\ud83d\ude00\ud800x\/\"\q)"), "a\n\u00e9\U0001F600\uFFFDx/\"\\q"); }

TEST(JsonLeaves, RefuseWhatIsNoDocument) {
  for (std::string_view text : {"{", "[1,2", "{\"a\":1}x", "[a]", "\"text\"", "12", "", "[}", "{\"a\":\"b}"})
    EXPECT_FALSE(is_json_document(text)) << text;
  for (std::string_view text : {"{}", " [1, -2.5e3, true, null]", R"({"a":{"b":["c"]}})"}) EXPECT_TRUE(is_json_document(text)) << text;
}

TEST(Examine, SeesAValueCutOverTheFieldsOfADocument) {
  const auto request = make_request(
      {{"messages[0].arguments", json_string(R"({"first":"4111 1111 ","second":"1111 1111","n":1})"), Encoding::json_document, PartKind::tool}});
  const Examination seen = examine(*request, detectors());
  EXPECT_EQ(seen.counts, (FindingCounts{{"CREDIT_CARD", 1}}));
  ASSERT_EQ(seen.across.size(), 1U);
  EXPECT_TRUE(seen.across[0].pieces.empty()) << "it cannot be redacted";
}

TEST(Examine, SeesAValueCutOverFieldsBehindTheWordThatNamesIt) {
  const auto request = make_request(
      {{"messages[0].content", json_string(R"({"note":"my social security number is","a":"52144","b":"9382"})"), Encoding::json_document}});
  EXPECT_EQ(examine(*request, detectors()).counts, (FindingCounts{{"US_SSN", 1}}));
}

TEST(Examine, SeesAValueCutOverDifferentFieldsOfMessages) {
  const auto request = make_request({{"system", R"("the card is 4111 1111 ")"}, {"messages[0].content", R"("1111 1111, as I said")"}});
  EXPECT_EQ(examine(*request, detectors()).counts, (FindingCounts{{"CREDIT_CARD", 1}}));
}

TEST(Examine, ColumnsOfNumbersAreNoCutValues) {
  std::string list = R"({"ids":["41111111","11111111")";
  for (int i = 0; i < 40; ++i) list += ",\"" + std::to_string(40000000 + i * 7919) + "\"";
  const auto request = make_request({{"messages[0].content", json_string(list + "]}"), Encoding::json_document, PartKind::tool}});
  EXPECT_EQ(examine(*request, detectors()).counts, FindingCounts{});
}

// What a field says names what the next ones hold, however it ends; the pieces of a value are no words.
TEST(Examine, SeesThatAFieldOfWordsStandsApartFromTheValueBehindIt) {
  const auto finds = [&](std::string_view document, std::string_view type) {
    return finds_across_fields(document, detectors(), [&](std::string_view found) { return found == type; });
  };
  EXPECT_TRUE(finds(R"({"note":"IBAN","a":"DE8937040044","b":"0532013000"})", "IBAN_CODE"));
  EXPECT_TRUE(finds(R"({"note":"Steuer-ID","a":"75102","b":"686690"})", "DE_TAX_ID"));
  EXPECT_TRUE(finds(R"({"note":"Please note my MAC address:","a":"c9:66:30","b":":d5:0a:34"})", "MAC_ADDRESS"));
  EXPECT_TRUE(finds(R"({"note":"The token is","a":"glpat-fLwkkOf","b":"KoifIKnNsV04B"})", "SECRET"));
  EXPECT_TRUE(finds(R"({"note":"wallet","a":"1BoatSLRHtKNngkdX","b":"EeobR76b53LETtpyT"})", "CRYPTO"));
  EXPECT_TRUE(finds(R"({"note":"The date of birth is","a":"20 Se","b":"p 1998"})", "DATE_OF_BIRTH"));
  EXPECT_FALSE(finds(R"({"note":"IBAN","a":"DE8937040044","b":"0532013001"})", "IBAN_CODE"));
}

}  // namespace
}  // namespace demarc::privacy
