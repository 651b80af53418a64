// What clients of /v1/messages are told: the upstream's own events, or events of ours for what an upstream of another dialect said.
#include <algorithm>

#include "core/json/writer.hpp"
#include "dialect/anthropic_messages.hpp"
#include "dialect/json/tree.hpp"
#include "dialect/same_dialect.hpp"
#include "dialect/sse.hpp"
#include "dialect/usage.hpp"

namespace demarc::dialect::anthropic_messages {
namespace {

std::string_view name_of(FinishReason reason) {
  switch (reason) {
    case FinishReason::stop: return "end_turn";
    case FinishReason::length: return "max_tokens";
    case FinishReason::tool_calls: return "tool_use";
    case FinishReason::content_filter: return "refusal";
  }
  return "end_turn";
}

template <class Body>
void append_json_event(std::string& out, std::string_view type, Body&& members) {
  std::string data;
  JsonWriter json(data);
  json.object([&] {
    json.field("type", type);
    members(json);
  });
  append_event(out, type, data);
}

void append_delta(std::string& out, ChannelKind kind, std::uint32_t index, std::string_view text) {
  append_json_event(out, "content_block_delta", [&](JsonWriter& json) {
    json.field("index", index);
    json.object("delta", [&] {
      switch (kind) {
        case ChannelKind::text:
        case ChannelKind::refusal: json.field("type", "text_delta"), json.field("text", text); break;
        case ChannelKind::reasoning: json.field("type", "thinking_delta"), json.field("thinking", text); break;
        case ChannelKind::tool_arguments: json.field("type", "input_json_delta"), json.field("partial_json", text); break;
      }
    });
  });
}

class SamePrinter final : public SameDialectPrinter {
 public:
  explicit SamePrinter(PrinterOptions options) : SameDialectPrinter(Family::anthropic, true, std::move(options)) {}
  void print_text(Channel channel, std::string_view text, std::string& out) override {
    if (!text.empty()) append_delta(out, channel.kind, channel.item, text);
  }

 private:
  void observe(const Chunk& chunk) override { (void)chunk; }
};

// Says in blocks, one open at a time, what came in channels that may interleave. Text and reasoning give way to whatever comes next; an open tool
// call stays open until the finish, and what else comes meanwhile waits behind it.
class CrossingPrinter final : public ReplyPrinter {
 public:
  CrossingPrinter(const Request& request, PrinterOptions options)
      : shows_reasoning_(request.shows_reasoning), options_(std::move(options)), model_(options_.served_model) {}

  void print_chunk(const Chunk& chunk, const std::vector<std::string>& new_texts, std::string& out) override {
    if (model_.empty()) model_ = chunk.model;
    if (chunk.usage) usage_ = chunk.usage;
    if (chunk.kind == ChunkKind::error) return print_error(*chunk.error, options_.id, out);
    if (chunk.kind == ChunkKind::ping) return print_keep_alive(out);
    if (chunk.kind != ChunkKind::end) begin(out);
    for (std::size_t i = 0; i < chunk.deltas.size(); ++i)
      if (chunk.deltas[i].channel.kind != ChannelKind::tool_arguments) print_text(chunk.deltas[i].channel, new_text(chunk.deltas, new_texts, i), out);
    for (const ToolStart& tool : chunk.tools) start_tool(tool, out);
    for (std::size_t i = 0; i < chunk.deltas.size(); ++i)
      if (chunk.deltas[i].channel.kind == ChannelKind::tool_arguments) print_text(chunk.deltas[i].channel, new_text(chunk.deltas, new_texts, i), out);
    if (chunk.finish) finish_ = chunk.finish, close_all(out);
    if (chunk.kind == ChunkKind::end) ended_ = true;
  }

