#include "dialect/openai_completions.hpp"

#include <array>
#include <map>

#include "core/json/writer.hpp"
#include "dialect/json_request.hpp"
#include "dialect/same_dialect.hpp"
#include "dialect/sse.hpp"
#include "dialect/stream_reader.hpp"
#include "dialect/usage.hpp"

namespace demarc::dialect::openai_completions {
namespace {

constexpr auto kRules = std::to_array<Rule>({
    {Place::top, "model", Take::model},
    {Place::top, "prompt", Take::inside, Place::prompt},
    {Place::top, "suffix", Take::suffix},
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

constexpr std::int64_t kMaxChoice = 127;

class Translator final : public StreamReader {
 public:
  using StreamReader::StreamReader;

 private:
  void read_event(JsonNode root, Chunk& chunk) override {
    read_head(root, chunk.model, chunk.model_span, chunk.usage);
    for (const JsonNode choice : root["choices"]) {
      read_choice(choice, chunk.deltas);
      if (!choice["finish_reason"].is(JsonType::string)) continue;
      chunk.finish = finish_of(choice);
      chunk.choice = index_of(choice);
    }
    for (const Delta& delta : chunk.deltas) open_channel(delta.channel);
    if (chunk.finish) close_choice(chunk.choice, chunk);
    chunk.kind = chunk.finish                                 ? ChunkKind::finish
                 : !chunk.deltas.empty()                      ? ChunkKind::content
                 : chunk.usage && root["choices"].size() == 0 ? ChunkKind::usage
                                                              : ChunkKind::lifecycle;
  }

  void read_answer(JsonNode root, Reply& reply) override {
    read_head(root, reply.model, reply.model_span, reply.usage);
    for (const JsonNode choice : root["choices"]) {
      read_choice(choice, reply.texts);
      if (choice["finish_reason"].is(JsonType::string) && !reply.finish) reply.finish = finish_of(choice);
    }
  }

  static void read_head(JsonNode root, std::string& model, Span& model_span, std::optional<Usage>& usage) {
    model = root["model"].text();
    if (root["model"].is(JsonType::string)) model_span = root["model"].span();
    if (root["usage"].is(JsonType::object)) usage = read_openai_usage(root["usage"]);
  }
  static std::uint32_t index_of(JsonNode choice) {
    const auto index = choice["index"].integer().value_or(0);
    return index >= 0 && index <= kMaxChoice ? static_cast<std::uint32_t>(index) : 0;
  }
  static FinishReason finish_of(JsonNode choice) {
    const std::string reason = choice["finish_reason"].text();
    return reason == "length" ? FinishReason::length : reason == "content_filter" ? FinishReason::content_filter : FinishReason::stop;
  }
  void read_choice(JsonNode choice, std::vector<Delta>& deltas) {
    const std::uint32_t index = index_of(choice);
    add_delta(choice["text"], {ChannelKind::text, index, 0}, halves_[index], deltas);
  }

  std::map<std::uint32_t, HalfPair> halves_;
};

class Printer final : public SameDialectPrinter {
 public:
  Printer(const Request& request, PrinterOptions options) : SameDialectPrinter(Family::openai, request.include_usage, std::move(options)) {}
  void print_text(Channel channel, std::string_view text, std::string& out) override {
    if (text.empty()) return;
    std::string data;
    JsonWriter json(data);
    json.object([&] {
      json.field("id", id_.empty() ? options().id : id_);
      json.field("object", "text_completion");
      json.field("created", options().created.unix_s());
      json.field("model", options().served_model.empty() ? model_ : options().served_model);
      json.array("choices", [&] {
        json.object([&] {
          json.field("text", text);
          json.field("index", channel.choice);
          json.field("logprobs", json_null);
          json.field("finish_reason", json_null);
        });
      });
    });
    append_event(out, "", data);
  }

 private:
  void observe(const Chunk& chunk) override {
    if (!id_.empty()) return;
    JsonTree tree;
    std::string data = chunk.data;
    if (!tree.read(data)) return;
    id_ = tree.root()["id"].text();
    model_ = chunk.model;
  }
  std::string id_, model_;
};

}  // namespace

Result<std::unique_ptr<Request>, ApiError> parse(const Dialect& dialect, HttpRequest&& http, const ParseLimits& limits) {
  return parse_json_request(dialect, std::move(http), kRules, kRequired, limits);
}

Result<OutgoingBody, ApiError> forward(const Request& request, Edits edits, Provider provider, std::string_view model) {
  const StreamUsage usage = provider == Provider::mistral ? StreamUsage::as_asked : StreamUsage::always;
  return forward_json(request, std::move(edits), model, "/completions", usage);
}

std::unique_ptr<ReplyTranslator> translator(const Request& request, Passage passage) {
  (void)request;
  return std::make_unique<Translator>(passage);
}

std::unique_ptr<ReplyPrinter> printer(const Request& request, Passage passage, PrinterOptions options) {
  (void)passage;  // no other dialect answers this one
  return std::make_unique<Printer>(request, std::move(options));
}

}  // namespace demarc::dialect::openai_completions
