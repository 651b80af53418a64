#include "dialect/sse.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace demarc::dialect {
namespace {

std::string split_events(std::initializer_list<std::string_view> pieces) {
  SseSplitter splitter;
  std::vector<SseEvent> events;
  bool too_large = false;
  for (const auto piece : pieces) too_large = too_large || !splitter.feed(piece, events);
  std::string out;
  for (const SseEvent& event : events) out += "[" + event.event + "|" + event.data + "]";
  return too_large ? out + "too large" : out;
}

TEST(SseSplitter, GivesTheSameEventsHoweverTheBytesAreCut) {
  const std::string stream =
      "\xEF\xBB\xBF"
      "data: a\n\n: comment\nevent: x\r\ndata:b\r\ndata: c\r\nid: 7\r\n\r\ndata\r\rdata:  two spaces\n\nevent: no data\n\nretry: 5\nunknown: y\n\n"
      "data: last\n\n";
  const std::string expected = "[|a][x|b\nc][|][| two spaces][|last]";
  EXPECT_EQ(split_events({stream}), expected);
  for (std::size_t a = 0; a <= stream.size(); ++a)
    for (std::size_t b = a; b <= stream.size(); ++b)
      ASSERT_EQ(split_events({std::string_view(stream).substr(0, a), std::string_view(stream).substr(a, b - a), std::string_view(stream).substr(b)}),
                expected)
          << a << " " << b;
}

TEST(SseSplitter, DropsAnEventThatTheStreamCutOff) { EXPECT_EQ(split_events({"data: a\n\ndata: b\n"}), "[|a]"); }

TEST(SseSplitter, BoundsAnEvent) {
  EXPECT_EQ(split_events({"data: ", std::string(kMaxEvent_bytes, 'x')}), "too large");
  EXPECT_EQ(split_events({"data: a\n\ndata: " + std::string(kMaxEvent_bytes / 2, 'x') + "\n", "data: " + std::string(kMaxEvent_bytes / 2, 'x')}),
            "[|a]too large");
}

TEST(SseSplitter, ReadsWhatAppendEventWrote) {
  std::string bytes;
  append_event(bytes, "", "a");
  append_event(bytes, "x", "b\nc");
  append_event(bytes, "", "");
  EXPECT_EQ(split_events({bytes}), "[|a][x|b\nc][|]");
}

}  // namespace
}  // namespace demarc::dialect
