#include <array>

#include "dialect/json_request.hpp"
#include "dialect/openai_completions.hpp"

namespace demarc::dialect::openai_embeddings {
namespace {

constexpr auto kRules = std::to_array<Rule>({
    {Place::top, "model", Take::model},
    {Place::top, "input", Take::inside, Place::prompt},
    {Place::top, "truncate", Take::type},
    {Place::top, "metadata", Take::inside, Place::metadata},
    {Place::metadata, "session_id", Take::conversation},
});
constexpr auto kRequired = std::to_array<std::string_view>({"input"});

}  // namespace

Result<std::unique_ptr<Request>, ApiError> parse(const Dialect& dialect, HttpRequest&& http, const ParseLimits& limits) {
  return parse_json_request(dialect, std::move(http), kRules, kRequired, limits);
}

Result<OutgoingBody, ApiError> forward(const Request& request, Edits edits, Provider provider, std::string_view model) {
  (void)provider;
  return forward_json(request, std::move(edits), model, "/embeddings", StreamUsage::as_asked);
}

}  // namespace demarc::dialect::openai_embeddings
