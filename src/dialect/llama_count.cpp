#include "dialect/llama_count.hpp"

#include "core/json/writer.hpp"
#include "dialect/json/tree.hpp"

namespace demarc::dialect::llama_count {
namespace {

constexpr std::string_view kChat = "/v1/chat/completions/input_tokens", kTokenize = "/tokenize";

// Pieces of other files count as far as there is room for them.
bool is_input(const Part& part) {
  if (part.path.starts_with("input_extra")) return false;
  return part.path.starts_with("prompt") || part.path.starts_with("suffix") || part.path.starts_with("input");
}

std::string text_of(const Request& request) {
  std::string text;
  for (const Part& part : request.parts) {
    if (!is_input(part)) continue;
    if (request.operation != Operation::embedding)
      text += part.text;
    else if (part.text.size() > text.size())
      text = part.text;
  }
  return text;
}

}  // namespace

Result<OutgoingBody, ApiError> request(const Request& request, std::string_view model) {
  if (request.operation == Operation::chat) {
    OutgoingBody out = TRY(to_upstream(request, {}, Provider::openai, model));
    out.target = kChat;
    return out;
  }
  OutgoingBody out{.target = std::string(kTokenize), .headers = {{"content-type", "application/json"}}, .body = {}};
  JsonWriter json(out.body);
  json.object([&] { json.field("content", text_of(request)), json.field("add_special", true); });
  return out;
}

std::optional<std::int64_t> read(std::string body) {
  JsonTree tree;
  if (!tree.read(body)) return {};
  const JsonNode root = tree.root();
  if (const auto tokens = root["input_tokens"].integer()) return tokens;
  if (!root["tokens"].is(JsonType::array)) return {};
  return static_cast<std::int64_t>(root["tokens"].size());
}

}  // namespace demarc::dialect::llama_count
