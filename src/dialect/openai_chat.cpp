#include "dialect/openai_chat.hpp"

#include <array>

#include "dialect/json_request.hpp"

namespace demarc::dialect::openai_chat {
namespace {

constexpr auto kRules = std::to_array<Rule>({
    {Place::top, "model", Take::model},
    {Place::top, "messages", Take::inside, Place::message},
    {Place::top, "stream", Take::stream},
    {Place::top, "stream_options", Take::inside, Place::stream_options},
    {Place::top, "max_tokens", Take::max_tokens},
    {Place::top, "max_completion_tokens", Take::max_tokens},
    {Place::top, "tools", Take::inside, Place::tool, PartKind::tool},
    {Place::top, "functions", Take::inside, Place::function, PartKind::tool},
    {Place::top, "tool_choice", Take::inside, Place::any, PartKind::tool},
    {Place::top, "function_call", Take::inside, Place::any, PartKind::tool},
    {Place::top, "response_format", Take::inside, Place::any, PartKind::tool},
    {Place::top, "metadata", Take::inside, Place::metadata},
    {Place::top, "conversation", Take::conversation},
    {Place::top, "previous_response_id", Take::state_reference},
    {Place::top, "prompt", Take::inside, Place::state},
    {Place::stream_options, "include_usage", Take::include_usage},
    {Place::metadata, "session_id", Take::conversation},
    {Place::metadata, "repository", Take::repository},
    {Place::metadata, "path", Take::path},
    {Place::message, "role", Take::role},
    {Place::message, "content", Take::inside, Place::block},
    {Place::message, "tool_calls", Take::inside, Place::call, PartKind::tool},
    {Place::message, "function_call", Take::inside, Place::call_function, PartKind::tool},
    {Place::message, "tool_call_id", Take::identifier, Place::any, PartKind::tool},
    {Place::message, "audio", Take::inside, Place::state},
    {Place::message, "encrypted_content", Take::encrypted},
    {Place::message, "reasoning_details", Take::inside, Place::block},
    {Place::block, "type", Take::type},
    {Place::block, "image_url", Take::inside, Place::image},
    {Place::block, "input_audio", Take::inside, Place::audio},
    {Place::block, "file", Take::inside, Place::file},
    {Place::block, "signature", Take::signature},
    {Place::block, "encrypted_content", Take::encrypted},
    {Place::block, "file_id", Take::file_reference},
    {Place::image, "url", Take::media_url},
    {Place::image, "file_id", Take::file_reference},
    {Place::audio, "data", Take::media_data},
    {Place::audio, "format", Take::media_type},
    {Place::file, "file_data", Take::media_data},
    {Place::file, "file_id", Take::file_reference},
    {Place::file, "file_url", Take::media_url},
    {Place::state, "id", Take::state_reference},
    {Place::call, "id", Take::identifier},
    {Place::call, "type", Take::type},
    {Place::call, "function", Take::inside, Place::call_function},
    {Place::call_function, "arguments", Take::arguments},
    {Place::tool, "type", Take::type},
    {Place::tool, "function", Take::inside, Place::function},
    {Place::tool, "name", Take::tool_name},
    {Place::function, "name", Take::tool_name},
});
constexpr auto kRequired = std::to_array<std::string_view>({"messages"});

}  // namespace

Result<std::unique_ptr<Request>, ApiError> parse(const Dialect& dialect, HttpRequest&& http, const ParseLimits& limits) {
  return parse_json_request(dialect, std::move(http), kRules, kRequired, limits);
}

Result<OutgoingBody, ApiError> forward(const Request& request, Edits edits, Provider provider, std::string_view model) {
  // Mistral refuses fields it does not know, and sends the usage unasked.
  const StreamUsage usage = provider == Provider::mistral ? StreamUsage::as_asked : StreamUsage::always;
  return forward_json(request, std::move(edits), model, "/chat/completions", usage);
}

}  // namespace demarc::dialect::openai_chat
