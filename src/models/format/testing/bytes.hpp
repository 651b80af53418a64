// Files of models made by hand, for tests: right ones, and the pieces to make wrong ones of.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

namespace demarc::models::format::testing {

template <class Number>
std::string le(Number number) {
  std::string out(sizeof number, '\0');
  __builtin_memcpy(out.data(), &number, sizeof number);
  return out;
}
inline std::string u32(std::uint32_t n) { return le(n); }
inline std::string u64(std::uint64_t n) { return le(n); }

// GGUF
inline std::string text(std::string_view t) { return u64(t.size()) + std::string(t); }
inline std::string pair_u32(std::string_view key, std::uint32_t n) { return text(key) + u32(4) + u32(n); }
inline std::string pair_text(std::string_view key, std::string_view value) { return text(key) + u32(8) + text(value); }
inline std::string tensor(std::string_view name, std::initializer_list<std::uint64_t> dimensions, std::uint32_t type, std::uint64_t offset) {
  std::string out = text(name) + u32(static_cast<std::uint32_t>(dimensions.size()));
  for (const std::uint64_t length : dimensions) out += u64(length);
  return out + u32(type) + u64(offset);
}
struct GgufParts {
  std::uint32_t version = 3;
  std::uint64_t tensors = 0, pairs = 0;
  std::string pairs_bytes, tensors_bytes;
  std::uint64_t data_bytes = 0;
};
inline std::string gguf(const GgufParts& parts) {
  std::string out = "GGUF" + u32(parts.version) + u64(parts.tensors) + u64(parts.pairs) + parts.pairs_bytes + parts.tensors_bytes;
  if (parts.tensors > 0) out.resize((out.size() + 31) / 32 * 32);
  out.resize(out.size() + parts.data_bytes);
  return out;
}
// Two layers, 8 heads of which 2 have keys and values, 512 wide.
inline std::string small_gguf() {
  return gguf({.tensors = 3,
               .pairs = 9,
               .pairs_bytes = pair_text("general.architecture", "llama") + pair_text("general.name", "Small") +
                              pair_u32("llama.context_length", 4096) + pair_u32("llama.embedding_length", 512) + pair_u32("llama.block_count", 2) +
                              pair_u32("llama.attention.head_count", 8) + pair_u32("llama.attention.head_count_kv", 2) +
                              pair_text("tokenizer.chat_template", "{{ messages }}") + text("tokenizer.ggml.tokens") + u32(9) + u32(8) + u64(2) +
                              text("<fim_prefix>") + text("b"),
               .tensors_bytes = tensor("token_embd.weight", {512, 2}, 12, 0) + tensor("blk.0.attn_q.weight", {512, 4}, 12, 576) +
                                tensor("blk.1.attn_norm.weight", {512}, 0, 1728),
               .data_bytes = 1728 + 2048});
}

// safetensors
inline std::string safetensors(std::string_view header, std::uint64_t data_bytes) {
  return u64(header.size()) + std::string(header) + std::string(data_bytes, 'x');
}

// CTranslate2
inline std::string short_text(std::string_view t) { return le(static_cast<std::uint16_t>(t.size() + 1)) + std::string(t) + '\0'; }
inline std::string variable(std::string_view name, std::initializer_list<std::uint32_t> dimensions, std::uint8_t type, std::uint32_t said_bytes,
                            std::uint32_t data_bytes) {
  std::string out = short_text(name) + static_cast<char>(dimensions.size());
  for (const std::uint32_t length : dimensions) out += u32(length);
  return out + static_cast<char>(type) + u32(said_bytes) + std::string(data_bytes, 'x');
}
inline std::string ctranslate2(std::uint32_t variables, const std::string& variable_bytes, const std::string& aliases = u32(0),
                               std::uint32_t version = 6) {
  return u32(version) + short_text("WhisperSpec") + u32(3) + u32(variables) + variable_bytes + aliases;
}

// ONNX, in protobuf
inline std::string varint(std::uint64_t n) {
  std::string out;
  for (; n > 0x7F; n >>= 7U) out += static_cast<char>(n | 0x80U);
  return out + static_cast<char>(n);
}
inline std::string field(unsigned number, std::string_view bytes) { return varint(number << 3U | 2U) + varint(bytes.size()) + std::string(bytes); }
inline std::string field(unsigned number, std::uint64_t value) { return varint(number << 3U) + varint(value); }
inline std::string onnx_tensor(std::uint64_t rows, std::uint64_t type, std::uint64_t raw_bytes) {
  return field(1, rows) + field(2, type) + field(8, "w") + field(9, std::string(raw_bytes, 'x'));
}
inline std::string onnx(const std::string& graph, std::string_view domain = "") {
  return field(1, 8) + field(8, field(1, domain) + field(2, 17)) + field(7, graph);
}
inline std::string small_onnx() { return onnx(field(1, field(1, "x") + field(2, "y") + field(4, "Relu")) + field(5, onnx_tensor(4, 1, 16))); }

}  // namespace demarc::models::format::testing
