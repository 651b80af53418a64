#include "dialect/anthropic_messages.hpp"

#include <array>

#include "core/json/writer.hpp"
#include "dialect/json/tree.hpp"
#include "dialect/json_request.hpp"

namespace demarc::dialect::anthropic_messages {
namespace {

constexpr auto kRules = std::to_array<Rule>({
    {Place::top, "model", Take::model},
    {Place::top, "messages", Take::inside, Place::message},
    {Place::top, "system", Take::inside, Place::block, PartKind::text, Role::system},
    {Place::top, "stream", Take::stream},
    {Place::top, "max_tokens", Take::max_tokens},
    {Place::top, "tools", Take::inside, Place::tool, PartKind::tool},
    {Place::top, "tool_choice", Take::inside, Place::any, PartKind::tool},
    {Place::top, "output_config", Take::inside, Place::any, PartKind::tool},
    {Place::top, "thinking", Take::inside, Place::thinking},
    {Place::top, "metadata", Take::inside, Place::metadata},
    {Place::top, "conversation", Take::conversation},
    {Place::top, "container", Take::inside, Place::state},
    {Place::top, "mcp_servers", Take::inside, Place::state},
    {Place::thinking, "type", Take::thinking},
    {Place::metadata, "session_id", Take::conversation},
    {Place::metadata, "repository", Take::repository},
    {Place::metadata, "path", Take::path},
    {Place::message, "role", Take::role},
    {Place::message, "content", Take::inside, Place::block},
    {Place::block, "type", Take::type},
    {Place::block, "source", Take::inside, Place::source},
    {Place::block, "content", Take::inside, Place::block},
    {Place::block, "input", Take::inside, Place::any, PartKind::tool},
    {Place::block, "id", Take::identifier, Place::any, PartKind::tool},
    {Place::block, "tool_use_id", Take::identifier, Place::any, PartKind::tool},
    {Place::block, "name", Take::text, Place::any, PartKind::tool},
    {Place::block, "signature", Take::signature},
    {Place::block, "data", Take::encrypted},
    {Place::block, "encrypted_content", Take::encrypted},
    {Place::block, "file_id", Take::file_reference},
    {Place::source, "type", Take::type},
    {Place::source, "media_type", Take::media_type},
    {Place::source, "data", Take::media_data},
    {Place::source, "url", Take::media_url},
    {Place::source, "file_id", Take::file_reference},
    {Place::source, "content", Take::inside, Place::block},
    {Place::state, "id", Take::state_reference},
    {Place::tool, "type", Take::type},
    {Place::tool, "name", Take::tool_name},
});
constexpr auto kRequired = std::to_array<std::string_view>({"messages"});

// Reasoning that an upstream of another dialect gave carries no signature, and Anthropic refuses such a block. It becomes a text block.
std::string with_unsigned_reasoning_as_text(std::string body) {
  JsonTree tree;
  if (!tree.read(body)) return body;
  Edits edits;
  for (const JsonNode message : tree.root()["messages"]) {
    for (const JsonNode block : message["content"]) {
      if (block["type"].text() != "thinking" || !block["signature"].text().empty()) continue;
      const std::string text = block["thinking"].text();
      edits.push_back({block.span(), R"({"type":"text","text":)" + json_string(text.empty() ? "(no reasoning)" : text) + "}"});
    }
  }
  return demarc::apply(body, std::move(edits));
}

}  // namespace

Result<std::unique_ptr<Request>, ApiError> parse(const Dialect& dialect, HttpRequest&& http, const ParseLimits& limits) {
  const bool beta = http.query() == "beta=true";
  auto request = TRY(parse_json_request(dialect, std::move(http), kRules, kRequired, limits));
  if (beta) request->forward_query = "beta=true";
  request->include_usage = true;  // this dialect's streams always carry it
  return request;
}

Result<OutgoingBody, ApiError> forward(const Request& request, Edits edits, Provider provider, std::string_view model) {
  (void)provider;
  const std::string target = request.forward_query.empty() ? "/messages" : "/messages?" + request.forward_query;
  OutgoingBody out = forward_json(request, std::move(edits), model, target, StreamUsage::as_asked);
  if (request.has_unsigned_reasoning) out.body = with_unsigned_reasoning_as_text(std::move(out.body));
  return out;
}

}  // namespace demarc::dialect::anthropic_messages
