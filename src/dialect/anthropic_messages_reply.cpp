// What /v1/messages answers, read: events of a stream and whole answers.
#include <map>

#include "dialect/anthropic_messages.hpp"
#include "dialect/stream_reader.hpp"
#include "dialect/usage.hpp"

namespace demarc::dialect::anthropic_messages {
namespace {

constexpr std::int64_t kMaxBlock = 4096;  // highest index of a content block that we follow

std::optional<FinishReason> finish_of(JsonNode node) {
  if (!node.is(JsonType::string)) return {};
  const std::string reason = node.text();
  if (reason == "max_tokens" || reason == "model_context_window_exceeded") return FinishReason::length;
  if (reason == "tool_use") return FinishReason::tool_calls;
  if (reason == "refusal") return FinishReason::content_filter;
  return FinishReason::stop;  // end_turn, stop_sequence, pause_turn
}

class Translator final : public StreamReader {
 public:
  using StreamReader::StreamReader;

 private:
  void read_event(JsonNode root, Chunk& chunk) override {
    const std::string type = root["type"].text();
    if (type == "message_start") {
      read_model(root["message"]["model"], chunk.model, chunk.model_span);
      read_usage(root["message"]["usage"], chunk.usage);
    } else if (type == "content_block_start") {
      start_block(item_of(root), root["content_block"], chunk);
    } else if (type == "content_block_delta") {
      read_delta(item_of(root), root["delta"], chunk);
    } else if (type == "content_block_stop") {
      close_item(item_of(root), chunk);
      halves_.erase(item_of(root));
    } else if (type == "message_delta") {
      chunk.kind = ChunkKind::finish;
      chunk.finish = finish_of(root["delta"]["stop_reason"]);
      read_usage(root["usage"], chunk.usage);
      close_choice(0, chunk);
    } else if (type == "message_stop") {
      chunk.kind = ChunkKind::end;
    } else if (type == "ping") {
      chunk.kind = ChunkKind::ping;
    }
  }

  static std::uint32_t item_of(JsonNode root) {
    const auto index = root["index"].integer();
    return index && *index >= 0 && *index <= kMaxBlock ? static_cast<std::uint32_t>(*index) : 0;
  }

  static void read_model(JsonNode node, std::string& model, Span& span) {
    model = node.text();
    if (node.is(JsonType::string)) span = node.span();
  }

  void read_usage(JsonNode node, std::optional<Usage>& out) {
    if (!node.is(JsonType::object)) return;
    read_anthropic_usage(node, usage_);
    out = usage_;
  }

  void start_block(std::uint32_t item, JsonNode block, Chunk& chunk) {
    const std::string type = block["type"].text();
    if (type == "tool_use") {
      const Channel channel{ChannelKind::tool_arguments, 0, item};
      chunk.kind = ChunkKind::content;
      chunk.tools.push_back({channel, block["id"].text(), block["name"].text()});
      open_channel(channel);
    } else if (type == "text") {
      text(block["text"], {ChannelKind::text, 0, item}, chunk);
    } else if (type == "thinking") {
      text(block["thinking"], {ChannelKind::reasoning, 0, item}, chunk);
    } else {
      provider_runs_[item] = true;  // server_tool_use, web_search_tool_result, redacted_thinking: nothing of it is ours to change
      chunk.kind = ChunkKind::content;
    }
  }

  void read_delta(std::uint32_t item, JsonNode delta, Chunk& chunk) {
    const std::string type = delta["type"].text();
    if (provider_runs_.contains(item)) {
      chunk.kind = ChunkKind::content;
    } else if (type == "text_delta") {
      text(delta["text"], {ChannelKind::text, 0, item}, chunk);
    } else if (type == "input_json_delta") {
      text(delta["partial_json"], {ChannelKind::tool_arguments, 0, item}, chunk);
    } else if (type == "thinking_delta") {
      text(delta["thinking"], {ChannelKind::reasoning, 0, item}, chunk);
    }
  }

  void text(JsonNode node, Channel channel, Chunk& chunk) {
    add_delta(node, channel, halves_[channel.item], chunk.deltas);
    open_channel(channel);
    if (!chunk.deltas.empty()) chunk.kind = ChunkKind::content;
  }

  void read_answer(JsonNode root, Reply& reply) override {
    read_model(root["model"], reply.model, reply.model_span);
    read_usage(root["usage"], reply.usage);
    reply.finish = finish_of(root["stop_reason"]);
    std::uint32_t item = 0;
    for (const JsonNode block : root["content"]) {
      const std::string type = block["type"].text();
      const Channel tool{ChannelKind::tool_arguments, 0, item};
      HalfPair half;
      if (type == "text") add_delta(block["text"], {ChannelKind::text, 0, item}, half, reply.texts);
      if (type == "thinking") add_delta(block["thinking"], {ChannelKind::reasoning, 0, item}, half, reply.texts);
      if (type == "tool_use") {
        reply.tools.push_back({tool, block["id"].text(), block["name"].text()});
        reply.texts.push_back({tool, std::string(block["input"].raw()), block["input"].span()});
      }
      ++item;
    }
  }

  std::map<std::uint32_t, HalfPair> halves_;
  std::map<std::uint32_t, bool> provider_runs_;
  Usage usage_;
};

}  // namespace

std::unique_ptr<ReplyTranslator> translator(const Request& request, Passage passage) {
  (void)request;
  return std::make_unique<Translator>(passage);
}

}  // namespace demarc::dialect::anthropic_messages
