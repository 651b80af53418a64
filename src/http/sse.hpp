// SseParser: server-sent events out of bytes that come in any pieces (WHATWG HTML, section 9.2.6, without reconnection). No JSON here.
//
//   SseParser parser(1 << 20);
//   auto fed = parser.feed(piece, [&](const SseEvent& event) { ... });   // views live during the call
//   if (!fed) ...                                                        // SseError::too_large: the stream is to be given up
//
// Lines end with LF, CR or CRLF. Comments are counted, not kept. An event without a data line is passed too, if it has a name (unlike the browser
// rule): providers' end marks may be such. One coroutine.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace demarc::http {

struct SseEvent {
  std::string_view event;  // "" unless named
  std::string_view data;   // lines joined by LF
  std::string_view id;     // "" unless given with this event
};

enum class SseError : std::uint8_t { too_large };

class SseParser {
 public:
  explicit SseParser(std::size_t event_bytes_limit) : limit_(event_bytes_limit) {}

  Result<void, SseError> feed(std::string_view bytes, const std::function<void(const SseEvent&)>& on_event);
  [[nodiscard]] bool between_events() const { return line_.empty() && !started_; }  // the stream may end here without loss
  [[nodiscard]] std::size_t comments() const { return comments_; }

 private:
  void take_line(std::string_view line, const std::function<void(const SseEvent&)>& on_event);
  [[nodiscard]] std::size_t held() const { return event_.size() + data_.size() + id_.size(); }

  std::size_t limit_;
  std::string line_;  // the beginning of a line that is not complete
  bool after_cr_ = false;
  bool first_line_ = true;
  bool started_ = false, has_data_ = false;
  std::string event_, data_, id_;
  std::size_t comments_ = 0;
};

}  // namespace demarc::http
