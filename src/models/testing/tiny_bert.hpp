// A BERT sentence-embedding model of one layer, as its publisher would ship it, for tests of what is made from such a model.
#pragma once

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <string>

#include "models/testing/fixture.hpp"

namespace demarc::models {

inline constexpr int kWidth = 4, kFeedForward = 8, kPositions = 6, kTokenTypes = 2, kTokens = 7;

inline std::string safetensors(const std::string& header, const std::string& data) {
  const std::uint64_t size_bytes = header.size();
  return std::string(reinterpret_cast<const char*>(&size_bytes), sizeof size_bytes) + header + data;
}

// A BERT of one layer with made-up weights: wide fractions, so that they must be rounded, and every third in the subnormals of F16.
inline void write_tiny_bert(const std::filesystem::path& folder) {
  write_file(folder / "config.json",
             R"({"num_hidden_layers": 1, "max_position_embeddings": 6, "hidden_size": 4, "intermediate_size": 8, "num_attention_heads": 2,
                 "type_vocab_size": 2, "layer_norm_eps": 1e-12})");
  write_file(folder / "tokenizer.json",
             R"({"added_tokens": [{"id": 0, "content": "[PAD]", "special": true}, {"id": 1, "content": "[UNK]", "special": true},
    {"id": 2, "content": "[CLS]", "special": true}, {"id": 3, "content": "[SEP]", "special": true}, {"id": 4, "content": "[MASK]", "special": true}],
    "model": {"vocab": {"[PAD]": 0, "[UNK]": 1, "[CLS]": 2, "[SEP]": 3, "[MASK]": 4, "hello": 5, "##lo": 6}}})");
  std::string header = "{\"__metadata__\": {\"format\": \"pt\"}", data;
  std::int64_t count = 0;
  const auto add = [&](const std::string& name, int rows, int columns) {  // rows 0: a vector
    const int elements = std::max(rows, 1) * columns;
    header += ", \"" + name + R"(": {"dtype": "F32", "shape": [)" + (rows > 0 ? std::to_string(rows) + ", " : "") + std::to_string(columns) +
              R"(], "data_offsets": [)" + std::to_string(data.size()) + ", " + std::to_string(data.size() + elements * sizeof(float)) + "]}";
    for (int i = 0; i < elements; ++i, ++count) {
      const float value = static_cast<float>(count * 7919 % 20011 - 10005) / 4096.0F * (count % 3 == 0 ? 0x1p-16F : 1.0F);
      data.append(reinterpret_cast<const char*>(&value), sizeof value);
    }
  };
  add("embeddings.word_embeddings.weight", kTokens, kWidth);
  add("embeddings.position_embeddings.weight", kPositions, kWidth);
  add("embeddings.token_type_embeddings.weight", kTokenTypes, kWidth);
  add("embeddings.LayerNorm.weight", 0, kWidth), add("embeddings.LayerNorm.bias", 0, kWidth);
  const auto add_layer = [&](const std::string& name, int rows, int columns) {
    add("encoder.layer.0." + name + ".weight", rows, columns), add("encoder.layer.0." + name + ".bias", 0, rows > 0 ? rows : columns);
  };
  for (const char* name : {"attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense"})
    add_layer(name, kWidth, kWidth);
  add_layer("attention.output.LayerNorm", 0, kWidth), add_layer("intermediate.dense", kFeedForward, kWidth);
  add_layer("output.dense", kWidth, kFeedForward), add_layer("output.LayerNorm", 0, kWidth);
  write_file(folder / "model.safetensors", safetensors(header + "}", data));
}

}  // namespace demarc::models
