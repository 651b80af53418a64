#include "dialect/mistral_fim.hpp"

#include <array>

#include "dialect/json_request.hpp"

namespace demarc::dialect::mistral_fim {
namespace {

constexpr auto kRules = std::to_array<Rule>({
    {Place::top, "model", Take::model},
    {Place::top, "prompt", Take::inside, Place::prompt},
    {Place::top, "suffix", Take::inside},
    {Place::top, "stream", Take::stream},
    {Place::top, "stream_options", Take::inside, Place::stream_options},
    {Place::top, "max_tokens", Take::max_tokens},
    {Place::top, "metadata", Take::inside, Place::metadata},
    {Place::stream_options, "include_usage", Take::include_usage},
    {Place::metadata, "session_id", Take::conversation},
    {Place::metadata, "repository", Take::repository},
    {Place::metadata, "path", Take::path},
});
constexpr auto kRequired = std::to_array<std::string_view>({"prompt"});

}  // namespace

Result<std::unique_ptr<Request>, ApiError> parse(const Dialect& dialect, HttpRequest&& http, const ParseLimits& limits) {
  return parse_json_request(dialect, std::move(http), kRules, kRequired, limits);
}

Result<OutgoingBody, ApiError> forward(const Request& request, Edits edits, Provider provider, std::string_view model) {
  (void)provider;  // Mistral's own
  return forward_json(request, std::move(edits), model, "/fim/completions", StreamUsage::as_asked);
}

}  // namespace demarc::dialect::mistral_fim
