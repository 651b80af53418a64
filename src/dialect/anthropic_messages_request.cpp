// /v1/messages requests as core's Chat, and back.
#include <cstdlib>

#include "core/json/writer.hpp"
#include "dialect/anthropic_messages.hpp"
#include "dialect/json/tree.hpp"

namespace demarc::dialect::anthropic_messages {
namespace {

constexpr std::int64_t kDefaultMaxTokens = 8192;  // max_tokens is required here and optional elsewhere

std::string at(std::string_view list, std::size_t index) { return std::string(list) + "[" + std::to_string(index) + "]"; }

// ---- wire to Chat

Result<Block, ApiError> read_media(JsonNode block, BlockKind kind, const std::string& path) {
  const JsonNode source = block["source"];
  const std::string type = source["type"].text();
  if (type == "base64")
    return Block{.kind = kind, .name = block["title"].text(), .media_type = source["media_type"].text(), .data = source["data"].text()};
  if (type == "url" && kind == BlockKind::image) return Block{.kind = kind, .data = source["url"].text(), .remote = true};
  if (type == "text") return Block{.kind = BlockKind::text, .text = source["data"].text()};
  return refuse("a source of this type cannot be put to an upstream of another dialect", path + ".source.type");
}

Result<void, ApiError> read_blocks(JsonNode content, const std::string& path, std::vector<Block>& out);

// The texts of a result are one text elsewhere; its images follow it in the same message.
Result<void, ApiError> read_tool_result(JsonNode block, const std::string& path, std::vector<Block>& out) {
  std::vector<Block> inner;
  TRY(read_blocks(block["content"], path + ".content", inner));
  Block result{.kind = BlockKind::tool_result, .id = block["tool_use_id"].text(), .is_error = block["is_error"].boolean().value_or(false)};
  std::vector<Block> media;
  for (Block& part : inner) {
    if (part.kind == BlockKind::text) {
      if (!result.text.empty()) result.text += '\n';
      result.text += part.text;
    } else {
      media.push_back(std::move(part));
    }
  }
  out.push_back(std::move(result));
  for (Block& part : media) out.push_back(std::move(part));
  return {};
}

Result<void, ApiError> read_block(JsonNode block, const std::string& path, std::vector<Block>& out) {
  const std::string type = block["type"].text();
  if (type == "text") {
    out.push_back({.kind = BlockKind::text, .text = block["text"].text()});
  } else if (type == "image") {
    out.push_back(TRY(read_media(block, BlockKind::image, path)));
  } else if (type == "document") {
    out.push_back(TRY(read_media(block, BlockKind::file, path)));
  } else if (type == "tool_use") {
    out.push_back({.kind = BlockKind::tool_call, .text = std::string(block["input"].raw()), .id = block["id"].text(), .name = block["name"].text()});
  } else if (type == "tool_result") {
    TRY(read_tool_result(block, path, out));
  } else if (type == "thinking") {
    out.push_back({.kind = BlockKind::reasoning, .text = block["thinking"].text()});
  } else if (type != "redacted_thinking") {  // which only the provider that wrote it can read
    return refuse("a block of this type cannot be put to an upstream of another dialect", path + ".type");
  }
  return {};
}

Result<void, ApiError> read_blocks(JsonNode content, const std::string& path, std::vector<Block>& out) {
  if (content.is(JsonType::string)) {
    if (std::string text = content.text(); !text.empty()) out.push_back({.kind = BlockKind::text, .text = std::move(text)});
    return {};
  }
  std::size_t i = 0;
  for (const JsonNode block : content) TRY(read_block(block, at(path, i++), out));
  return {};
}

Result<void, ApiError> read_tools(JsonNode root, Chat& chat) {
  std::size_t i = 0;
  for (const JsonNode tool : root["tools"]) {
    const std::string type = tool["type"].text();
    if (!type.empty() && type != "custom")
      return refuse("only tools that the client runs can be put to an upstream of another dialect", at("tools", i));
    chat.tools.push_back({.name = tool["name"].text(),
                          .description = tool["description"].text(),
                          .schema = std::string(tool["input_schema"].raw()),
                          .strict = tool["strict"].boolean()});
    ++i;
  }
  const JsonNode choice = root["tool_choice"];
  const std::string type = choice["type"].text();
  if (type == "auto") chat.tool_choice = ToolChoice::automatic;
  if (type == "any") chat.tool_choice = ToolChoice::required;
  if (type == "none") chat.tool_choice = ToolChoice::none;
  if (type == "tool") chat.tool_choice = ToolChoice::named, chat.tool_choice_name = choice["name"].text();
  if (const auto disabled = choice["disable_parallel_tool_use"].boolean()) chat.parallel_tools = !*disabled;
  return {};
}

Result<Chat, ApiError> read(std::string body) {
  JsonTree tree;
  if (const auto result = tree.read(body); !result) return refuse("invalid JSON: " + result.error().what);
  const JsonNode root = tree.root();
  for (const std::string_view field : {"mcp_servers", "container"})
    if (root[field]) return refuse("cannot be put to an upstream of another dialect", std::string(field));
  Chat chat;
  if (ChatMessage system{.role = Role::system}; root["system"]) {
    TRY(read_blocks(root["system"], "system", system.blocks));
    chat.messages.push_back(std::move(system));
  }
  std::size_t i = 0;
  for (const JsonNode message : root["messages"]) {
    const std::string path = at("messages", i++);
    const std::string role = message["role"].text();
    if (role != "user" && role != "assistant") return refuse("expected user or assistant", path + ".role");
    ChatMessage out{.role = role == "user" ? Role::user : Role::assistant};
    TRY(read_blocks(message["content"], path + ".content", out.blocks));
    chat.messages.push_back(std::move(out));
  }
  TRY(read_tools(root, chat));
  chat.max_output_tokens = root["max_tokens"].integer();
  if (root["temperature"].is(JsonType::number)) chat.temperature = root["temperature"].raw();
  if (root["top_p"].is(JsonType::number)) chat.top_p = root["top_p"].raw();
  for (const JsonNode stop : root["stop_sequences"]) chat.stop.push_back(stop.text());
  if (const JsonNode format = root["output_config"]["format"]; format["type"].text() == "json_schema") chat.response_schema = format["schema"].raw();
  chat.stream = root["stream"].boolean().value_or(false);
  return chat;
}

// ---- Chat to wire

class Writer {
 public:
  Writer(const Chat& chat, std::string_view model) : chat_(chat), model_(model), json_(out_) {}

