// What clients of /v1/chat/completions are told: the upstream's own events, or events of ours for what an upstream of another dialect said.
#include <map>

#include "core/json/writer.hpp"
#include "dialect/json/tree.hpp"
#include "dialect/openai_chat.hpp"
#include "dialect/same_dialect.hpp"
#include "dialect/sse.hpp"
#include "dialect/usage.hpp"

namespace demarc::dialect::openai_chat {
namespace {

std::string_view name_of(FinishReason reason) {
  switch (reason) {
    case FinishReason::stop: return "stop";
    case FinishReason::length: return "length";
    case FinishReason::tool_calls: return "tool_calls";
    case FinishReason::content_filter: return "content_filter";
  }
  return "stop";
}

// What every chunk of one stream repeats.
struct Envelope {
  std::string id, model;
  std::int64_t created_s = 0;
};

template <class Body>
void append_chunk(std::string& out, const Envelope& envelope, Body&& members) {
  std::string data;
  JsonWriter json(data);
  json.object([&] {
    json.field("id", envelope.id);
    json.field("object", "chat.completion.chunk");
    json.field("created", envelope.created_s);
    json.field("model", envelope.model);
    members(json);
  });
  append_event(out, "", data);
}

template <class Delta>
void append_delta(std::string& out, const Envelope& envelope, std::uint32_t choice, std::optional<FinishReason> finish, Delta&& members) {
  append_chunk(out, envelope, [&](JsonWriter& json) {
    json.array("choices", [&] {
      json.object([&] {
        json.field("index", choice);
        json.object("delta", [&] { members(json); });
        finish ? json.field("finish_reason", name_of(*finish)) : json.field("finish_reason", json_null);
      });
    });
  });
}

void append_text(std::string& out, const Envelope& envelope, const Channel& channel, std::string_view text) {
  append_delta(out, envelope, channel.choice, {}, [&](JsonWriter& json) {
    switch (channel.kind) {
      case ChannelKind::text: json.field("content", text); break;
      case ChannelKind::reasoning: json.field("reasoning_content", text); break;
      case ChannelKind::refusal: json.field("refusal", text); break;
      case ChannelKind::tool_arguments:
        json.array("tool_calls", [&] {
          json.object([&] {
            json.field("index", channel.item);
            json.object("function", [&] { json.field("arguments", text); });
          });
        });
        break;
    }
  });
}

class SamePrinter final : public SameDialectPrinter {
 public:
  SamePrinter(const Request& request, PrinterOptions options) : SameDialectPrinter(Family::openai, request.include_usage, std::move(options)) {}
  void print_text(Channel channel, std::string_view text, std::string& out) override {
    if (!text.empty()) append_text(out, envelope_, channel, text);
  }

 private:
  void observe(const Chunk& chunk) override {
    if (!envelope_.id.empty() || chunk.data.empty()) return;
    JsonTree tree;
    std::string data = chunk.data;
    if (!tree.read(data)) return;
    envelope_.id = tree.root()["id"].text();
    envelope_.created_s = tree.root()["created"].integer().value_or(options().created.unix_s());
    envelope_.model = options().served_model.empty() ? chunk.model : options().served_model;
  }
  Envelope envelope_;
};

// Says in chunks what came from another dialect, where tool calls are blocks among others: they are numbered here in order of their start.
class CrossingPrinter final : public ReplyPrinter {
 public:
  CrossingPrinter(const Request& request, PrinterOptions options) : show_usage_(request.include_usage), options_(std::move(options)) {
    envelope_.id = "chatcmpl-" + options_.id;
    envelope_.created_s = options_.created.unix_s();
    envelope_.model = options_.served_model;
  }

  void print_chunk(const Chunk& chunk, const std::vector<std::string>& new_texts, std::string& out) override {
    if (!chunk.model.empty() && envelope_.model.empty()) envelope_.model = chunk.model;
    if (chunk.usage) usage_ = chunk.usage;
    if (chunk.kind == ChunkKind::error) return print_error(*chunk.error, options_.id, out);
    if (chunk.kind == ChunkKind::ping) return print_keep_alive(out);
    if (chunk.kind == ChunkKind::end) ended_ = true;
    if (chunk.kind == ChunkKind::lifecycle || chunk.kind == ChunkKind::content) begin(out);
    for (const ToolStart& tool : chunk.tools) start_tool(tool, out);
    for (std::size_t i = 0; i < chunk.deltas.size(); ++i) print_text(chunk.deltas[i].channel, new_text(chunk.deltas, new_texts, i), out);
    if (chunk.finish) finish_ = chunk.finish;
    if (chunk.kind == ChunkKind::finish) append_delta(out, envelope_, 0, finish_, [](JsonWriter&) {});
  }

