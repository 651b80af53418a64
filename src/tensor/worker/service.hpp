// Service: the tensor worker's face: POST /v1/spans (request.hpp) beside what every worker answers (workers/protocol/service.hpp).
#pragma once

#include <memory>

#include "tensor/worker/classify.hpp"
#include "workers/protocol/service.hpp"

namespace demarc::tensor::worker {

class Service final : public workers::WorkerService {
 public:
  explicit Service(workers::Settings settings);

 private:
  Result<void, std::string> load() override;
  void spans(const httplib::Request& request, httplib::Response& response) const;

  std::unique_ptr<Classifier> classifier_;
};

}  // namespace demarc::tensor::worker
