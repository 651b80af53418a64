// Usage: what one attempt consumed, in disjoint buckets (a token is counted in one of them), so that a price applies to each once.
// nullopt is "nobody said", never 0. Providers' overlapping counts are taken apart by dialect/. Pure value.
#pragma once

#include <cstdint>
#include <optional>

namespace demarc {

struct Usage {
  std::optional<std::int64_t> input_tokens;           // uncached input
  std::optional<std::int64_t> cached_input_tokens;    // read from the provider's prompt cache
  std::optional<std::int64_t> cache_write_tokens;     // written to it, five-minute life
  std::optional<std::int64_t> cache_write_1h_tokens;  // written to it, one-hour life
  std::optional<std::int64_t> output_tokens;          // visible output, without reasoning
  std::optional<std::int64_t> reasoning_tokens;
  std::optional<std::int64_t> input_audio_tokens;
  std::optional<std::int64_t> audio_ms;  // length of audio transcribed
  std::optional<std::int64_t> pages;     // of a document, read
  bool estimated = false;                // counted by us, not told by who served it

  friend bool operator==(const Usage&, const Usage&) = default;

  [[nodiscard]] std::int64_t total_input() const {
    return input_tokens.value_or(0) + cached_input_tokens.value_or(0) + cache_write_tokens.value_or(0) + cache_write_1h_tokens.value_or(0) +
           input_audio_tokens.value_or(0);
  }
  [[nodiscard]] std::int64_t total_output() const { return output_tokens.value_or(0) + reasoning_tokens.value_or(0); }
  [[nodiscard]] bool known() const { return input_tokens || output_tokens || audio_ms || pages; }
};

}  // namespace demarc
