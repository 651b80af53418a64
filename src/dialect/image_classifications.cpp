#include "dialect/image_classifications.hpp"

#include <array>

#include "dialect/json_request.hpp"
#include "dialect/stream_reader.hpp"
#include "dialect/usage.hpp"
#include "dialect/whole_answer.hpp"

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

// Scores and the caller's own labels: its model and usage are read, the rest passes as it is.
class Translator final : public StreamReader {
 public:
  using StreamReader::StreamReader;

 private:
  void read_event(JsonNode root, Chunk& chunk) override { (void)root, (void)chunk; }
  void read_answer(JsonNode root, Reply& reply) override {
    reply.model = root["model"].text();
    if (root["model"].is(JsonType::string)) reply.model_span = root["model"].span();
    if (root["usage"].is(JsonType::object)) reply.usage = read_openai_usage(root["usage"]);
  }
  [[nodiscard]] std::size_t kept_depth() const override { return 2; }
};

}  // namespace

Result<std::unique_ptr<Request>, ApiError> parse(const Dialect& dialect, HttpRequest&& http, const ParseLimits& limits) {
  return parse_json_request(dialect, std::move(http), kRules, kRequired, limits);
}

Result<OutgoingBody, ApiError> forward(const Request& request, Edits edits, Provider provider, std::string_view model) {
  (void)provider;
  return forward_json(request, std::move(edits), model, "/images/classifications", StreamUsage::as_asked);
}

std::unique_ptr<ReplyTranslator> translator(const Request& request, Passage passage) {
  (void)request;
  return std::make_unique<Translator>(passage);
}

std::unique_ptr<ReplyPrinter> printer(const Request& request, Passage passage, PrinterOptions options) {
  (void)request, (void)passage;
  return std::make_unique<WholeAnswer>(std::move(options));
}

}  // namespace demarc::dialect::image_classifications
