#include "network.hpp"

#include <algorithm>

#include "dialect/sse.hpp"

namespace demarc::sim {
namespace {

// The last JSON string after `"content":"`, as it stands there.
std::string_view last_content(std::string_view body) {
  constexpr std::string_view kMark = R"("content":")";
  const std::size_t at = body.rfind(kMark);
  if (at == std::string_view::npos) return "nothing was said";
  const std::size_t begin = at + kMark.size();
  std::size_t end = begin;
  while (end < body.size() && body[end] != '"') end += body[end] == '\\' ? 2 : 1;
  return body.substr(begin, std::min(end, body.size()) - begin);
}

std::string whole_reply(std::string_view path, std::string_view said) {
  if (path.ends_with("/messages"))
    return R"({"id":"msg_1","type":"message","role":"assistant","model":"m","content":[{"type":"text","text":")" + std::string(said) +
           R"("}],"stop_reason":"end_turn","usage":{"input_tokens":9,"output_tokens":5}})";
  if (path.ends_with("/embeddings"))
    return R"({"object":"list","data":[{"object":"embedding","index":0,"embedding":[0.1,0.2]}],"model":"m","usage":{"prompt_tokens":9,"total_tokens":9}})";
  return R"({"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":")" +
         std::string(said) + R"("},"finish_reason":"stop"}],"usage":{"prompt_tokens":9,"completion_tokens":5,"total_tokens":14}})";
}

// Cut where no escape is cut.
std::vector<std::string> pieces_of(std::string_view said) {
  std::vector<std::string> pieces;
  for (std::size_t at = 0; at < said.size();) {
    std::size_t end = std::min(at + 12, said.size());
    if (const std::size_t slash = said.find('\\', at); slash < end) end = slash > at ? slash : std::min(slash + 6, said.size());
    while (end < said.size() && (static_cast<unsigned char>(said[end]) & 0xC0U) == 0x80U) ++end;
    pieces.emplace_back(said.substr(at, end - at));
    at = end;
  }
  return pieces;
}

std::vector<std::string> stream_of(std::string_view path, std::string_view said) {
  std::vector<std::string> events;
  const auto put = [&](std::string_view event, const std::string& data) { dialect::append_event(events.emplace_back(), event, data); };
  if (path.ends_with("/messages")) {
    put("message_start",
        R"({"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"m","content":[],"usage":{"input_tokens":9,"output_tokens":1}}})");
    put("content_block_start", R"({"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}})");
    for (const std::string& piece : pieces_of(said))
      put("content_block_delta", R"({"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":")" + piece + "\"}}");
    put("content_block_stop", R"({"type":"content_block_stop","index":0})");
    put("message_delta", R"({"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":5}})");
    put("message_stop", R"({"type":"message_stop"})");
    return events;
  }
  const std::string head = R"({"id":"c","object":"chat.completion.chunk","created":1,"model":"m",)";
  for (const std::string& piece : pieces_of(said))
    put("", head + R"("choices":[{"index":0,"delta":{"content":")" + piece + R"("},"finish_reason":null}]})");
  put("", head + R"("choices":[{"index":0,"delta":{},"finish_reason":"stop"}]})");
  put("", head + R"("choices":[],"usage":{"prompt_tokens":9,"completion_tokens":5,"total_tokens":14}})");
  put("", "[DONE]");
  return events;
}

enum class End : std::uint8_t { proper, broken, stalled };

class SimReply final : public IncomingReply {
 public:
  SimReply(SimLoop& loop, Cancellation& cancellation, int status, Headers headers, std::vector<std::string> pieces, End end,
           std::chrono::nanoseconds between, std::chrono::nanoseconds idle)
      : loop_(loop),
        cancellation_(cancellation),
        status_(status),
        headers_(std::move(headers)),
        pieces_(std::move(pieces)),
        end_(end),
        between_(between),
        idle_(idle) {}
  [[nodiscard]] int status() const override { return status_; }
  [[nodiscard]] const Headers& headers() const override { return headers_; }
  Task<Result<std::string_view, IoError>> read() override {
    const bool cut = end_ != End::proper && next_ >= pieces_.size() / 2;
    if (!co_await pause(loop_, cut && end_ == End::stalled ? idle_ : between_, cancellation_)) co_return fail(IoError::cancelled);
    if (cut) co_return fail(end_ == End::stalled ? IoError::timeout : IoError::reset);
    if (next_ == pieces_.size()) co_return std::string_view();
    co_return std::string_view(pieces_[next_++]);
  }