  void print_text(Channel channel, std::string_view text, std::string& out) override {
    if (text.empty()) return;
    begin(out);
    if (channel.kind == ChannelKind::tool_arguments) channel.item = tool_number(channel);
    append_text(out, envelope_, channel, text);
  }

  void print_error(const ApiError& error, std::string_view request_id, std::string& out) override {
    append_error_event(out, Family::openai, error, request_id);
  }

  void print_end(std::string_view receipt_json, std::string& out) override {
    if (ended_ && show_usage_ && usage_) {
      append_chunk(out, envelope_, [&](JsonWriter& json) {
        json.array("choices", [] {});
        json.name("usage");
        write_openai_usage(json, *usage_);
      });
    }
    append_receipt(out, receipt_json);
    if (ended_) append_event(out, "", "[DONE]");
  }

  void print_keep_alive(std::string& out) override { append_keep_alive(out, Family::openai); }

  OutgoingReply print_whole(const Reply& reply, const std::vector<std::string>& new_texts) override {
    std::string body;
    JsonWriter json(body);
    json.object([&] {
      json.field("id", envelope_.id);
      json.field("object", "chat.completion");
      json.field("created", envelope_.created_s);
      json.field("model", envelope_.model.empty() ? reply.model : envelope_.model);
      json.array("choices", [&] {
        json.object([&] {
          json.field("index", 0);
          json.object("message", [&] { write_message(json, reply, new_texts); });
          json.field("logprobs", json_null);
          reply.finish ? json.field("finish_reason", name_of(*reply.finish)) : json.field("finish_reason", json_null);
        });
      });
      if (!reply.usage) return;
      json.name("usage");
      write_openai_usage(json, *reply.usage);
    });
    return {200, "application/json", std::move(body)};
  }

 private:
  void begin(std::string& out) {
    if (begun_) return;
    begun_ = true;
    append_delta(out, envelope_, 0, {}, [](JsonWriter& json) { json.field("role", "assistant"), json.field("content", ""); });
  }

  std::uint32_t tool_number(const Channel& channel) { return tools_.try_emplace(channel, static_cast<std::uint32_t>(tools_.size())).first->second; }

  void start_tool(const ToolStart& tool, std::string& out) {
    append_delta(out, envelope_, 0, {}, [&](JsonWriter& json) {
      json.array("tool_calls", [&] {
        json.object([&] {
          json.field("index", tool_number(tool.channel));
          json.field("id", tool.id);
          json.field("type", "function");
          json.object("function", [&] { json.field("name", tool.name), json.field("arguments", ""); });
        });
      });
    });
  }

  static void write_message(JsonWriter& json, const Reply& reply, const std::vector<std::string>& new_texts) {
    const auto joined = [&](auto&& wanted) {
      std::string text;
      for (std::size_t i = 0; i < reply.texts.size(); ++i)
        if (wanted(reply.texts[i].channel)) text += new_text(reply.texts, new_texts, i);
      return text;
    };
    const auto of_kind = [&](ChannelKind kind) { return joined([&](const Channel& channel) { return channel.kind == kind; }); };
    json.field("role", "assistant");
    const std::string content = of_kind(ChannelKind::text);
    content.empty() && !reply.tools.empty() ? json.field("content", json_null) : json.field("content", content);
    if (const std::string reasoning = of_kind(ChannelKind::reasoning); !reasoning.empty()) json.field("reasoning_content", reasoning);
    const std::string refusal = of_kind(ChannelKind::refusal);
    refusal.empty() ? json.field("refusal", json_null) : json.field("refusal", refusal);
    if (reply.tools.empty()) return;
    json.array("tool_calls", [&] {
      for (const ToolStart& tool : reply.tools) {
        json.object([&] {
          json.field("id", tool.id);
          json.field("type", "function");
          json.object("function", [&] {
            json.field("name", tool.name);
            json.field("arguments", joined([&](const Channel& channel) { return channel == tool.channel; }));
          });
        });
      }
    });
  }

  bool show_usage_;
  PrinterOptions options_;
  Envelope envelope_;
  bool begun_ = false, ended_ = false;
  std::map<Channel, std::uint32_t> tools_;
  std::optional<FinishReason> finish_;
  std::optional<Usage> usage_;
};

}  // namespace

std::unique_ptr<ReplyPrinter> printer(const Request& request, Passage passage, PrinterOptions options) {
  switch (passage) {
    case Passage::same_dialect: return std::make_unique<SamePrinter>(request, std::move(options));
    case Passage::crossing: return std::make_unique<CrossingPrinter>(request, std::move(options));
  }
  return nullptr;
}

}  // namespace demarc::dialect::openai_chat
