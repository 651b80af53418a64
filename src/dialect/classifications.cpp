#include "dialect/classifications.hpp"

#include <array>

#include "dialect/json_request.hpp"

namespace demarc::dialect::classifications {
namespace {

constexpr auto kRules = std::to_array<Rule>({
    {Place::top, "model", Take::model},
    {Place::top, "input", Take::inside},
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
  return forward_json(request, std::move(edits), model, "/classifications", StreamUsage::as_asked);
}

std::string with_classifier(std::string body, std::string_view classifier) {
  const std::size_t brace = body.find('{');  // there is one: it was read as an object
  body.insert(brace + 1, "\"classifier\":" + std::string(classifier) + ",");
  return body;
}

}  // namespace demarc::dialect::classifications
