#include "dialect/image_classifications.hpp"

#include <array>

#include "dialect/json_request.hpp"

namespace demarc::dialect::image_classifications {
namespace {

constexpr auto kRules = std::to_array<Rule>({
    {Place::top, "model", Take::model},
    {Place::top, "input", Take::inside, Place::image},
    {Place::top, "examples", Take::inside, Place::block},
    {Place::block, "image", Take::inside, Place::image},
    {Place::image, "image_url", Take::inside, Place::image},
    {Place::image, "url", Take::media_url},
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
  return forward_json(request, std::move(edits), model, "/images/classifications", StreamUsage::as_asked);
}

}  // namespace demarc::dialect::image_classifications
