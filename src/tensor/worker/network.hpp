// Network: an ONNX graph that gives every token some numbers (labels, or a vector), run by ONNX Runtime on the processor.
//
//   auto network = TRY(Network::load(card.weights, {.width = card.labels.size(), .threads = 2}));
//   std::vector<float> logits = TRY(network->run(batch));     // [rows][length][width]
//
// Inputs are those of BERT: input_ids, attention_mask and, where the graph asks for it, token_type_ids. run() may be called from any thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "workers/onnx/onnx.hpp"

namespace demarc::tensor::worker {

struct Batch {
  std::size_t rows = 0, length = 0;     // rows of one length, filled up with padding
  std::vector<std::int64_t> ids, mask;  // rows × length each
};

struct NetworkOptions {
  std::size_t width = 0;  // numbers of a token; 0: as many as the graph says
  std::size_t threads = 1;
};

class Network {
 public:
  static Result<std::unique_ptr<Network>, std::string> load(const std::string& path, const NetworkOptions& options);
  Network(const Network&) = delete;
  Network& operator=(const Network&) = delete;

  [[nodiscard]] Result<std::vector<float>, std::string> run(const Batch& batch) const;
  [[nodiscard]] std::size_t width() const { return options_.width; }

 private:
  explicit Network(const NetworkOptions& options) : options_(options) {}
  Result<void, std::string> check_names();
  Result<void, std::string> learn_width();

  NetworkOptions options_;
  workers::onnx::Session session_;
  bool wants_types_ = false;  // token_type_ids
  std::string output_;
};

}  // namespace demarc::tensor::worker
