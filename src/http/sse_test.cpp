#include "http/sse.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace demarc::http {
namespace {

std::string parse(std::initializer_list<std::string_view> pieces, std::size_t limit = 1000) {
  SseParser parser(limit);
  std::string out;
  for (const auto piece : pieces) {
    const auto fed =
        parser.feed(piece, [&](const SseEvent& e) { out += "[" + std::string(e.event) + "|" + std::string(e.data) + "|" + std::string(e.id) + "]"; });
    if (!fed) return out + "too large";
  }
  return out;
}

TEST(SseParser, GivesTheSameEventsHoweverTheBytesAreCut) {
  const std::string stream =
      "\xEF\xBB\xBF"
      "data: a\n\n: comment\nevent: x\r\ndata:b\r\ndata: c\r\nid: 7\r\n\r\ndata\r\rdata:  two spaces\n\nevent: end\n\nretry: 5\nunknown: y\n\ndata: "
      "last\n\n";
  const std::string expected = "[|a|][x|b\nc|7][||][| two spaces|][end||][|last|]";
  EXPECT_EQ(parse({stream}), expected);
  for (std::size_t a = 0; a <= stream.size(); ++a)
    for (std::size_t b = a; b <= stream.size(); ++b)
      ASSERT_EQ(parse({std::string_view(stream).substr(0, a), std::string_view(stream).substr(a, b - a), std::string_view(stream).substr(b)}),
                expected)
          << a << " " << b;
}

TEST(SseParser, DropsAnEventThatTheStreamCutOff) { EXPECT_EQ(parse({"data: a\n\ndata: b\n"}), "[|a|]"); }

TEST(SseParser, KnowsWhetherTheStreamMayEndHere) {
  SseParser parser(100);
  ASSERT_TRUE(parser.feed("data: a\n\n", [](const SseEvent&) {}));
  EXPECT_TRUE(parser.between_events());
  ASSERT_TRUE(parser.feed("data: b\n", [](const SseEvent&) {}));
  EXPECT_FALSE(parser.between_events());
}

TEST(SseParser, BoundsAnEvent) {
  EXPECT_EQ(parse({"data: ", std::string(2000, 'x')}, 1000), "too large");
  std::string many;
  for (int i = 0; i < 300; ++i) many += "data: xxxxx\n";
  EXPECT_EQ(parse({many}, 1000), "too large");
}

}  // namespace
}  // namespace demarc::http
