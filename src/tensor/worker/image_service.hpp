// ImageService: the tensor worker's face with a classifier of pictures: POST /v1/images/classifications (images.hpp) beside what every worker
// answers.
#pragma once

#include <map>
#include <memory>

#include "tensor/worker/image_model.hpp"
#include "tensor/worker/images.hpp"
#include "workers/protocol/service.hpp"
#include "workers/protocol/turns.hpp"

namespace demarc::tensor::worker {

class ImageService final : public workers::WorkerService {
 public:
  explicit ImageService(workers::Settings settings);

 private:
  static constexpr std::size_t kRemembered = 5'000;  // vectors of examples, by a digest of the picture
  using Looked = Result<Seen, std::string>;

  Result<void, std::string> load() override;
  void classify(const httplib::Request& request, httplib::Response& response);
  Looked look(const std::string& picture, WorkClass work_class);
  Looked look_again(const std::string& picture, WorkClass work_class);

  std::unique_ptr<ImageModel> model_;
  workers::Turns turns_;  // a picture each
  Mutex mutex_;
  std::map<std::string, std::vector<float>, std::less<>> known_ GUARDED_BY(mutex_);
};

}  // namespace demarc::tensor::worker
