#include "dialect/llama_infill.hpp"

#include <array>

#include "core/json/writer.hpp"
#include "dialect/fim.hpp"
#include "dialect/fim_piece.hpp"
#include "dialect/json_request.hpp"
#include "dialect/same_dialect.hpp"
#include "dialect/sse.hpp"
#include "dialect/stream_reader.hpp"

namespace demarc::dialect::llama_infill {
namespace {

constexpr auto kRules = std::to_array<Rule>({
    {Place::top, "model", Take::model},
    {Place::top, "input_prefix", Take::inside},
    {Place::top, "input_suffix", Take::inside},
    {Place::top, "prompt", Take::inside},
    {Place::top, "input_extra", Take::inside, Place::extra},
    {Place::top, "n_predict", Take::most_tokens},
    {Place::top, "stream", Take::stream},
    {Place::top, "metadata", Take::inside, Place::metadata},
    {Place::extra, "filename", Take::also_path},
    {Place::metadata, "session_id", Take::conversation},
    {Place::metadata, "repository", Take::repository},
    {Place::metadata, "path", Take::path},
});
constexpr auto kRequired = std::to_array<std::string_view>({"input_prefix", "input_suffix"});

class Translator final : public StreamReader {
 public:
  using StreamReader::StreamReader;

 private:
  // The event that says `stop` is the last: nothing marks the end but it.
  void read_event(JsonNode root, Chunk& chunk) override {
    read_head(root, chunk.model, chunk.model_span);
    add_delta(root["content"], {}, half_, chunk.deltas);
    for (const Delta& delta : chunk.deltas) open_channel(delta.channel);
    chunk.kind = chunk.deltas.empty() ? ChunkKind::lifecycle : ChunkKind::content;
    if (!root["stop"].boolean().value_or(false)) return;
    chunk.kind = ChunkKind::end;
    chunk.finish = finish_of(root);
    chunk.usage = fim::read_infill_usage(root);
  }

  void read_answer(JsonNode root, Reply& reply) override {
    read_head(root, reply.model, reply.model_span);
    add_delta(root["content"], {}, half_, reply.texts);
    reply.finish = finish_of(root);
    reply.usage = fim::read_infill_usage(root);
  }

  static void read_head(JsonNode root, std::string& model, Span& span) {
    model = root["model"].text();
    if (root["model"].is(JsonType::string)) span = root["model"].span();
  }
  static FinishReason finish_of(JsonNode root) { return root["stop_type"].text() == "limit" ? FinishReason::length : FinishReason::stop; }

  HalfPair half_;
};

class Printer final : public SameDialectPrinter {
 public:
  Printer(const Request& request, PrinterOptions options) : SameDialectPrinter(Family::openai, request.include_usage, std::move(options)) {}
  void print_text(Channel, std::string_view text, std::string& out) override {
    if (text.empty()) return;
    append_event(out, "",
                 fim::write_piece(fim::Form::infill, {.text = std::string(text), .finish = {}, .usage = {}, .model = options().served_model}, {},
                                  fim::Extent::event));
  }

 private:
  void observe(const Chunk&) override {}
};

}  // namespace

Result<std::unique_ptr<Request>, ApiError> parse(const Dialect& dialect, HttpRequest&& http, const ParseLimits& limits) {
  return parse_json_request(dialect, std::move(http), kRules, kRequired, limits);
}

Result<OutgoingBody, ApiError> forward(const Request& request, Edits edits, Provider provider, std::string_view model) {
  return fim::request(request, std::move(edits), fim::form_of(provider), model);
}

std::unique_ptr<ReplyTranslator> translator(const Request& request, Passage passage) {
  (void)request;
  return std::make_unique<Translator>(passage);
}

std::unique_ptr<ReplyPrinter> printer(const Request& request, Passage passage, PrinterOptions options) {
  (void)passage;
  return std::make_unique<Printer>(request, std::move(options));
}

}  // namespace demarc::dialect::llama_infill
