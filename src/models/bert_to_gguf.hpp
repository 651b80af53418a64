// Makes a GGUF file that llama.cpp can load from a BERT sentence-embedding model as its publisher ships it.
//
//   TRY(bert_to_gguf(folder, {.name = "all-MiniLM-L6-v2", .licence = "apache-2.0"}, out));   // folder: config.json, tokenizer.json,
//   model.safetensors
//
// Matrices become F16, vectors and the small embeddings stay F32. The same input gives the same bytes everywhere: the catalogue knows their SHA-256.
// Format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md, version 3. Any thread.
#pragma once

#include <filesystem>
#include <stop_token>
#include <string>

#include "models/error.hpp"

namespace demarc::models {

struct GgufName {
  std::string name;     // general.name
  std::string licence;  // general.license, SPDX in lower case
};

ModelResult<void> bert_to_gguf(const std::filesystem::path& folder, const GgufName& name, const std::filesystem::path& out,
                               const std::stop_token& stop);

}  // namespace demarc::models
