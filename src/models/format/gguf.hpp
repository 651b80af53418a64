// The head of a GGUF file (https://github.com/ggml-org/ggml/blob/master/docs/gguf.md), checked, and what of it says how much memory and time the
// model needs.
//
//   magic "GGUF" | u32 version | u64 tensors | u64 pairs | pair* | tensor* | padding | data
//   pair = string key, u32 type, value;  tensor = string name, u32 rank, u64 dimension*, u32 type, u64 offset;  string = u64 size, bytes
//   const Gguf model = TRY(check_gguf(bytes));      // the whole file, mapped: only the head is read
//
// Refused: what llama.cpp would refuse, and what it would believe to its harm. Pure; any thread.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "models/format/reader.hpp"

namespace demarc::models::format {

// Facts of a language or embedding model. 0 or "": the file does not say.
struct Gguf {
  std::string architecture, name, quantisation;  // quantisation: the type that most bytes have, "Q4_K"
  std::uint64_t context_tokens = 0, embedding = 0, layers = 0, vocabulary = 0, experts = 0, experts_used = 0, sliding_window = 0;
  std::uint64_t parameters = 0;               // elements of all tensors
  std::uint64_t weights_bytes = 0;            // of all tensors
  std::uint64_t layer_bytes = 0;              // of the largest layer's tensors
  std::uint64_t kv_elements_per_token = 0;    // keys and values of one token over all layers; times 2 bytes in F16
  std::uint64_t chat_template_bytes = 0;      // a program: only the engine runs it, in its sandbox
  bool fill_in_the_middle = false;            // it names the tokens for it
  std::uint64_t tensors = 0, head_bytes = 0;  // head_bytes: where the data begin
  friend bool operator==(const Gguf&, const Gguf&) = default;
};

Checked<Gguf> check_gguf(std::string_view bytes);

}  // namespace demarc::models::format
