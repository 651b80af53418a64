// SseSplitter: bytes of a text/event-stream, cut anywhere, into events (WHATWG HTML, "Server-sent events", 9.2.6).
//
//   SseSplitter splitter;
//   TRY(splitter.feed(bytes, events));      // events: one per blank line that ends some data
//
// Lines end in \n, \r\n or \r; a byte order mark at the start is skipped; comments, id and retry are dropped; the data lines of an event are joined
// by \n. An event without data is none. What stands after the last blank line when the stream ends is no event, as the standard says. One owner.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace demarc::dialect {

struct SseEvent {
  std::string event, data;
};

inline constexpr std::size_t kMaxEvent_bytes = std::size_t{4} * 1024 * 1024;

enum class SseError : std::uint8_t { event_too_large };

class SseSplitter {
 public:
  Result<void, SseError> feed(std::string_view bytes, std::vector<SseEvent>& out);

 private:
  void line(std::string_view text, std::vector<SseEvent>& out);

  std::string partial_;  // a line without its end yet
  SseEvent pending_;
  bool has_data_ = false;
  bool after_cr_ = false;  // a \n that comes now belongs to the \r before
  bool at_start_ = true;   // no line was complete yet: a byte order mark may come
};

// One event as bytes: "event: NAME\n" if there is one, each line of data behind "data: ", a blank line.
void append_event(std::string& out, std::string_view event, std::string_view data);

}  // namespace demarc::dialect
