// Network: an ONNX graph that labels tokens, run by ONNX Runtime on the processor.
//
//   auto network = TRY(Network::load(card.weights, {.labels = card.labels.size(), .threads = 2}));
//   std::vector<float> logits = TRY(network->run(batch));     // [rows][length][labels]
//
// Inputs are those of BERT: input_ids, attention_mask and, where the graph asks for it, token_type_ids. run() may be called from any thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"

struct OrtEnv;
struct OrtSession;

namespace demarc::tensor::worker {

struct Batch {
  std::size_t rows = 0, length = 0;     // rows of one length, filled up with padding
  std::vector<std::int64_t> ids, mask;  // rows × length each
};

struct NetworkOptions {
  std::size_t labels = 0;
  std::size_t threads = 1;
};

class Network {
 public:
  static Result<std::unique_ptr<Network>, std::string> load(const std::string& path, const NetworkOptions& options);
  ~Network();
  Network(const Network&) = delete;
  Network& operator=(const Network&) = delete;

  [[nodiscard]] Result<std::vector<float>, std::string> run(const Batch& batch) const;

 private:
  explicit Network(const NetworkOptions& options) : options_(options) {}
  Result<void, std::string> open(const std::string& path);
  Result<void, std::string> check_names();

  NetworkOptions options_;
  OrtEnv* env_ = nullptr;
  OrtSession* session_ = nullptr;
  bool wants_types_ = false;  // token_type_ids
  std::string output_;
};

}  // namespace demarc::tensor::worker
