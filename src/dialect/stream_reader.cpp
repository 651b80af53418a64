#include "dialect/stream_reader.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace demarc::dialect {
namespace {

constexpr std::size_t kErrorMessage_bytes = 2000;
constexpr std::int64_t kLongestRetry_s = 3600;
constexpr JsonLimits kAnswerLimits{.depth = 128, .values = 32'000'000};

ApiError broken(std::string what) {
  return ApiError{.kind = ErrorKind::upstream_failed, .message = "the upstream's answer is not valid: " + std::move(what)};
}

std::optional<std::int64_t> whole_number(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value < 0) return {};
  return value;
}

std::optional<std::int64_t> retry_after(const Headers& headers) {
  if (const auto ms = whole_number(headers.get("retry-after-ms"))) return std::min((*ms + 999) / 1000, kLongestRetry_s);
  if (const auto s = whole_number(headers.get("retry-after"))) return std::min(*s, kLongestRetry_s);
  return {};
}

// {"error":{"message"}} (OpenAI, Anthropic), {"error":"…"} (Ollama), {"message"} (Mistral), {"detail"} (FastAPI)
std::string message_in(JsonNode root) {
  const std::array<JsonNode, 4> places = {root["error"]["message"], root["error"], root["message"], root["detail"]};
  for (const JsonNode& place : places) {
    std::string text = place.text();
    if (text.empty()) continue;
    std::size_t end = std::min(text.size(), kErrorMessage_bytes);
    while (end < text.size() && end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;  // not within a character
    text.resize(end);
    return text;
  }
  return {};
}

// The status that an error inside a 200 stands for: Anthropic by its type, others by a numeric code.
int status_in(JsonNode error) {
  struct Known {
    std::string_view type;
    int status;
  };
  constexpr auto kKnown = std::to_array<Known>({{"overloaded_error", 529},
                                                {"rate_limit_error", 429},
                                                {"invalid_request_error", 400},
                                                {"authentication_error", 401},
                                                {"billing_error", 402},
                                                {"permission_error", 403},
                                                {"not_found_error", 404},
                                                {"request_too_large", 413},
                                                {"timeout_error", 504},
                                                {"insufficient_quota", 429},
                                                {"rate_limit_exceeded", 429}});
  for (const JsonNode code : {error["code"], error["status"], error["status_code"]})
    if (const auto status = code.integer(); status && *status >= 400 && *status < 600) return static_cast<int>(*status);
  const std::string type = error["type"].text();
  for (const Known& known : kKnown)
    if (known.type == type) return known.status;
  return 502;
}

}  // namespace

void StreamReader::open_channel(const Channel& channel) {
  if (std::find(open_.begin(), open_.end(), channel) == open_.end()) open_.push_back(channel);
}

void StreamReader::close_channel(const Channel& channel, Chunk& chunk) {
  if (std::erase(open_, channel) > 0) chunk.closed.push_back(channel);
}

void StreamReader::close_item(std::uint32_t item, Chunk& chunk) {
  std::erase_if(open_, [&](const Channel& channel) {
    if (channel.item != item) return false;
    chunk.closed.push_back(channel);
    return true;
  });
}

void StreamReader::close_choice(std::uint32_t choice, Chunk& chunk) {
  std::erase_if(open_, [&](const Channel& channel) {
    if (channel.choice != choice) return false;
    chunk.closed.push_back(channel);
    return true;
  });
}

void add_delta(JsonNode node, Channel channel, HalfPair& half, std::vector<Delta>& out) {
  if (!node.is(JsonType::string)) return;
  const bool began_cut = half.has_value();
  std::string text = node.text(half);
  const bool cut_pair = began_cut || half.has_value();
  if (text.empty() && !cut_pair) return;
  out.push_back({channel, std::move(text), node.span(), cut_pair});
}

ApiError StreamReader::error_in(JsonNode root, int status, std::string_view raw) const {
  ApiError error{.kind = ErrorKind::upstream_status, .message = message_in(root), .status = status};
  if (error.message.empty()) error.message = "the upstream answered " + std::to_string(status);
  if (root["error"]["param"].is(JsonType::string)) error.param = root["error"]["param"].text();
  if (passage_ == Passage::same_dialect && root) error.raw_body = raw;
  return error;
}

Result<void, ApiError> StreamReader::feed_stream(std::string_view bytes, std::vector<Chunk>& out) {
  events_.clear();
  if (!splitter_.feed(bytes, events_)) return fail(broken("an event over " + std::to_string(kMaxEvent_bytes / 1024 / 1024) + " MiB"));
  for (SseEvent& event : events_) {
    if (ended_ || failed_) break;  // nothing counts after the end
    Chunk& chunk = out.emplace_back();
    chunk.event = std::move(event.event);
    chunk.data = std::move(event.data);
    if (chunk.data == "[DONE]") {
      chunk.kind = ChunkKind::end;
    } else {
      const auto read = tree_.read(chunk.data);
      if (!read) {
        out.pop_back();
        return fail(broken(read.error().what + " at byte " + std::to_string(read.error().at) + " of an event"));
      }
      const JsonNode root = tree_.root();
      if (root["error"] || chunk.event == "error") {
        chunk.kind = ChunkKind::error;
        chunk.error = error_in(root, status_in(root["error"]), chunk.data);
      } else {
        read_event(root, chunk);
      }
    }
    if (chunk.kind == ChunkKind::end) {  // some servers end a stream without having finished its choices
      ended_ = true;
      chunk.closed.insert(chunk.closed.end(), open_.begin(), open_.end());
      open_.clear();
    }
    failed_ = failed_ || chunk.kind == ChunkKind::error;
  }
  return {};
}

Result<Reply, ApiError> StreamReader::read_whole(int status, const Headers& headers, std::string body) {
  if (status >= 400) return fail(read_error(status, headers, std::move(body)));
  Reply reply{.status = status, .content_type = std::string(headers.get("content-type")), .body = std::move(body)};
  const auto read = tree_.read(reply.body, kAnswerLimits, kept_depth());
  if (!read && !(takes_text() && !reply.content_type.starts_with("application/json")))
    return fail(broken(read.error().what + " at byte " + std::to_string(read.error().at)));
  const JsonNode root = tree_.root();
  if (root["error"]) return fail(error_in(root, status_in(root["error"]), reply.body));
  read_answer(root, reply);
  return reply;
}

ApiError StreamReader::read_error(int status, const Headers& headers, std::string body) {
  const bool is_json = tree_.read(body, kAnswerLimits).ok();
  ApiError error = error_in(is_json ? tree_.root() : JsonNode{}, status, body);
  error.retry_after_s = retry_after(headers);
  return error;
}

bool passes_to_client(std::string_view header_name) {
  return header_name == "retry-after" || header_name == "retry-after-ms" || header_name == "x-should-retry" ||
         header_name.starts_with("x-ratelimit-") || header_name.starts_with("anthropic-ratelimit-");
}

}  // namespace demarc::dialect
