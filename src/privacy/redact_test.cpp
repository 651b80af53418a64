#include "privacy/redact.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <random>

#include "base/encode.hpp"
#include "core/json/writer.hpp"
#include "privacy/restore.hpp"
#include "privacy/testing_request.hpp"

namespace demarc::privacy {
namespace {

class Redact : public testing::Test {
 protected:
  Redaction run(const Request& request, std::vector<std::string> named = {}) {
    return redact(request, examine(request, detectors_), session_, RedactTypes(std::move(named)), detectors_);
  }
  std::string restored(std::string_view body) { return restore(session_.tokens(), body); }

  const Detectors detectors_ = Detectors::structured();
  Vault vault_{system_random()};
  VaultSession session_ = vault_.open({"key", "c"}, {1});
};

TEST_F(Redact, LeavesNotOneByteOfTheValueAndGivesItBack) {
  const auto request = make_request({{"messages[0].content", R"("SSN 521-44-9382, card 4111 1111 1111 1111, ada@example.org")"}});
  const Redaction redaction = run(*request);
  ASSERT_TRUE(redaction.clean) << to_string(redaction.why);
  for (std::string_view secret : {"521", "9382", "4111", "1111", "ada", "example"})
    EXPECT_EQ(redaction.body.find(secret), std::string::npos) << redaction.body;
  EXPECT_EQ(redaction.counts, (FindingCounts{{"CREDIT_CARD", 1}, {"EMAIL_ADDRESS", 1}, {"US_SSN", 1}}));
  EXPECT_EQ(restored(redaction.body), request->body);
}

TEST_F(Redact, ReplacesInsideToolArgumentsThatStayJson) {
  const std::string arguments = R"({"to":"ada\u0040example.org","n":4111111111111111,"in":"{\"phone\":2025550123,\"bob@example.org\":1}"})";
  const auto request = make_request({{"messages[0].arguments", json_string(arguments), Encoding::json_document, PartKind::tool}});
  const Redaction redaction = run(*request);
  ASSERT_TRUE(redaction.clean) << to_string(redaction.why) << redaction.body;
  for (std::string_view secret : {"ada", "4111", "2025550123", "bob"}) EXPECT_EQ(redaction.body.find(secret), std::string::npos) << redaction.body;
  EXPECT_TRUE(is_json_document(redaction.body));
  EXPECT_EQ(redaction.counts, (FindingCounts{{"CREDIT_CARD", 1}, {"EMAIL_ADDRESS", 2}, {"PHONE_NUMBER", 1}}));
}

TEST_F(Redact, ReplacesAValueCutOverTwoTextsOnceAndWhole) {
  const auto request =
      make_request({{"messages[0].content[0].text", R"("card 4111 1111")"}, {"messages[0].content[1].text", R"("1111 1111 thanks")"}});
  const Redaction redaction = run(*request);
  ASSERT_TRUE(redaction.clean) << to_string(redaction.why) << redaction.body;
  EXPECT_EQ(redaction.body.find("1111"), std::string::npos);
  EXPECT_NE(restored(redaction.body).find("card 4111 11111111 1111\",\" thanks"), std::string::npos) << restored(redaction.body);
}

// Of a long text the begin and the end are read beside its neighbours: what is left out between stays where it is.
TEST_F(Redact, ReadsNothingOverTheMiddleOfALongText) {
  const auto repeated = [](int times) {
    std::string out;
    for (int i = 0; i < times; ++i) out += "YWRhQGV4YW1wbGUub3Jn";
    return out;
  };
  const std::string text = repeated(14) + " the middle 1111ada@example.org" + repeated(12);
  const auto request = make_request({{"messages[0].content", '"' + text + '"'}, {"messages[1].content", R"("111411")"}});
  const Redaction redaction = run(*request);
  ASSERT_TRUE(redaction.clean) << to_string(redaction.why);
  EXPECT_NE(restored(redaction.body).find(text), std::string::npos) << restored(redaction.body);
}

TEST_F(Redact, IsNotCleanWhenTheBytesHoldWhatNoPartShows) {
  auto request = make_request({{"messages[0].content", R"("hello")"}});
  request->body.insert(1, R"("user":"ada@example.org",)");
  for (Part& part : request->parts) part.span = {part.span.begin + 25, part.span.end + 25};
  const Redaction redaction = run(*request);
  EXPECT_FALSE(redaction.clean);
  EXPECT_EQ(redaction.why, NotClean::residue);
}

TEST_F(Redact, IsNotCleanWhileFindingsAreUnknown) {
  auto request = make_request({{"a", "\"x\""}});
  request->unreadable.emplace_back("remote url");
  EXPECT_EQ(run(*request).why, NotClean::unknown);
}

TEST_F(Redact, IsNeverMetForAudioEmbeddingsAndFillInTheMiddle) {
  auto request = make_request({{"a", "\"x\""}});
  for (Operation operation : {Operation::embedding, Operation::fim, Operation::transcription, Operation::translation, Operation::speech}) {
    request->operation = operation;
    EXPECT_FALSE(can_redact(operation));
    EXPECT_FALSE(run(*request).clean);
  }
}

TEST_F(Redact, LeavesIndirectTypesUnlessALabelNamesThem) {
  const RedactTypes plain, named({"LOCATION"});
  EXPECT_FALSE(plain.contains("LOCATION"));
  EXPECT_TRUE(plain.contains("PERSON"));
  EXPECT_TRUE(named.contains("LOCATION"));
}

TEST_F(Redact, TreatsAWordThatLooksLikeItsOwnPlaceholderAsAValue) {
  const std::string word = *session_.placeholder("EMAIL_ADDRESS", "ada@example.org");
  const auto request = make_request({{"a", json_string("what is " + word + "?")}});
  const Redaction redaction = run(*request);
  ASSERT_TRUE(redaction.clean);
  EXPECT_EQ(redaction.body.find(word), std::string::npos);
  EXPECT_EQ(restored(redaction.body), request->body);
}

TEST_F(Redact, GivesTheSameBytesInTheNextTurn) {
  const auto request = make_request({{"a", R"("mail ada@example.org or ada@example.org")"}});
  const std::string first = run(*request).body;
  EXPECT_EQ(run(*request).body, first);
}

TEST_F(Redact, ChangesNothingWhereNothingIsFound) {
  const auto request = make_request({{"a", R"("caf\u00e9 \/ 12")"}});
  const Redaction redaction = run(*request);
  EXPECT_TRUE(redaction.clean);
  EXPECT_TRUE(redaction.edits.empty());
  EXPECT_EQ(redaction.body, request->body);
}

TEST_F(Redact, ReadsTheOutgoingBytesInTheSameContextAsTheRequest) {  // a key named "text" makes no phone of a number
  auto request = make_request({{"messages[0].content[0].text", R"("take 1234567890 of it")"}});
  request->body = R"({"content":[{"type":"text","text":)" + request->body.substr(13, 24) + "}]}";
  request->parts[0].span = {34, 58};
  const Redaction redaction = run(*request);
  EXPECT_TRUE(redaction.clean) << redaction.body;
}

TEST_F(Redact, ReadsOtherBytesThatAreToLeaveAsStrictly) {
  const std::string word = *session_.placeholder("EMAIL_ADDRESS", "ada@example.org");
  const auto clean = [&](std::string_view body) { return scans_clean(body, session_, RedactTypes(), detectors_); };
  EXPECT_TRUE(clean(R"({"a":"mail )" + word + "\"}"));
  EXPECT_FALSE(clean(R"({"a":"mail ada\u0040example.org"})"));
  EXPECT_FALSE(clean(R"({"a":"{\"b\":\"521-44-9382\"}"})"));
  EXPECT_FALSE(clean("--boundary\r\nname=prompt\r\n\r\n521-44-9382\r\n--boundary--"));
}

TEST_F(Redact, FailsWhenTheVaultIsFull) {
  Vault small(system_random(), {.values = 1});
  VaultSession session = small.open({"k", "c"}, {1});
  const auto request = make_request({{"a", R"("ada@example.org bob@example.org")"}});
  EXPECT_EQ(redact(*request, examine(*request, detectors_), session, RedactTypes(), detectors_).why, NotClean::vault_full);
}

// restore∘redact = identity, over texts made of values, look-alikes and noise.
TEST_F(Redact, ThenRestoreIsTheIdentity) {
  const std::vector<std::string> pieces = {"ada@example.org",
                                           "4111 1111 1111 1111",
                                           "521-44-9382",
                                           "+49 30 901820",
                                           "GB29 NWBK 6016 1331 9268 19",
                                           "203.0.113.7",
                                           "EMAIL",
                                           "X",
                                           "é",
                                           "EMAILX7Q2K9M4TC",
                                           " - ",
                                           "0",
                                           "I",
                                           "PHONE X",
                                           "\n",
                                           "“",
                                           "card ",
                                           "(",
                                           ")",
                                           "tel ",
                                           "CARDX",
                                           "Ⅳ",
                                           "😀"};
  std::uint64_t state = 7;
  const auto next = [&](std::size_t n) {
    return static_cast<std::size_t>((state = state * 6364136223846793005ULL + 1442695040888963407ULL) >> 33U) % n;
  };
  int refused = 0;
  for (int round = 0; round < 1000; ++round) {
    std::string text;
    for (std::size_t i = 0, n = 1 + next(12); i < n; ++i) text += pieces[next(pieces.size())] + (next(2) == 0 ? " " : "");
    const auto request = make_request({{"a", json_string(text)}});
    const Redaction redaction = run(*request);
    if (!redaction.clean) {  // values glued to letters so that replacing one makes another: refused rather than guessed
      ++refused;
      continue;
    }
    Restorer restorer(session_.tokens());  // the body is JSON: values come back escaped
    const Channel json{.kind = ChannelKind::tool_arguments};
    ASSERT_EQ(restorer.feed(json, redaction.body) + restorer.flush(json), request->body) << text << " → " << redaction.body;
  }
  EXPECT_LT(refused, 20);
}

// The same of values under disguises, one within the other, in texts and in a tool's arguments: nothing of a value stays in what is sent, however it
// is decoded, and all comes back as it was written. (Behind two backslashes nothing would: a path to another machine.)
TEST_F(Redact, ThenRestoreIsTheIdentityUnderDisguise) {
  std::mt19937 random(5);
  using Disguise = std::function<std::string(std::string)>;
  const auto each = [&](const std::string& text, const Disguise& as) {
    std::string out;
    for (const char c : text) out += c > 0 && random() % 2 == 0 ? as(std::string(1, c)) : std::string(1, c);  // no halves of characters
    return out;
  };
  const auto hex = [](const std::string& c) { return to_hex(c); };
  const std::vector<Disguise> disguises = {
      [](const std::string& t) { return to_base64(t); },
      [](const std::string& t) { return to_hex(t); },
      [&](const std::string& t) { return each(t, [&](const std::string& c) { return "%" + hex(c); }); },
      [&](const std::string& t) { return each(t, [](const std::string& c) { return "&#" + std::to_string(c[0]) + ";"; }); },
      [&](const std::string& t) { return each(t, [&](const std::string& c) { return "\\x" + hex(c); }); },
      [&](const std::string& t) { return each(t, [](const std::string& c) { return c + "\u200B"; }); },
      [](const std::string& t) { return t.substr(0, t.size() / 2) + "\n" + t.substr(t.size() / 2); },
      [](const std::string& t) {
        std::string out;
        for (const char c : t) (out += c) += ' ';
        return out;
      },
      [](const std::string& t) { return t; },
  };
  const std::vector<std::string> values = {"ada@example.org", "4111111111111111", "DE89370400440532013000", "521-44-9382"};
  int clean = 0;
  constexpr int kRounds = 1500;
  for (int round = 0; round < kRounds; ++round) {
    const std::string& value = values[random() % values.size()];  // no key: those are never given back
    std::string hidden = disguises[random() % disguises.size()](value);
    for (unsigned depth = random() % 3; depth > 0; --depth) hidden = disguises[random() % 4]("to " + hidden + " ok");
    const std::string text = "Please note " + hidden + " and answer.";
    const bool tool = random() % 3 == 0;
    const std::string body = tool ? json_string("{\"note\":" + json_string(text) + "}") : json_string(text);
    const auto request = tool ? make_request({{"messages[0].arguments", body, Encoding::json_document, PartKind::tool}})
                              : make_request({{"messages[0].content", body}});
    const Redaction redaction = run(*request);
    SCOPED_TRACE(text + " → " + redaction.body);
    ASSERT_EQ(redaction.body.find(hidden), std::string::npos);
    if (!redaction.clean) continue;
    ++clean;
    ASSERT_FALSE(redaction.counts.empty());
    ASSERT_TRUE(scans_clean(redaction.body, session_, RedactTypes(), detectors_));
    if (tool) continue;  // JSON within JSON: any spelling of its escapes
    Restorer restorer(session_.tokens());
    const Channel json{.kind = ChannelKind::tool_arguments};
    ASSERT_EQ(restorer.feed(json, redaction.body) + restorer.flush(json), request->body);
  }
  EXPECT_GT(clean, kRounds * 9 / 10);
}

}  // namespace
}  // namespace demarc::privacy
