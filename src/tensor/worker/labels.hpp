// What a token-classification model's folder says of it: its labels, its longest input, how its words are spelt.
//
//   const ModelCard card = TRY(read_model_card(folder));     // config.json, tokenizer_config.json where there is one
//   card.labels[3]                                            // "B-SURNAME"
//   kind_of(card.labels[3])                                   // "SURNAME"; "" for "O"
//
// Start-up only.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "tensor/worker/tokens.hpp"

namespace demarc::tensor::worker {

struct ModelCard {
  std::vector<std::string> labels;  // by index of the model's output
  std::size_t longest_input = 512;  // tokens, [CLS] and [SEP] included
  Letters letters = Letters::lower;
  std::string weights;  // path of the one *.onnx file
};

Result<ModelCard, std::string> read_model_card(const std::string& folder);

// The one *.onnx file below `folder`.
Result<std::string, std::string> weights_of(const std::string& folder);
// As tokenizer_config.json says; lower where there is no such file.
Result<Letters, std::string> letters_of(const std::string& path);

// A label without its place in a span: B-, I-, E-, S-, L-, U-; "" for O.
std::string_view kind_of(std::string_view label);

}  // namespace demarc::tensor::worker
