// Providers' counts of tokens, which overlap, taken apart into Usage's disjoint buckets, and put together again for clients.
//
// OpenAI: prompt_tokens includes cached and audio tokens, completion_tokens includes reasoning. Anthropic: input_tokens excludes what was read from
// or written to the cache. A count that is not there stays unknown. Sources: both providers' API references, read 2026-11. Pure; any thread.
#pragma once

#include "core/json/writer.hpp"
#include "core/usage.hpp"
#include "dialect/json/tree.hpp"

namespace demarc::dialect {

Usage read_openai_usage(JsonNode usage);                   // chat, completions, embeddings, transcriptions
void read_anthropic_usage(JsonNode usage, Usage& so_far);  // a field that comes again replaces what an earlier event said

void write_openai_usage(JsonWriter& json, const Usage& usage);     // the object's value
void write_anthropic_usage(JsonWriter& json, const Usage& usage);  // unknown counts are null

}  // namespace demarc::dialect
