// SentenceModel: a model that gives a text its vector, as its folder describes it: network, words, longest input, how the tokens' vectors become one.
//
//   const auto model = TRY(SentenceModel::load(folder, threads));   // model.onnx, vocab.txt, config.json; 1_Pooling/config.json where there is one
//   const std::vector<std::int64_t> ids = model->encode("a text");  // with [CLS] and [SEP]
//   const auto vectors = TRY(model->run(batch));                    // of every token: [rows][length][width]
//   model->pool(vectors of one row, its length)                     // one vector of length 1
//
// Immutable once loaded; run() from any thread.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "tensor/worker/network.hpp"
#include "tensor/worker/sentence_words.hpp"

namespace demarc::tensor::worker {

enum class Pooling : std::uint8_t { mean, first };

class SentenceModel : public SentenceWords {
 public:
  static Result<std::unique_ptr<SentenceModel>, std::string> load(const std::string& folder, std::size_t threads);

  [[nodiscard]] Result<std::vector<float>, std::string> run(const Batch& batch) const { return network_->run(batch); }
  [[nodiscard]] std::vector<float> pool(std::span<const float> tokens, std::size_t length) const;

 private:
  SentenceModel(SentenceWords words, std::unique_ptr<Network> network) : SentenceWords(std::move(words)), network_(std::move(network)) {}
  std::unique_ptr<Network> network_;
  Pooling pooling_ = Pooling::mean;
};

}  // namespace demarc::tensor::worker