  Result<std::string, ApiError> write() {
    json_.object([&] {
      json_.field("model", model_);
      json_.field("max_tokens", chat_.max_output_tokens.value_or(kDefaultMaxTokens));
      write_system();
      json_.array("messages", [&] { write_messages(); });
      write_tools();
      write_settings();
    });
    if (error_) return fail(*std::move(error_));
    return std::move(out_);
  }

 private:
  void refuse_part(std::string message, std::string param = {}) {
    if (!error_) error_ = refuse(std::move(message), std::move(param)).error;
  }

  // All system messages stand before the conversation here.
  void write_system() {
    std::vector<const Block*> blocks;
    for (const ChatMessage& message : chat_.messages)
      if (message.role == Role::system)
        for (const Block& block : message.blocks) blocks.push_back(&block);
    if (blocks.empty()) return;
    if (blocks.size() == 1 && blocks[0]->kind == BlockKind::text) return json_.field("system", blocks[0]->text);
    json_.array("system", [&] {
      for (const Block* block : blocks) {
        if (block->kind != BlockKind::text) refuse_part("a system message can only hold text for an upstream of provider anthropic");
        write_text(block->text);
      }
    });
  }

  static bool is_assistant(const ChatMessage& message) { return message.role == Role::assistant; }

  // Neighbours of one side become one message, so all results of a turn stand together, results first.
  void write_messages() {
    const auto& messages = chat_.messages;
    for (std::size_t i = 0; i < messages.size();) {
      if (messages[i].role == Role::system) {
        ++i;
        continue;
      }
      const bool assistant = is_assistant(messages[i]);
      std::vector<const Block*> blocks, rest;
      for (; i < messages.size() && (messages[i].role == Role::system || is_assistant(messages[i]) == assistant); ++i) {
        if (messages[i].role == Role::system) continue;
        for (const Block& block : messages[i].blocks) (block.kind == BlockKind::tool_result ? blocks : rest).push_back(&block);
      }
      blocks.insert(blocks.end(), rest.begin(), rest.end());
      std::erase_if(blocks, [](const Block* block) { return block->kind == BlockKind::reasoning; });  // unsigned here, and refused there
      if (blocks.empty()) continue;
      json_.object([&] {
        json_.field("role", assistant ? "assistant" : "user");
        if (blocks.size() == 1 && blocks[0]->kind == BlockKind::text) return json_.field("content", blocks[0]->text);
        json_.array("content", [&] {
          for (const Block* block : blocks) write_block(*block);
        });
      });
    }
  }