 private:
  SimLoop& loop_;
  Cancellation& cancellation_;
  const int status_;
  const Headers headers_;
  const std::vector<std::string> pieces_;
  const End end_;
  const std::chrono::nanoseconds between_, idle_;
  std::size_t next_ = 0;
};

}  // namespace

Task<bool> pause(SimLoop& loop, std::chrono::nanoseconds duration, Cancellation& cancellation) {
  if (cancellation.cancelled()) co_return false;
  const auto over = std::make_shared<Event>();
  loop.after(duration, [over] {
    if (!over->is_set()) over->set();
  });
  const auto hook = cancellation.on_cancel([over] {
    if (!over->is_set()) over->set();
  });
  co_await *over;
  co_return !cancellation.cancelled();
}

std::uint64_t SimNetwork::sent() const {
  std::uint64_t all = 0;
  for (const auto& [host, sent] : sent_) all += sent.requests;
  return all;
}

Task<Result<std::unique_ptr<IncomingReply>, SendError>> SimNetwork::send(const Origin& origin, const OutgoingRequest& request,
                                                                         const SendLimits& limits, Cancellation& cancellation, Task<bool> gate) {
  const auto failed = [](IoError kind, bool sent) { return fail(SendError{kind, sent, ""}); };
  if (!co_await pause(loop_, dice_.millis(1, 20), cancellation)) co_return failed(IoError::cancelled, false);
  if (dice_.chance(faults_.refused)) co_return failed(IoError::refused, false);
  if (!co_await std::move(gate) || cancellation.cancelled()) co_return failed(IoError::cancelled, false);

  Sent& sent = sent_[origin.host];
  ++sent.requests;
  const std::string body(request.body);  // nobody keeps it for us
  if (body.find(kPlantedNumber) != std::string::npos || body.find(kPlantedMail) != std::string::npos) ++sent.planted;
  const std::string path(request.target.substr(0, request.target.find('?')));
  if (dice_.chance(faults_.hangs))
    co_return failed(co_await pause(loop_, limits.first_byte, cancellation) ? IoError::timeout : IoError::cancelled, true);
  if (!co_await pause(loop_, dice_.millis(20, 900), cancellation)) co_return failed(IoError::cancelled, true);
  if (dice_.chance(faults_.reset)) co_return failed(IoError::reset, true);

  const auto reply = [&](int status, Headers headers, std::vector<std::string> pieces, End end) {
    return std::make_unique<SimReply>(loop_, cancellation, status, std::move(headers), std::move(pieces), end, dice_.millis(1, 30), limits.idle);
  };
  const Headers json = {{"content-type", "application/json"}};
  if (dice_.chance(faults_.server_error)) co_return reply(500, json, {R"({"error":{"message":"it broke","type":"server_error"}})"}, End::proper);
  if (dice_.chance(faults_.busy))
    co_return reply(429, {{"content-type", "application/json"}, {"retry-after", "7"}},
                    {R"({"error":{"message":"slow down","type":"rate_limit_error"}})"}, End::proper);
  if (dice_.chance(faults_.garbled)) co_return reply(200, json, {"{\"choices\":[", "\xff\xfe"}, End::proper);
  const End end = dice_.chance(faults_.broken) ? End::broken : dice_.chance(faults_.stalled) ? End::stalled : End::proper;
  const std::string_view said = last_content(body);
  if (body.find(R"("stream":true)") != std::string::npos) co_return reply(200, {{"content-type", "text/event-stream"}}, stream_of(path, said), end);
  co_return reply(200, json, {whole_reply(path, said)}, end);
}

}  // namespace demarc::sim