  void print_text(Channel channel, std::string_view text, std::string& out) override {
    if (text.empty() || (channel.kind == ChannelKind::reasoning && !shows_reasoning_)) return;
    if (channel.kind == ChannelKind::refusal) refused_ = true;
    begin(out);
    Block& block = block_for(channel, out);
    if (open_ && open_->channel == channel) {
      append_delta(out, channel.kind, next_index_ - 1, text);
    } else {
      block.waiting += text;
    }
  }

  void print_error(const ApiError& error, std::string_view request_id, std::string& out) override {
    append_error_event(out, Family::anthropic, error, request_id);
  }

  void print_end(std::string_view receipt_json, std::string& out) override {
    if (ended_) {
      begin(out);
      close_all(out);
      append_json_event(out, "message_delta", [&](JsonWriter& json) {
        json.object("delta", [&] { write_stop(json, finish_); });
        json.name("usage");
        write_anthropic_usage(json, usage_.value_or(Usage{}));
      });
    }
    append_receipt(out, receipt_json);
    if (ended_) append_json_event(out, "message_stop", [](JsonWriter&) {});
  }

  void print_keep_alive(std::string& out) override { append_keep_alive(out, Family::anthropic); }

  OutgoingReply print_whole(const Reply& reply, const std::vector<std::string>& new_texts) override {
    std::string body;
    JsonWriter json(body);
    json.object([&] {
      write_message_head(json, model_.empty() ? reply.model : model_);
      json.array("content", [&] { write_blocks(json, reply, new_texts); });
      used_tools_ = !reply.tools.empty();
      write_stop(json, reply.finish);
      json.name("usage");
      write_anthropic_usage(json, reply.usage.value_or(Usage{}));
    });
    return {200, "application/json", std::move(body)};
  }

 private:
  struct Block {
    Channel channel;
    std::string id, name;  // of a tool call
    std::string waiting;   // text that came before the block could open
  };

  void write_message_head(JsonWriter& json, std::string_view model) {
    json.field("id", "msg_" + options_.id);
    json.field("type", "message");
    json.field("role", "assistant");
    json.field("model", model);
  }

  // Servers that end a turn of tool calls or a refusal with a plain stop mean the same.
  void write_stop(JsonWriter& json, std::optional<FinishReason> finish) const {
    if (finish == FinishReason::stop && refused_) finish = FinishReason::content_filter;
    if (finish == FinishReason::stop && used_tools_) finish = FinishReason::tool_calls;
    finish ? json.field("stop_reason", name_of(*finish)) : json.field("stop_reason", json_null);
    json.field("stop_sequence", json_null);
  }

  void begin(std::string& out) {
    if (begun_) return;
    begun_ = true;
    append_json_event(out, "message_start", [&](JsonWriter& json) {
      json.object("message", [&] {
        write_message_head(json, model_);
        json.array("content", [] {});
        json.field("stop_reason", json_null);
        json.field("stop_sequence", json_null);
        json.object("usage", [&] {  // so far; message_delta has the total
          json.field("input_tokens", usage_ ? usage_->total_input() : 0);
          json.field("output_tokens", 0);
        });
      });
    });
  }

  // The block that continues `channel`: the open one, one that waits, or a new one, opened if it may be.
  Block& block_for(const Channel& channel, std::string& out) {
    if (open_ && open_->channel == channel) return *open_;
    const auto waiting = std::find_if(waiting_.begin(), waiting_.end(), [&](const Block& block) { return block.channel == channel; });
    if (waiting != waiting_.end()) return *waiting;
    return add_block({.channel = channel}, out);
  }

  Block& add_block(Block block, std::string& out) {
    if (open_ && open_->channel.kind == ChannelKind::tool_arguments) return waiting_.emplace_back(std::move(block));
    close_open(out);
    open(std::move(block), out);
    return *open_;
  }

  void start_tool(const ToolStart& tool, std::string& out) {
    used_tools_ = true;
    if (std::find(tools_.begin(), tools_.end(), tool.channel) != tools_.end()) return;  // some servers repeat the name
    tools_.push_back(tool.channel);
    begin(out);
    add_block({.channel = tool.channel, .id = tool_id(tool), .name = tool.name}, out);
  }