  void write_text(std::string_view text) {
    json_.object([&] { json_.field("type", "text"), json_.field("text", text); });
  }

  void write_block(const Block& block) {
    switch (block.kind) {
      case BlockKind::text: return write_text(block.text);
      case BlockKind::image: return write_media("image", block);
      case BlockKind::audio: return refuse_part("audio cannot be put to an upstream of provider anthropic");
      case BlockKind::file:
        if (block.media_type != "application/pdf") return refuse_part("only PDF files can be put to an upstream of provider anthropic");
        return write_media("document", block);
      case BlockKind::tool_call: return write_call(block);
      case BlockKind::tool_result:
        json_.object([&] {
          json_.field("type", "tool_result");
          json_.field("tool_use_id", block.id);
          json_.field("content", block.text);
          if (block.is_error) json_.field("is_error", true);
        });
        return;
      case BlockKind::reasoning: return;
    }
  }

  void write_media(std::string_view type, const Block& block) {
    json_.object([&] {
      json_.field("type", type);
      json_.object("source", [&] {
        json_.field("type", block.remote ? "url" : "base64");
        if (!block.remote) json_.field("media_type", block.media_type);
        json_.field(block.remote ? "url" : "data", block.data);
      });
    });
  }

  // The arguments pass as the bytes they are: no number, escape or order changes.
  void write_call(const Block& block) {
    std::string arguments = block.text.empty() ? "{}" : block.text;
    JsonTree tree;
    if (!tree.read(arguments) || !tree.root().is(JsonType::object)) return refuse_part("the arguments of an earlier tool call are no JSON object");
    json_.object([&] {
      json_.field("type", "tool_use");
      json_.field("id", block.id);
      json_.field("name", block.name);
      json_.raw_field("input", tree.root().raw());
    });
  }

  void write_tools() {
    if (chat_.tools.empty()) return;
    json_.array("tools", [&] {
      for (const ToolSpec& tool : chat_.tools) {
        json_.object([&] {
          json_.field("name", tool.name);
          if (!tool.description.empty()) json_.field("description", tool.description);
          json_.raw_field("input_schema", tool.schema.empty() ? R"({"type":"object","properties":{}})" : tool.schema);
          if (tool.strict) json_.field("strict", *tool.strict);
        });
      }
    });
    if (chat_.tool_choice == ToolChoice::unset && chat_.parallel_tools.value_or(true)) return;
    json_.object("tool_choice", [&] {
      switch (chat_.tool_choice) {
        case ToolChoice::unset:
        case ToolChoice::automatic: json_.field("type", "auto"); break;
        case ToolChoice::none: json_.field("type", "none"); return;
        case ToolChoice::required: json_.field("type", "any"); break;
        case ToolChoice::named: json_.field("type", "tool"), json_.field("name", chat_.tool_choice_name); break;
      }
      if (chat_.parallel_tools) json_.field("disable_parallel_tool_use", !*chat_.parallel_tools);
    });
  }

  void write_settings() {
    if (!chat_.temperature.empty()) {
      if (std::strtod(chat_.temperature.c_str(), nullptr) > 1.0) refuse_part("an upstream of provider anthropic takes at most 1", "temperature");
      json_.raw_field("temperature", chat_.temperature);
    }
    if (!chat_.top_p.empty()) json_.raw_field("top_p", chat_.top_p);
    if (!chat_.stop.empty()) {
      json_.array("stop_sequences", [&] {
        for (const std::string& stop : chat_.stop) json_.value(stop);
      });
    }
    if (!chat_.response_schema.empty()) {
      json_.object("output_config", [&] {
        json_.object("format", [&] {
          json_.field("type", "json_schema");
          json_.raw_field("schema", chat_.response_schema);
        });
      });
    }
    if (chat_.stream) json_.field("stream", true);
  }

  const Chat& chat_;
  std::string_view model_;
  std::string out_;
  JsonWriter json_;
  std::optional<ApiError> error_;
};

Result<std::string, ApiError> write(const Chat& chat, Provider provider, std::string_view model) {
  (void)provider;
  return Writer(chat, model).write();
}

}  // namespace

const ChatCodec kCodec{&read, &write, "/messages"};

}  // namespace demarc::dialect::anthropic_messages
