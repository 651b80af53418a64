// Makes an ONNX network that demarc-tensor runs from a BERT sentence-embedding model as its publisher ships it.
//
//   TRY(bert_to_onnx(folder, {.name = "all-MiniLM-L6-v2", .licence = "apache-2.0", .weights = OnnxWeights::int8}, out, vocabulary, stop));
//   // folder: config.json, tokenizer.json, model.safetensors; out: the network; vocabulary: its words, one a line, as tokens.hpp reads them
//
// In: input_ids, attention_mask [batch, length]. Out: token_embeddings [batch, length, width]; whoever runs it makes the text's vector of them.
//
// int8: matrices have one scale per output, and what goes into them is rounded to 8 bits row by row, each token by its own largest number. The usual
// dynamic quantisation takes one scale for all that is in a batch, and so gives a text other vectors in other company; this one does not. Words stay
// F16. The same input gives the same bytes everywhere: the catalogue knows their SHA-256. Any thread.
#pragma once

#include <filesystem>
#include <stop_token>
#include <string>

#include "models/error.hpp"

namespace demarc::models {

enum class OnnxWeights : std::uint8_t { f32, int8 };

struct OnnxPlan {
  std::string name;     // of the graph
  std::string licence;  // SPDX in lower case
  OnnxWeights weights = OnnxWeights::f32;
};

ModelResult<void> bert_to_onnx(const std::filesystem::path& folder, const OnnxPlan& plan, const std::filesystem::path& out,
                               const std::filesystem::path& vocabulary, const std::stop_token& stop);

}  // namespace demarc::models
