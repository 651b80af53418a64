// VectorService: the tensor worker's face with a model of texts' vectors: POST /v1/embeddings (vectors.hpp), /v1/rerank (rerank.hpp) and
// /v1/classifications (classification.hpp) beside what every worker answers. All callers' texts go through one Batcher.
#pragma once

#include <memory>

#include "tensor/worker/batcher.hpp"
#include "tensor/worker/sentence_model.hpp"
#include "tensor/worker/text_vectors.hpp"
#include "workers/protocol/service.hpp"

namespace demarc::tensor::worker {

class VectorService final : public workers::WorkerService {
 public:
  explicit VectorService(workers::Settings settings);

 private:
  Result<void, std::string> load() override;
  void embed(const httplib::Request& request, httplib::Response& response);
  void rerank(const httplib::Request& request, httplib::Response& response);
  void classify(const httplib::Request& request, httplib::Response& response);
  // Whether all went through; else the response says why not.
  bool work(Batcher::Job& job, const httplib::Request& request, httplib::Response& response);

  std::unique_ptr<SentenceModel> model_;
  std::unique_ptr<Batcher> batcher_;  // ends before the model
  std::unique_ptr<TextVectors> known_;
};

}  // namespace demarc::tensor::worker
