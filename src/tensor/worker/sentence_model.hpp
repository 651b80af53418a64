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
#include "tensor/worker/tokens.hpp"

namespace demarc::tensor::worker {

enum class Pooling : std::uint8_t { mean, first };

class SentenceModel {
 public:
  static Result<std::unique_ptr<SentenceModel>, std::string> load(const std::string& folder, std::size_t threads);

  [[nodiscard]] std::vector<std::int64_t> encode(std::string_view text) const;
  // Token numbers that a caller gives, between [CLS] and [SEP] where they do not stand already; empty: one of them is in no vocabulary.
  [[nodiscard]] std::vector<std::int64_t> enclose(std::vector<std::int64_t> ids) const;
  [[nodiscard]] Result<std::vector<float>, std::string> run(const Batch& batch) const { return network_->run(batch); }
  [[nodiscard]] std::vector<float> pool(std::span<const float> tokens, std::size_t length) const;

  [[nodiscard]] std::size_t width() const { return network_->width(); }
  [[nodiscard]] std::size_t longest_input() const { return longest_input_; }  // tokens, with [CLS] and [SEP]
  [[nodiscard]] std::size_t words() const { return words_.size(); }
  [[nodiscard]] std::int64_t first_word() const { return words_.first_word(); }
  [[nodiscard]] std::int64_t padding_id() const { return words_.padding_id(); }

 private:
  SentenceModel(WordPiece words, std::unique_ptr<Network> network) : words_(std::move(words)), network_(std::move(network)) {}
  WordPiece words_;
  std::unique_ptr<Network> network_;
  std::size_t longest_input_ = 512;
  Pooling pooling_ = Pooling::mean;
};

// To length 1; a vector of nothing but zeros stays one.
void normalise(std::span<float> vector);

}  // namespace demarc::tensor::worker
