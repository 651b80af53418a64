#include "dialect/rerank.hpp"

#include <array>

#include "dialect/json_request.hpp"
#include "dialect/stream_reader.hpp"
#include "dialect/usage.hpp"
#include "dialect/whole_answer.hpp"

namespace demarc::dialect::rerank {
namespace {

constexpr auto kRules = std::to_array<Rule>({
    {Place::top, "model", Take::model},
    {Place::top, "query", Take::text},
    {Place::top, "documents", Take::inside},
    {Place::top, "metadata", Take::inside, Place::metadata},
    {Place::metadata, "session_id", Take::conversation},
});
constexpr auto kRequired = std::to_array<std::string_view>({"query", "documents"});

class Translator final : public StreamReader {
 public:
  using StreamReader::StreamReader;

 private:
  void read_event(JsonNode root, Chunk& chunk) override { (void)root, (void)chunk; }
  void read_answer(JsonNode root, Reply& reply) override {
    read_model_and_usage(root, reply);
    // Cohere counts in meta.tokens.
    if (root["meta"]["tokens"].is(JsonType::object)) reply.usage = read_openai_usage(root["meta"]["tokens"]);
    Channel channel;
    for (const JsonNode result : root["results"]) {
      HalfPair whole;
      add_delta(result["document"].is(JsonType::string) ? result["document"] : result["document"]["text"], channel, whole, reply.texts);
      ++channel.item;
    }
  }
};

}  // namespace

Result<std::unique_ptr<Request>, ApiError> parse(const Dialect& dialect, HttpRequest&& http, const ParseLimits& limits) {
  return parse_json_request(dialect, std::move(http), kRules, kRequired, limits);
}

Result<OutgoingBody, ApiError> forward(const Request& request, Edits edits, Provider provider, std::string_view model) {
  (void)provider;
  return forward_json(request, std::move(edits), model, "/rerank", StreamUsage::as_asked);
}

std::unique_ptr<ReplyTranslator> translator(const Request& request, Passage passage) {
  (void)request;
  return std::make_unique<Translator>(passage);
}

}  // namespace demarc::dialect::rerank
