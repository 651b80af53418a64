// The body of POST /v1/embeddings, read and limited as OpenAI documents it, and its answer.
//
//   {"input": "a text" | ["a text", …] | [1996, 4937] | [[1996, 4937], …], "encoding_format": "float" | "base64", "dimensions": 128, "truncate":
//   "none"}
//   {"object": "list", "data": [{"object": "embedding", "index": 0, "embedding": […]}], "model": …, "usage": {"prompt_tokens": 8, "total_tokens": 8}}
//
// A text that is too long for the model is an error; `truncate` (ours) has it cut off at its "end", or read in "chunks" whose vectors are averaged by
// their length. Pure; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "tensor/worker/refusal.hpp"
#include "tensor/worker/sentence_words.hpp"

namespace demarc::tensor::worker {

inline constexpr std::size_t kMaxInputs = 2'048, kMaxTokensOfAll = 300'000;  // https://platform.openai.com/docs/api-reference/embeddings, 2026-11

enum class TooLong : std::uint8_t { refuse, cut, chunks };
enum class Encoding : std::uint8_t { numbers, base64 };

struct VectorsRequest {
  std::vector<std::vector<std::int64_t>> pieces;  // token numbers with [CLS] and [SEP], none longer than the model takes
  std::vector<std::size_t> text_of_piece;
  std::size_t texts = 0;
  std::size_t tokens = 0;  // of all
  std::size_t dimensions = 0;
  Encoding encoding = Encoding::numbers;
};

Result<VectorsRequest, Refusal> read_vectors(std::string_view body, const SentenceWords& model);

// One text as what goes through the network: itself, or its chunks.
Result<std::vector<std::vector<std::int64_t>>, Refusal> pieces_of(std::vector<std::int64_t> ids, const SentenceWords& model, TooLong too_long,
                                                                  const std::string& where);

// Adds up what pieces gave, then cuts to the dimensions asked for and brings to length 1.
class VectorSums {
 public:
  VectorSums(const VectorsRequest& request, std::size_t width) : request_(request), sums_(request.texts, std::vector<float>(width)) {}
  void add(std::size_t piece, std::span<const float> vector);  // any order: the sums are made in finish()
  void finish();
  [[nodiscard]] const std::vector<std::vector<float>>& vectors() const { return sums_; }

 private:
  const VectorsRequest& request_;
  std::vector<std::vector<float>> sums_;
  std::vector<std::vector<float>> pieces_ = std::vector<std::vector<float>>(request_.pieces.size());
};

std::string print_vectors(const VectorsRequest& request, const std::vector<std::vector<float>>& vectors, std::string_view model);

}  // namespace demarc::tensor::worker