  std::string tool_id(const ToolStart& tool) const {
    return tool.id.empty() ? "toolu_" + options_.id + "_" + std::to_string(tool.channel.item) : tool.id;
  }

  void open(Block block, std::string& out) {
    const std::uint32_t index = next_index_++;
    append_json_event(out, "content_block_start", [&](JsonWriter& json) {
      json.field("index", index);
      json.object("content_block", [&] {
        switch (block.channel.kind) {
          case ChannelKind::text:
          case ChannelKind::refusal: json.field("type", "text"), json.field("text", ""); break;
          case ChannelKind::reasoning: json.field("type", "thinking"), json.field("thinking", ""), json.field("signature", ""); break;
          case ChannelKind::tool_arguments:
            json.field("type", "tool_use");
            json.field("id", block.id);
            json.field("name", block.name);
            json.object("input", [] {});
            break;
        }
      });
    });
    if (!block.waiting.empty()) append_delta(out, block.channel.kind, index, block.waiting);
    open_ = std::move(block);
  }

  void close_open(std::string& out) {
    if (!open_) return;
    append_json_event(out, "content_block_stop", [&](JsonWriter& json) { json.field("index", next_index_ - 1); });
    open_.reset();
  }

  void close_all(std::string& out) {
    close_open(out);
    for (Block& block : waiting_) open(std::move(block), out), close_open(out);
    waiting_.clear();
  }

  void write_blocks(JsonWriter& json, const Reply& reply, const std::vector<std::string>& new_texts) {
    for (std::size_t i = 0; i < reply.texts.size(); ++i) {
      const Channel& channel = reply.texts[i].channel;
      const std::string_view text = new_text(reply.texts, new_texts, i);
      if (channel.kind == ChannelKind::refusal) refused_ = true;
      if (channel.kind == ChannelKind::tool_arguments || (channel.kind == ChannelKind::reasoning && !shows_reasoning_)) continue;
      json.object([&] {
        if (channel.kind == ChannelKind::reasoning) {
          json.field("type", "thinking"), json.field("thinking", text), json.field("signature", "");
        } else {
          json.field("type", "text"), json.field("text", text);
        }
      });
    }
    for (const ToolStart& tool : reply.tools) {
      json.object([&] {
        json.field("type", "tool_use");
        json.field("id", tool_id(tool));
        json.field("name", tool.name);
        std::string arguments;
        for (std::size_t i = 0; i < reply.texts.size(); ++i)
          if (reply.texts[i].channel == tool.channel) arguments += new_text(reply.texts, new_texts, i);
        json.name("input");
        write_input(json, std::move(arguments));
      });
    }
  }

  // Arguments that are no JSON object (an answer cut at its length) cannot stand here; they are kept as a text under one key.
  static void write_input(JsonWriter& json, std::string arguments) {
    if (arguments.empty()) return json.object([] {});
    JsonTree tree;
    if (tree.read(arguments) && tree.root().is(JsonType::object)) return json.raw(tree.root().raw());
    json.object([&] { json.field("arguments", arguments); });
  }

  bool shows_reasoning_;
  PrinterOptions options_;
  std::string model_;
  bool begun_ = false, ended_ = false, used_tools_ = false, refused_ = false;
  std::uint32_t next_index_ = 0;
  std::optional<Block> open_;
  std::vector<Block> waiting_;
  std::vector<Channel> tools_;
  std::optional<FinishReason> finish_;
  std::optional<Usage> usage_;
};

}  // namespace

std::unique_ptr<ReplyPrinter> printer(const Request& request, Passage passage, PrinterOptions options) {
  switch (passage) {
    case Passage::same_dialect: return std::make_unique<SamePrinter>(std::move(options));
    case Passage::crossing: return std::make_unique<CrossingPrinter>(request, std::move(options));
  }
  return nullptr;
}

}  // namespace demarc::dialect::anthropic_messages
