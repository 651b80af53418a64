#include "http/sse.hpp"

#include <algorithm>
#include <utility>

namespace demarc::http {

Result<void, SseError> SseParser::feed(std::string_view bytes, const std::function<void(const SseEvent&)>& on_event) {
  while (!bytes.empty()) {
    if (after_cr_ && bytes.front() == '\n') bytes.remove_prefix(1);  // the second half of a CRLF
    after_cr_ = false;
    const std::size_t end = bytes.find_first_of("\r\n");
    const std::size_t size = std::min(end, bytes.size());
    if (held() + line_.size() + size > limit_) return fail(SseError::too_large);
    if (end == std::string_view::npos) {
      line_ += bytes;
      return {};
    }
    after_cr_ = bytes[end] == '\r';
    if (line_.empty()) {
      take_line(bytes.substr(0, end), on_event);
    } else {
      line_ += bytes.substr(0, end);
      take_line(line_, on_event);
      line_.clear();
    }
    bytes.remove_prefix(end + 1);
  }
  return {};
}

void SseParser::take_line(std::string_view line, const std::function<void(const SseEvent&)>& on_event) {
  if (std::exchange(first_line_, false) && line.starts_with("\xEF\xBB\xBF")) line.remove_prefix(3);  // a byte order mark
  if (line.empty()) {
    if (has_data_ || !event_.empty()) on_event({event_, data_, id_});
    event_.clear(), data_.clear(), id_.clear(), has_data_ = started_ = false;
    return;
  }
  if (line.front() == ':') {
    ++comments_;
    return;
  }
  started_ = true;
  const std::size_t colon = line.find(':');
  const std::string_view name = line.substr(0, colon);
  std::string_view value = colon == std::string_view::npos ? std::string_view{} : line.substr(colon + 1);
  if (value.starts_with(' ')) value.remove_prefix(1);
  if (name == "data") {
    if (std::exchange(has_data_, true)) data_ += '\n';
    data_ += value;
  } else if (name == "event") {
    event_ = value;
  } else if (name == "id") {
    id_ = value;
  }
}

}  // namespace demarc::http
