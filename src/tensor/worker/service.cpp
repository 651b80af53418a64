#include "tensor/worker/service.hpp"

#include <cstdio>

#include "tensor/worker/request.hpp"

namespace demarc::tensor::worker {

using workers::refuse;

Service::Service(workers::Settings settings) : WorkerService(std::move(settings), kMaxBodyBytes) {
  post("/v1/spans",
       [this](const httplib::Request& request, httplib::Response& response, const std::shared_ptr<workers::Slot>&) { spans(request, response); });
}

Result<void, std::string> Service::load() {
  classifier_ = TRY(Classifier::load(settings().model_path, settings().threads));
  return {};
}

void Service::spans(const httplib::Request& request, httplib::Response& response) const {
  SpansRequest asked;
  if (const auto read = read_request(request.body, asked); !read) return refuse(response, 400, read.error(), "invalid_request");
  const auto found = classifier_->classify(asked.texts, asked.kinds, workers::patience_of(request));
  if (found) return response.set_content(print_spans(**found), workers::kJson);
  switch (found.error().kind) {
    case ClassifyError::Kind::unknown_kind: return refuse(response, 400, found.error().message, "unknown_kind");
    case ClassifyError::Kind::stopped: return refuse(response, 504, "The request was cancelled or took longer than its deadline.", "cancelled");
    case ClassifyError::Kind::engine:
      std::fprintf(stderr, "a run of the model failed: %s\n", found.error().message.c_str());
      return refuse(response, 500, "The model failed.", "engine_failed");
  }
}

}  // namespace demarc::tensor::worker
