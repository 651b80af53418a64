// /v1/chat/completions requests as core's Chat, and back.
#include "core/json/writer.hpp"
#include "dialect/json/tree.hpp"
#include "dialect/looks.hpp"
#include "dialect/openai_chat.hpp"

namespace demarc::dialect::openai_chat {
namespace {

std::string at(std::string_view list, std::size_t index) { return std::string(list) + "[" + std::to_string(index) + "]"; }

// ---- wire to Chat

Result<Block, ApiError> read_part(JsonNode part, const std::string& path) {
  const std::string type = part["type"].text();
  if (type == "text" || type == "input_text") return Block{.kind = BlockKind::text, .text = part["text"].text()};
  if (type == "refusal") return Block{.kind = BlockKind::text, .text = part["refusal"].text()};
  if (type == "image_url") {
    const JsonNode image = part["image_url"];
    std::string url = image.is(JsonType::string) ? image.text() : image["url"].text();
    if (const auto uri = parse_data_uri(url))
      return Block{.kind = BlockKind::image, .media_type = std::string(uri->media_type), .data = std::string(uri->data)};
    return Block{.kind = BlockKind::image, .data = std::move(url), .remote = true};
  }
  if (type == "input_audio")
    return Block{.kind = BlockKind::audio, .media_type = "audio/" + part["input_audio"]["format"].text(), .data = part["input_audio"]["data"].text()};
  if (type == "file") {
    const JsonNode file = part["file"];
    const std::string data = file["file_data"].text();
    if (const auto uri = parse_data_uri(data))
      return Block{
          .kind = BlockKind::file, .name = file["filename"].text(), .media_type = std::string(uri->media_type), .data = std::string(uri->data)};
    return refuse("only files sent as data URIs can be put to an upstream of another dialect", path + ".file");
  }
  return refuse("a part of this type cannot be put to an upstream of another dialect", path + ".type");
}

Result<void, ApiError> read_content(JsonNode content, const std::string& path, std::vector<Block>& out) {
  if (content.is(JsonType::string)) {
    if (std::string text = content.text(); !text.empty()) out.push_back({.kind = BlockKind::text, .text = std::move(text)});
    return {};
  }
  std::size_t i = 0;
  for (const JsonNode part : content) out.push_back(TRY(read_part(part, at(path, i++))));
  return {};
}

// A tool's result is one text on this side; parts other than text have no place in it.
Result<Block, ApiError> read_tool_result(JsonNode message, const std::string& path) {
  std::vector<Block> blocks;
  TRY(read_content(message["content"], path + ".content", blocks));
  Block result{.kind = BlockKind::tool_result, .id = message["tool_call_id"].text()};
  for (Block& block : blocks) {
    if (block.kind != BlockKind::text) return refuse("a tool's result can only hold text", path + ".content");
    result.text += block.text;
  }
  return result;
}

Result<ChatMessage, ApiError> read_message(JsonNode message, const std::string& path) {
  const std::string role = message["role"].text();
  ChatMessage out;
  if (role == "tool") {
    out.role = Role::tool;
    out.blocks.push_back(TRY(read_tool_result(message, path)));
    return out;
  }
  if (role == "system" || role == "developer") {
    out.role = Role::system;
  } else if (role == "user") {
    out.role = Role::user;
  } else if (role == "assistant") {
    out.role = Role::assistant;
  } else {
    return refuse("expected system, developer, user, assistant or tool", path + ".role");
  }
  if (std::string reasoning = message["reasoning_content"].text(); !reasoning.empty())
    out.blocks.push_back({.kind = BlockKind::reasoning, .text = std::move(reasoning)});
  TRY(read_content(message["content"], path + ".content", out.blocks));
  if (message["audio"]) return refuse("audio kept by a provider cannot be put to another one", path + ".audio");
  if (message["function_call"]) return refuse("use tool_calls to be understood by an upstream of another dialect", path + ".function_call");
  std::size_t i = 0;
  for (const JsonNode call : message["tool_calls"]) {
    const std::string where = at(path + ".tool_calls", i++);
    if (!call["function"].is(JsonType::object)) return refuse("only function calls can be put to an upstream of another dialect", where);
    out.blocks.push_back({.kind = BlockKind::tool_call,
                          .text = call["function"]["arguments"].text(),
                          .id = call["id"].text(),
                          .name = call["function"]["name"].text()});
  }
  return out;
}

Result<void, ApiError> read_tools(JsonNode root, Chat& chat) {
  std::size_t i = 0;
  for (const JsonNode tool : root["tools"]) {
    const JsonNode function = tool["function"];
    if (!function.is(JsonType::object)) return refuse("only tools of type function can be put to an upstream of another dialect", at("tools", i));
    chat.tools.push_back({.name = function["name"].text(),
                          .description = function["description"].text(),
                          .schema = function["parameters"].is(JsonType::object) ? std::string(function["parameters"].raw()) : std::string(),
                          .strict = function["strict"].boolean()});
    ++i;
  }
  const JsonNode choice = root["tool_choice"];
  const std::string word = choice.text();
  if (word == "auto") chat.tool_choice = ToolChoice::automatic;
  if (word == "none") chat.tool_choice = ToolChoice::none;
  if (word == "required") chat.tool_choice = ToolChoice::required;
  if (choice.is(JsonType::object)) {
    if (choice["type"].text() != "function") return refuse("only auto, none, required or a named function are understood", "tool_choice");
    chat.tool_choice = ToolChoice::named;
    chat.tool_choice_name = choice["function"]["name"].text();
  }
  chat.parallel_tools = root["parallel_tool_calls"].boolean();
  return {};
}

// What would change the answer and has no counterpart elsewhere is refused; what only tunes or accounts (seed, user, store, penalties) is left out.
Result<void, ApiError> refuse_what_only_openai_has(JsonNode root) {
  if (root["n"].integer().value_or(1) != 1) return refuse("an upstream of another dialect gives one answer", "n");
  for (const std::string_view field : {"functions", "function_call", "audio", "web_search_options", "previous_response_id", "prompt"})
    if (root[field]) return refuse("cannot be put to an upstream of another dialect", std::string(field));
  if (root["logprobs"].boolean().value_or(false)) return refuse("cannot be put to an upstream of another dialect", "logprobs");
  for (const JsonNode modality : root["modalities"])
    if (modality.text() != "text") return refuse("only text can be answered by an upstream of another dialect", "modalities");
  return {};
}

Result<void, ApiError> read_response_format(JsonNode format, Chat& chat) {
  const std::string type = format["type"].text();
  if (type.empty() || type == "text") return {};
  if (type != "json_schema") return refuse("use json_schema to be understood by an upstream of another dialect", "response_format.type");
  chat.response_schema = format["json_schema"]["schema"].raw();
  chat.response_schema_name = format["json_schema"]["name"].text();
  if (chat.response_schema.empty()) return refuse("required", "response_format.json_schema.schema");
  return {};
}

Result<Chat, ApiError> read(std::string body) {
  JsonTree tree;
  if (const auto result = tree.read(body); !result) return refuse("invalid JSON: " + result.error().what);
  const JsonNode root = tree.root();
  Chat chat;
  TRY(refuse_what_only_openai_has(root));
  std::size_t i = 0;
  for (const JsonNode message : root["messages"]) chat.messages.push_back(TRY(read_message(message, at("messages", i++))));
  TRY(read_tools(root, chat));
  TRY(read_response_format(root["response_format"], chat));
  chat.max_output_tokens = root["max_completion_tokens"].integer();
  if (!chat.max_output_tokens) chat.max_output_tokens = root["max_tokens"].integer();
  if (root["temperature"].is(JsonType::number)) chat.temperature = root["temperature"].raw();
  if (root["top_p"].is(JsonType::number)) chat.top_p = root["top_p"].raw();
  if (root["stop"].is(JsonType::string)) chat.stop.push_back(root["stop"].text());
  for (const JsonNode stop : root["stop"]) chat.stop.push_back(stop.text());
  chat.stream = root["stream"].boolean().value_or(false);
  return chat;
}

// ---- Chat to wire

std::string data_uri(const Block& block) { return block.remote ? block.data : "data:" + block.media_type + ";base64," + block.data; }

void write_part(JsonWriter& json, const Block& block) {
  json.object([&] {
    switch (block.kind) {
      case BlockKind::text:
        json.field("type", "text");
        json.field("text", block.text);
        break;
      case BlockKind::image:
        json.field("type", "image_url");
        json.object("image_url", [&] { json.field("url", data_uri(block)); });
        break;
      case BlockKind::audio:
        json.field("type", "input_audio");
        json.object("input_audio", [&] {
          json.field("data", block.data);
          json.field("format", block.media_type.substr(block.media_type.find('/') + 1));
        });
        break;
      case BlockKind::file:
        json.field("type", "file");
        json.object("file", [&] {
          json.field("filename", block.name.empty() ? std::string("document") : block.name);
          json.field("file_data", data_uri(block));
        });
        break;
      case BlockKind::tool_call:
      case BlockKind::tool_result:
      case BlockKind::reasoning: break;  // have places of their own in a message, or none
    }
  });
}

bool is_part(const Block& block) {
  return block.kind == BlockKind::text || block.kind == BlockKind::image || block.kind == BlockKind::audio || block.kind == BlockKind::file;
}

std::string_view role_name(Role role) {
  switch (role) {
    case Role::system: return "system";
    case Role::assistant: return "assistant";
    case Role::tool: return "tool";
    case Role::user:
    case Role::none: return "user";
  }
  return "user";
}

// A single text is written as a string, the form that every server of this dialect knows.
void write_content(JsonWriter& json, const std::vector<const Block*>& parts) {
  if (parts.empty()) return json.field("content", json_null);
  if (parts.size() == 1 && parts[0]->kind == BlockKind::text) return json.field("content", parts[0]->text);
  json.array("content", [&] {
    for (const Block* part : parts) write_part(json, *part);
  });
}

void write_calls(JsonWriter& json, const std::vector<const Block*>& calls) {
  json.array("tool_calls", [&] {
    for (const Block* call : calls) {
      json.object([&] {
        json.field("id", call->id);
        json.field("type", "function");
        json.object("function", [&] { json.field("name", call->name), json.field("arguments", call->text); });
      });
    }
  });
}

// One message becomes its tool results, a message each, and then the rest. Reasoning is left out: this dialect has no place for it in a request.
void write_message(JsonWriter& json, const ChatMessage& message) {
  std::vector<const Block*> parts, calls;
  for (const Block& block : message.blocks) {
    if (is_part(block)) parts.push_back(&block);
    if (block.kind == BlockKind::tool_call) calls.push_back(&block);
    if (block.kind != BlockKind::tool_result) continue;
    json.object([&] {
      json.field("role", "tool");
      json.field("tool_call_id", block.id);
      json.field("content", block.text);
    });
  }
  if (parts.empty() && calls.empty()) return;
  json.object([&] {
    json.field("role", role_name(message.role == Role::tool ? Role::user : message.role));
    write_content(json, parts);
    if (!calls.empty()) write_calls(json, calls);
  });
}

void write_tools(JsonWriter& json, const Chat& chat) {
  if (chat.tools.empty()) return;
  json.array("tools", [&] {
    for (const ToolSpec& tool : chat.tools) {
      json.object([&] {
        json.field("type", "function");
        json.object("function", [&] {
          json.field("name", tool.name);
          if (!tool.description.empty()) json.field("description", tool.description);
          if (!tool.schema.empty()) json.raw_field("parameters", tool.schema);
          if (tool.strict) json.field("strict", *tool.strict);
        });
      });
    }
  });
  switch (chat.tool_choice) {
    case ToolChoice::unset: break;
    case ToolChoice::automatic: json.field("tool_choice", "auto"); break;
    case ToolChoice::none: json.field("tool_choice", "none"); break;
    case ToolChoice::required: json.field("tool_choice", "required"); break;
    case ToolChoice::named:
      json.object("tool_choice", [&] {
        json.field("type", "function");
        json.object("function", [&] { json.field("name", chat.tool_choice_name); });
      });
      break;
  }
  if (chat.parallel_tools) json.field("parallel_tool_calls", *chat.parallel_tools);
}

Result<std::string, ApiError> write(const Chat& chat, Provider provider, std::string_view model) {
  std::string out;
  JsonWriter json(out);
  json.object([&] {
    json.field("model", model);
    json.array("messages", [&] {
      for (const ChatMessage& message : chat.messages) write_message(json, message);
    });
    write_tools(json, chat);
    // OpenAI's reasoning models know only the new name; Mistral knows only the old one.
    if (chat.max_output_tokens) json.field(provider == Provider::mistral ? "max_tokens" : "max_completion_tokens", *chat.max_output_tokens);
    if (!chat.temperature.empty()) json.raw_field("temperature", chat.temperature);
    if (!chat.top_p.empty()) json.raw_field("top_p", chat.top_p);
    if (!chat.stop.empty()) {
      json.array("stop", [&] {
        for (const std::string& stop : chat.stop) json.value(stop);
      });
    }
    if (!chat.response_schema.empty()) {
      json.object("response_format", [&] {
        json.field("type", "json_schema");
        json.object("json_schema", [&] {
          json.field("name", chat.response_schema_name.empty() ? std::string("answer") : chat.response_schema_name);
          json.field("strict", true);
          json.raw_field("schema", chat.response_schema);
        });
      });
    }
    if (!chat.stream) return;
    json.field("stream", true);
    if (provider != Provider::mistral) json.object("stream_options", [&] { json.field("include_usage", true); });
  });
  return out;
}

}  // namespace

const ChatCodec kCodec{&read, &write, "/chat/completions"};

}  // namespace demarc::dialect::openai_chat
