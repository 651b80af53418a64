// Tokens: what the numbers that a Whisper model speaks in mean. Reads the tokenizer.json beside the weights (byte-level BPE, as GPT-2's).
//
//   Tokens tokens = TRY(Tokens::read(folder + "/tokenizer.json"));
//   std::string text = tokens.text({1002, 13});          // UTF-8, or the part of it that these tokens hold
//   std::optional<int> english = tokens.language("en");
//
// Immutable after read(); any thread.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.hpp"
#include "base/strings.hpp"

namespace demarc::speech::worker {

inline constexpr int kMsPerTimestamp = 20;

class Tokens {
 public:
  static Result<Tokens, std::string> read(const std::string& path);
  static Result<Tokens, std::string> parse(std::string_view json);

  // Text of all that is text; timestamps and marks are left out.
  [[nodiscard]] std::string text(std::span<const std::size_t> tokens) const;
  [[nodiscard]] std::optional<std::size_t> language(std::string_view code) const;

  // At most the last `limit` tokens of a text to be continued (OpenAI's `prompt`).
  [[nodiscard]] std::vector<std::size_t> encode(std::string_view text, std::size_t limit) const;

  [[nodiscard]] bool is_timestamp(std::size_t token) const { return token >= first_timestamp; }

  std::size_t end_of_text = 0, start_of_transcript = 0, transcribe = 0, start_of_previous = 0, first_timestamp = 0;

 private:
  [[nodiscard]] std::vector<std::size_t> merge(std::string_view word) const;

  std::vector<std::string> bytes_;  // by token
  std::unordered_map<std::string, std::size_t, TransparentHash, std::equal_to<>> ids_;
  std::unordered_map<std::string, std::size_t, TransparentHash, std::equal_to<>> ranks_;  // "left right", as bytes with a NUL between
  std::unordered_map<std::string, std::size_t, TransparentHash, std::equal_to<>> languages_;
};

}  // namespace demarc::speech::worker
