// What /v1/chat/completions answers, read: chunks of a stream and whole answers.
#include <map>

#include "dialect/openai_chat.hpp"
#include "dialect/stream_reader.hpp"
#include "dialect/usage.hpp"

namespace demarc::dialect::openai_chat {
namespace {

constexpr std::uint32_t kMaxItem = 127;  // highest index of a choice or tool call that we follow

std::uint32_t index_of(JsonNode node, std::uint32_t otherwise) {
  const auto index = node["index"].integer();
  return index && *index >= 0 && *index <= kMaxItem ? static_cast<std::uint32_t>(*index) : otherwise;
}

std::optional<FinishReason> finish_of(JsonNode node) {
  if (!node.is(JsonType::string)) return {};
  const std::string reason = node.text();
  if (reason == "length" || reason == "model_length") return FinishReason::length;
  if (reason == "tool_calls" || reason == "function_call") return FinishReason::tool_calls;
  if (reason == "content_filter") return FinishReason::content_filter;
  return FinishReason::stop;
}

class Translator final : public StreamReader {
 public:
  using StreamReader::StreamReader;

 private:
  struct Found {  // of one delta or message
    std::vector<Delta>& deltas;
    std::vector<ToolStart>& tools;
  };

  void read_event(JsonNode root, Chunk& chunk) override {
    chunk.model = root["model"].text();
    if (root["model"].is(JsonType::string)) chunk.model_span = root["model"].span();
    if (root["usage"].is(JsonType::object)) chunk.usage = read_openai_usage(root["usage"]);
    for (const JsonNode choice : root["choices"]) {
      const std::uint32_t index = index_of(choice, 0);
      read_message(choice["delta"], index, {chunk.deltas, chunk.tools});
      if (const auto finish = finish_of(choice["finish_reason"])) chunk.finish = finish, chunk.choice = index;
    }
    follow(chunk);
    if (chunk.finish) {
      chunk.kind = ChunkKind::finish;
    } else if (!chunk.deltas.empty() || !chunk.tools.empty()) {
      chunk.kind = ChunkKind::content;
    } else if (chunk.usage && root["choices"].size() == 0) {
      chunk.kind = ChunkKind::usage;
    } else {
      chunk.kind = ChunkKind::lifecycle;
    }
  }

  void read_answer(JsonNode root, Reply& reply) override {
    reply.model = root["model"].text();
    if (root["model"].is(JsonType::string)) reply.model_span = root["model"].span();
    if (root["usage"].is(JsonType::object)) reply.usage = read_openai_usage(root["usage"]);
    for (const JsonNode choice : root["choices"]) {
      read_message(choice["message"], index_of(choice, 0), {reply.texts, reply.tools});
      halves_.clear();
      if (const auto finish = finish_of(choice["finish_reason"]); finish && !reply.finish) reply.finish = finish;
    }
  }

  // A message, or the part of one that a stream's delta brings.
  void read_message(JsonNode message, std::uint32_t choice, Found found) {
    for (const JsonNode reasoning : {message["reasoning_content"], message["reasoning"]}) text(reasoning, {ChannelKind::reasoning, choice, 0}, found);
    read_content(message["content"], choice, found);
    text(message["refusal"], {ChannelKind::refusal, choice, 0}, found);
    std::uint32_t position = 0;
    for (const JsonNode call : message["tool_calls"])
      read_call(call, call["function"], {ChannelKind::tool_arguments, choice, index_of(call, position++)}, found);
    if (message["function_call"].is(JsonType::object)) read_call({}, message["function_call"], {ChannelKind::tool_arguments, choice, 0}, found);
  }

  // A string; Mistral's reasoning models: a list of {"type":"text","text"} and {"type":"thinking","thinking":[{"type":"text","text"}]}.
  void read_content(JsonNode content, std::uint32_t choice, Found found) {
    text(content, {ChannelKind::text, choice, 0}, found);
    if (!content.is(JsonType::array)) return;
    for (const JsonNode part : content) {
      text(part["text"], {ChannelKind::text, choice, 0}, found);
      for (const JsonNode thought : part["thinking"]) text(thought["text"], {ChannelKind::reasoning, choice, 0}, found);
    }
  }

  void read_call(JsonNode call, JsonNode function, Channel channel, Found found) {
    std::string id = call["id"].text();
    std::string name = function["name"].text();
    if (!id.empty() || !name.empty()) found.tools.push_back({channel, std::move(id), std::move(name)});
    if (function["arguments"].is(JsonType::object)) {  // not what the reference says, but some servers do
      found.deltas.push_back({channel, std::string(function["arguments"].raw()), function["arguments"].span()});
    } else {
      text(function["arguments"], channel, found);
    }
  }

  void text(JsonNode node, Channel channel, Found found) { add_delta(node, channel, halves_[channel], found.deltas); }

  // Text ends where a tool call begins, reasoning where anything else does; a finish ends all of its choice.
  void follow(Chunk& chunk) {
    for (const ToolStart& tool : chunk.tools) open_channel(tool.channel), close_prose(tool.channel, chunk);
    for (const Delta& delta : chunk.deltas) {
      open_channel(delta.channel);
      if (delta.channel.kind == ChannelKind::text) close_channel({ChannelKind::reasoning, delta.channel.choice, 0}, chunk);
    }
    if (chunk.finish) close_choice(chunk.choice, chunk);
  }
  void close_prose(const Channel& tool, Chunk& chunk) {
    close_channel({ChannelKind::text, tool.choice, 0}, chunk);
    close_channel({ChannelKind::reasoning, tool.choice, 0}, chunk);
  }

  std::map<Channel, HalfPair> halves_;
};

}  // namespace

std::unique_ptr<ReplyTranslator> translator(const Request& request, Passage passage) {
  (void)request;
  return std::make_unique<Translator>(passage);
}

}  // namespace demarc::dialect::openai_chat
