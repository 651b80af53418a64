#include <gtest/gtest.h>

#include <ctime>

#include "dialect/json/tree.hpp"
#include "dialect/sse.hpp"

namespace demarc::dialect {
namespace {

std::string unescaped(std::string_view text, HalfPair* carry = nullptr) {
  std::string out;
  EXPECT_TRUE(unescape(text, out, carry));
  return out;
}

TEST(Unescape, DecodesEveryEscape) { EXPECT_EQ(unescaped(R"(a\"\\\/\b\f\n\r\t\u0041\u00e9\u20ac\ud83d\ude00z)"), "a\"\\/\b\f\n\r\tAé€😀z"); }

TEST(Unescape, ReplacesHalvesThatStayAlone) {
  EXPECT_EQ(unescaped(R"(\ud83dx)"), "\xef\xbf\xbdx");
  EXPECT_EQ(unescaped(R"(\ude00)"), "\xef\xbf\xbd");
  EXPECT_EQ(unescaped(R"(\ud83d\ud83d\ude00)"), "\xef\xbf\xbd😀");
  EXPECT_EQ(unescaped(R"(\ud83d\n)"), "\xef\xbf\xbd\n");
}

TEST(Unescape, CarriesAHalfToTheNextString) {
  HalfPair carry;
  EXPECT_EQ(unescaped(R"(a\ud83d)", &carry), "a");
  EXPECT_EQ(unescaped("", &carry), "");
  EXPECT_EQ(unescaped(R"(\ude00b)", &carry), "😀b");
  EXPECT_FALSE(carry);
}

TEST(Unescape, RefusesWhatIsNoEscape) {
  std::string out;
  for (const char* text : {"\\", "\\x", "\\u12", "\\u12g4", "\\U0041"}) EXPECT_FALSE(unescape(text, out)) << text;
}

TEST(JsonTree, KnowsWhereEverythingStands) {
  std::string text = R"( {"a" : [ 1 , {"b\u0063":"x\ny"} ] , "e":{} ,"f":[ ] , "n":null,"t":true, "d":-1.5e3 } )";
  JsonTree tree;
  ASSERT_TRUE(tree.read(text));
  const JsonNode root = tree.root();
  EXPECT_EQ(root["a"].raw(), R"([ 1 , {"b\u0063":"x\ny"} ])");
  EXPECT_EQ(root["e"].raw(), "{}");
  EXPECT_EQ(root["f"].raw(), "[ ]");
  EXPECT_EQ(root["a"].size(), 2U);
  EXPECT_EQ((*root["a"].begin()).integer(), 1);
  JsonNode last;
  for (const JsonNode element : root["a"]) last = element;
  EXPECT_EQ(last["bc"].text(), "x\ny");
  EXPECT_FALSE(root["n"]);
  EXPECT_TRUE(root["n"].is(JsonType::null));
  EXPECT_EQ(root["t"].boolean(), true);
  EXPECT_EQ(root["d"].number(), -1500);
  EXPECT_EQ(root["d"].integer(), std::nullopt);
  EXPECT_TRUE(root["x"]["y"].is(JsonType::none));
  EXPECT_EQ(root.raw().front(), '{');
  EXPECT_EQ(root.raw().back(), '}');
}

TEST(JsonTree, KeepsNothingBelowTheDepthItIsTold) {
  std::string text = R"({"a":[[1,2],{"b":[3]}],"c":"d"})";
  JsonTree tree;
  ASSERT_TRUE(tree.read(text, {}, 2));
  EXPECT_EQ(tree.root()["a"].size(), 2U);
  EXPECT_EQ((*tree.root()["a"].begin()).raw(), "[1,2]");
  EXPECT_EQ((*tree.root()["a"].begin()).size(), 0U);
  EXPECT_EQ(tree.root()["c"].text(), "d");
}

TEST(JsonReader, SeesAKeyTwiceAmongMany) {
  std::string text = "{";
  for (int i = 0; i < 100; ++i) text += "\"k" + std::to_string(i) + "\":1,";
  std::string twice = text + "\"k50\":1}";
  std::string once = text + "\"k100\":1}";
  JsonTree tree;
  EXPECT_TRUE(tree.read(once));
  EXPECT_FALSE(tree.read(twice));
}

std::vector<std::string> events_of(std::string_view bytes, std::size_t piece) {
  SseSplitter splitter;
  std::vector<SseEvent> events;
  for (std::size_t at = 0; at < bytes.size(); at += std::min(piece, bytes.size() - at)) EXPECT_TRUE(splitter.feed(bytes.substr(at, piece), events));
  std::vector<std::string> out;
  for (const SseEvent& event : events) out.push_back(event.event + "|" + event.data);
  return out;
}

TEST(Sse, ReadsEveryLineEndInPiecesOfAnySize) {
  const std::string bytes =
      "\xef\xbb\xbf: hi\n\nevent: a\ndata: 1\n\ndata:2\r\ndata: 3\r\n\r\nid: 9\rdata: x:y\r\revent: none\n\nretry: 5\ndata\n\ndata: é\n\ndata: "
      "lost\n";
  for (std::size_t piece = 1; piece <= bytes.size(); ++piece)
    ASSERT_EQ(events_of(bytes, piece), (std::vector<std::string>{"a|1", "|2\n3", "|x:y", "|", "|é"})) << piece;
}

// Time that grows with the square of the length takes minutes here; what it takes is far from the bound.
TEST(Sse, OfCarriageReturnsAloneIsReadInFarLessThanItsSquare) {
  const std::clock_t begin = std::clock();
  EXPECT_TRUE(events_of(std::string(4 << 20, '\r'), 4 << 20).empty());
  EXPECT_LT(std::clock() - begin, 4 * CLOCKS_PER_SEC);
}

TEST(Sse, WritesWhatItReads) {
  std::string out;
  append_event(out, "a", "1\n2");
  append_event(out, "", "x");
  EXPECT_EQ(out, "event: a\ndata: 1\ndata: 2\n\ndata: x\n\n");
  EXPECT_EQ(events_of(out, 3), (std::vector<std::string>{"a|1\n2", "|x"}));
}

}  // namespace
}  // namespace demarc::dialect
