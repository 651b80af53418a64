#include "dialect/fim_piece.hpp"

#include <algorithm>

#include "core/json/writer.hpp"
#include "dialect/usage.hpp"

namespace demarc::dialect::fim {
namespace {

std::string_view name_of(FinishReason finish) { return finish == FinishReason::length ? "length" : "stop"; }

std::optional<FinishReason> finish_of(JsonNode choice) {
  if (!choice["finish_reason"].is(JsonType::string)) return {};
  const std::string reason = choice["finish_reason"].text();
  return reason == "length" || reason == "model_length" ? FinishReason::length : FinishReason::stop;
}

FimPiece read_infill(JsonNode root, HalfPair& half) {
  FimPiece piece{.text = root["content"].text(half), .finish = {}, .usage = {}, .model = root["model"].text()};
  if (!root["stop"].boolean().value_or(false)) return piece;
  piece.finish = root["stop_type"].text() == "limit" ? FinishReason::length : FinishReason::stop;
  piece.usage = read_infill_usage(root);
  return piece;
}

// Of several choices the first: who asks for more gets it from upstreams of the same form.
FimPiece read_choices(Form form, JsonNode root, Extent extent, HalfPair& half) {
  FimPiece piece{.text = {}, .finish = {}, .usage = {}, .model = root["model"].text()};
  if (root["usage"].is(JsonType::object)) piece.usage = read_openai_usage(root["usage"]);
  for (const JsonNode choice : root["choices"]) {
    if (choice["index"].integer().value_or(0) != 0) continue;
    const JsonNode text = form == Form::completions ? choice["text"] : choice[extent == Extent::event ? "delta" : "message"]["content"];
    piece.text += text.text(half);
    if (const auto finish = finish_of(choice)) piece.finish = finish;
  }
  return piece;
}

std::string write_choices(Form form, const FimPiece& piece, const FimHead& head, Extent extent) {
  const bool is_event = extent == Extent::event;
  std::string out;
  JsonWriter json(out);
  json.object([&] {
    json.field("id", head.id);
    json.field("object", form == Form::completions ? "text_completion" : is_event ? "chat.completion.chunk" : "chat.completion");
    json.field("created", head.created.unix_s());
    json.field("model", piece.model);
    json.array("choices", [&] {
      json.object([&] {
        json.field("index", 0);
        if (form == Form::completions)
          json.field("text", piece.text), json.field("logprobs", json_null);
        else
          json.object(is_event ? "delta" : "message", [&] { json.field("role", "assistant"), json.field("content", piece.text); });
        piece.finish ? json.field("finish_reason", name_of(*piece.finish)) : json.field("finish_reason", json_null);
      });
    });
    if (!piece.usage) return;
    json.name("usage");
    write_openai_usage(json, *piece.usage);
  });
  return out;
}

std::string write_infill(const FimPiece& piece) {
  std::string out;
  JsonWriter json(out);
  json.object([&] {
    json.field("index", 0);
    json.field("content", piece.text);
    json.field("stop", piece.finish.has_value());
    json.field("model", piece.model);
    if (!piece.finish) return;
    json.field("stop_type", *piece.finish == FinishReason::length ? "limit" : "eos");
    json.field("truncated", false);
    if (!piece.usage) return;
    json.field("tokens_predicted", piece.usage->total_output());
    json.field("tokens_evaluated", piece.usage->total_input());
    json.object("timings", [&] { json.field("cache_n", piece.usage->cached_input_tokens.value_or(0)); });
  });
  return out;
}

}  // namespace

Usage read_infill_usage(JsonNode root) {
  const JsonNode cached = root["timings/cache_n"] ? root["timings/cache_n"] : root["timings"]["cache_n"];
  Usage usage{.input_tokens = root["tokens_evaluated"].integer(),
              .cached_input_tokens = cached.integer(),
              .output_tokens = root["tokens_predicted"].integer()};
  for (auto* count : {&usage.input_tokens, &usage.cached_input_tokens, &usage.output_tokens})
    if (count->value_or(0) < 0) count->reset();
  if (usage.input_tokens) usage.input_tokens = std::max<std::int64_t>(0, *usage.input_tokens - usage.cached_input_tokens.value_or(0));
  return usage;
}

FimPiece read_piece(Form form, JsonNode root, Extent extent, HalfPair& half) {
  switch (form) {
    case Form::infill: return read_infill(root, half);
    case Form::completions:
    case Form::mistral: break;
  }
  return read_choices(form, root, extent, half);
}

std::string write_piece(Form form, const FimPiece& piece, const FimHead& head, Extent extent) {
  switch (form) {
    case Form::infill: return write_infill(piece);
    case Form::completions:
    case Form::mistral: break;
  }
  return write_choices(form, piece, head, extent);
}

}  // namespace demarc::dialect::fim
