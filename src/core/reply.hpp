// Chunk and Reply: what an upstream answers, piece by piece or whole, over the upstream's own bytes.
//
// A Chunk is one event of a stream. Its texts are Deltas with their span in the event's data, so that a writer of the same dialect can pass
// everything untouched that nobody changed, and one of another dialect can speak the same in its own shape. Owned by one coroutine; moved along,
// never shared.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/document.hpp"
#include "core/error.hpp"
#include "core/request.hpp"
#include "core/transcript.hpp"
#include "core/usage.hpp"

namespace demarc {

enum class FinishReason : std::uint8_t { stop, length, tool_calls, content_filter };

enum class ChannelKind : std::uint8_t { text, reasoning, refusal, tool_arguments };

// Which of several interleaved texts a delta continues.
struct Channel {
  ChannelKind kind = ChannelKind::text;
  std::uint32_t choice = 0;
  std::uint32_t item = 0;  // content block or tool call within the choice
  friend auto operator<=>(const Channel&, const Channel&) = default;
};

struct Delta {
  Channel channel;
  std::string text;       // decoded; may end within a UTF-8 sequence only if the provider cut it there
  Span span{};            // the JSON string in Chunk::data, with quotes (a bare object: Anthropic's input, whole); empty if it stands nowhere
  bool cut_pair = false;  // the string has half of a surrogate pair at an end; the character is in `text` where its second half came
};

struct ToolStart {
  Channel channel;  // kind tool_arguments
  std::string id, name;
};

enum class ChunkKind : std::uint8_t {
  lifecycle,  // message_start, role, block start/stop: held back until the first content
  content,    // text, reasoning, tool call
  finish,     // finish reason (and maybe usage)
  usage,      // usage alone
  end,        // [DONE], message_stop
  error,      // the upstream reports a failure inside the stream
  ping,
};

struct Chunk {
  ChunkKind kind = ChunkKind::lifecycle;
  std::string event;  // SSE event name; may be empty
  std::string data;   // SSE data as it came
  std::vector<Delta> deltas;
  std::vector<ToolStart> tools;
  std::optional<FinishReason> finish;
  std::uint32_t choice = 0;  // of `finish`
  std::optional<Usage> usage;
  std::string model;            // as the upstream names it, where it does
  Span model_span{};            // the JSON string in `data`, with quotes; empty if it stands nowhere
  std::vector<Channel> closed;  // nothing more follows on these: what a filter holds back of them goes out before this chunk
  std::optional<ApiError> error;
};

struct Reply {  // a whole answer
  int status = 200;
  std::string content_type;
  std::string body;
  std::vector<Delta> texts;  // every text in it; spans in `body`
  std::vector<ToolStart> tools;
  std::optional<FinishReason> finish;
  std::optional<Usage> usage;
  std::string model;
  Span model_span{};  // the JSON string in `body`, with quotes; empty if it stands nowhere
  std::optional<Transcript> transcript;
  std::optional<Document> document;
};

}  // namespace demarc
