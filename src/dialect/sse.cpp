#include "dialect/sse.hpp"

#include <algorithm>

namespace demarc::dialect {
namespace {

constexpr std::size_t kSpare_bytes = 64;  // behind an event's data, so that who parses it as JSON need not copy it (dialect/json)

// Two memchr: find_first_of looks at one byte after the other. By blocks: lines that all end in '\r' have no '\n' to be found.
std::size_t end_of_line(std::string_view bytes) {
  constexpr std::size_t kBlock = 1024;
  for (std::size_t from = 0; from < bytes.size(); from += kBlock) {
    const std::string_view block = bytes.substr(from, kBlock);
    const std::size_t feed = block.find('\n'), end = std::min(feed, block.substr(0, feed).find('\r'));
    if (end != std::string_view::npos) return from + end;
  }
  return std::string_view::npos;
}

}  // namespace

Result<void, SseError> SseSplitter::feed(std::string_view bytes, std::vector<SseEvent>& out) {
  while (!bytes.empty()) {
    if (after_cr_) {
      after_cr_ = false;
      if (bytes.front() == '\n') {
        bytes.remove_prefix(1);
        continue;
      }
    }
    const std::size_t end = end_of_line(bytes);
    const std::string_view piece = bytes.substr(0, end);
    if (partial_.size() + pending_.data.size() + piece.size() > kMaxEvent_bytes) return fail(SseError::event_too_large);
    if (end == std::string_view::npos) {
      partial_ += piece;
      return {};
    }
    after_cr_ = bytes[end] == '\r';
    bytes.remove_prefix(end + 1);
    if (partial_.empty()) {
      line(piece, out);
    } else {
      partial_ += piece;
      line(partial_, out);
      partial_.clear();
    }
  }
  return {};
}

void SseSplitter::line(std::string_view text, std::vector<SseEvent>& out) {
  if (at_start_ && text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  at_start_ = false;
  if (text.empty()) {
    if (has_data_) out.push_back(std::move(pending_));
    pending_ = {}, has_data_ = false;
    return;
  }
  const std::size_t colon = text.find(':');
  const std::string_view field = text.substr(0, colon);
  std::string_view value = colon == std::string_view::npos ? std::string_view{} : text.substr(colon + 1);
  if (value.starts_with(' ')) value.remove_prefix(1);
  if (field == "data") {
    if (has_data_)
      pending_.data += '\n';
    else
      pending_.data.reserve(value.size() + kSpare_bytes);
    pending_.data += value;
    has_data_ = true;
  } else if (field == "event") {
    pending_.event = value;
  }
}

void append_event(std::string& out, std::string_view event, std::string_view data) {
  if (!event.empty()) (out += "event: ").append(event) += '\n';
  for (;;) {
    const std::size_t end = data.find('\n');
    (out += "data: ").append(data.substr(0, end)) += '\n';
    if (end == std::string_view::npos) break;
    data.remove_prefix(end + 1);
  }
  out += '\n';
}

}  // namespace demarc::dialect
