#include "dialect/usage.hpp"

#include <algorithm>
#include <cmath>

namespace demarc::dialect {
namespace {

std::optional<std::int64_t> count(JsonNode node) {
  const auto value = node.integer();
  return value && *value >= 0 ? value : std::nullopt;
}

// `whole` without the parts that are counted in it.
std::optional<std::int64_t> without(std::optional<std::int64_t> whole, std::int64_t parts) {
  if (!whole) return {};
  return std::max<std::int64_t>(0, *whole - parts);
}

}  // namespace

Usage read_openai_usage(JsonNode usage) {
  Usage out;
  const JsonNode prompt = usage["prompt_tokens_details"] ? usage["prompt_tokens_details"] : usage["input_token_details"];
  const JsonNode completion = usage["completion_tokens_details"];
  out.cached_input_tokens = count(prompt["cached_tokens"]);
  out.input_audio_tokens = count(prompt["audio_tokens"]);
  out.reasoning_tokens = count(completion["reasoning_tokens"]);
  const auto input = usage["prompt_tokens"] ? count(usage["prompt_tokens"]) : count(usage["input_tokens"]);
  const auto output = usage["completion_tokens"] ? count(usage["completion_tokens"]) : count(usage["output_tokens"]);
  out.input_tokens = without(input, out.cached_input_tokens.value_or(0) + out.input_audio_tokens.value_or(0));
  out.output_tokens = without(output, out.reasoning_tokens.value_or(0));
  if (const auto seconds = usage["seconds"].number(); seconds && *seconds >= 0 && *seconds < 1e9) out.audio_ms = std::llround(*seconds * 1000.0);
  return out;
}

void read_anthropic_usage(JsonNode usage, Usage& so_far) {
  if (const auto tokens = count(usage["input_tokens"])) so_far.input_tokens = tokens;
  if (const auto tokens = count(usage["cache_read_input_tokens"])) so_far.cached_input_tokens = tokens;
  if (const auto tokens = count(usage["output_tokens"])) so_far.output_tokens = tokens;
  const auto one_hour = count(usage["cache_creation"]["ephemeral_1h_input_tokens"]);
  if (one_hour) so_far.cache_write_1h_tokens = one_hour;
  if (const auto written = count(usage["cache_creation_input_tokens"])) {
    so_far.cache_write_tokens = without(written, so_far.cache_write_1h_tokens.value_or(0));
  } else if (const auto five_minutes = count(usage["cache_creation"]["ephemeral_5m_input_tokens"])) {
    so_far.cache_write_tokens = five_minutes;
  }
}

void write_openai_usage(JsonWriter& json, const Usage& usage) {
  json.object([&] {
    json.field("prompt_tokens", usage.total_input());
    json.field("completion_tokens", usage.total_output());
    json.field("total_tokens", usage.total_input() + usage.total_output());
    if (usage.cached_input_tokens) json.object("prompt_tokens_details", [&] { json.field("cached_tokens", *usage.cached_input_tokens); });
    if (usage.reasoning_tokens) json.object("completion_tokens_details", [&] { json.field("reasoning_tokens", *usage.reasoning_tokens); });
  });
}

void write_anthropic_usage(JsonWriter& json, const Usage& usage) {
  const auto field = [&](std::string_view name, std::optional<std::int64_t> value) {
    value ? json.field(name, *value) : json.field(name, json_null);
  };
  const bool knows_input = usage.input_tokens || usage.input_audio_tokens;
  const bool knows_output = usage.output_tokens || usage.reasoning_tokens;
  json.object([&] {
    field("input_tokens", knows_input ? std::optional(usage.input_tokens.value_or(0) + usage.input_audio_tokens.value_or(0)) : std::nullopt);
    if (usage.cache_write_tokens || usage.cache_write_1h_tokens)
      field("cache_creation_input_tokens", usage.cache_write_tokens.value_or(0) + usage.cache_write_1h_tokens.value_or(0));
    if (usage.cached_input_tokens) field("cache_read_input_tokens", usage.cached_input_tokens);
    field("output_tokens", knows_output ? std::optional(usage.total_output()) : std::nullopt);
  });
}

}  // namespace demarc::dialect
