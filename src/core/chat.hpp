// Chat: a conversation freed of any wire format. Used where one dialect is answered by another, and by SubCalls of our own.
//
// Blocks are kept apart, never flattened to one string; what only one dialect knows (cache_control, signatures) rides along as raw JSON in `extra`.
// Pure value.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/request.hpp"

namespace demarc {

enum class BlockKind : std::uint8_t { text, image, audio, file, tool_call, tool_result, reasoning };

struct Block {
  BlockKind kind = BlockKind::text;
  std::string text;        // text, reasoning; a tool call's arguments as a JSON document; a tool result's text
  std::string id, name;    // tool call and result
  std::string media_type;  // image, audio, file
  std::string data;        // base64, or a URL if `remote`
  bool remote = false;
  bool is_error = false;  // tool result
  std::string extra;      // raw JSON object of fields that only the source dialect knows; "" if none
};

struct ChatMessage {
  Role role = Role::user;
  std::vector<Block> blocks;
};

struct ToolSpec {
  std::string name, description;
  std::string schema;  // JSON Schema of the arguments, raw JSON
  std::optional<bool> strict;
};

enum class ToolChoice : std::uint8_t { unset, automatic, none, required, named };

struct Chat {
  std::vector<ChatMessage> messages;  // system messages first
  std::vector<ToolSpec> tools;
  ToolChoice tool_choice = ToolChoice::unset;
  std::string tool_choice_name;
  std::optional<bool> parallel_tools;
  std::optional<std::int64_t> max_output_tokens;
  std::string temperature, top_p;  // numbers as they were written; "" if unset
  std::vector<std::string> stop;
  std::string response_schema;  // raw JSON of the schema the answer must follow; "" if none
  std::string response_schema_name;
  bool stream = false;
};

}  // namespace demarc
