#include "tensor/worker/image_service.hpp"

#include <algorithm>

#include "core/hmac.hpp"

namespace demarc::tensor::worker {
namespace {

void refuse(httplib::Response& response, const Refusal& why) { workers::refuse(response, why.status, why.message, why.code, why.param); }

text::Verdict verdict_of(std::vector<float> probabilities, double threshold) {
  text::Verdict verdict{.confidences = std::move(probabilities)};
  const auto best = static_cast<std::uint32_t>(std::ranges::max_element(verdict.confidences) - verdict.confidences.begin());
  verdict.confidence = verdict.confidences[best];
  if (verdict.confidence >= threshold) verdict.chosen.push_back(best);
  return verdict;
}

}  // namespace

ImageService::ImageService(workers::Settings settings) : WorkerService(std::move(settings), kMaxImageBodyBytes), turns_(this->settings().threads) {
  post("/v1/images/classifications",
       [this](const httplib::Request& request, httplib::Response& response, const std::shared_ptr<workers::Slot>&) { classify(request, response); });
}

// Each picture on one core, several side by side.
Result<void, std::string> ImageService::load() {
  model_ = TRY(ImageModel::load(settings().model_path, 1));
  return {};
}

ImageService::Looked ImageService::look(const std::string& picture, WorkClass work_class) {
  const workers::Turns::Turn turn = turns_.take({.work_class = work_class});
  return model_->look(TRY(read_picture(picture, model_->size())));
}

ImageService::Looked ImageService::look_again(const std::string& picture, WorkClass work_class) {
  const auto digest = hmac_sha256({}, picture);
  const std::string key(bytes_of(digest));
  {
    MutexLock lock(mutex_);
    if (const auto found = known_.find(key); found != known_.end()) return Seen{.probabilities = {}, .vector = found->second};
  }
  Seen seen = TRY(look(picture, work_class));
  MutexLock lock(mutex_);
  if (known_.size() >= kRemembered) known_.clear();
  known_.emplace(key, seen.vector);
  return seen;
}

void ImageService::classify(const httplib::Request& request, httplib::Response& response) {
  auto asked = read_images(request.body);
  if (!asked) return refuse(response, asked.error());
  const WorkClass work_class = workers::work_class_of(request);
  const auto patience = workers::patience_of(request);
  const double threshold = asked->labels.threshold.value_or(0);
  std::optional<Likeness> likeness;
  if (!asked->examples.empty()) {
    if (!model_->has_vectors())
      return refuse(response,
                    Refusal{"This model's image.json names no layer for likeness (\"embedding\"), so it has its own labels only.", "examples"});
    std::vector<std::vector<float>> vectors;
    for (const std::string& example : asked->examples) {
      if (!patience()) return workers::refuse(response, 504, "The request was cancelled or took longer than its deadline.", "cancelled");
      auto seen = look_again(example, work_class);
      if (!seen) {
        const std::string where = "examples[" + std::to_string(vectors.size()) + "]";
        return refuse(response, Refusal{where + ": " + seen.error() + ".", where, "invalid_image"});
      }
      vectors.push_back(std::move(seen->vector));
    }
    asked->labels.examples.resize(asked->examples.size());
    likeness.emplace(asked->labels, std::vector<std::vector<float>>{}, vectors);
  }
  std::vector<ImageResult> results;
  for (const std::string& picture : asked->pictures) {
    if (!patience()) return workers::refuse(response, 504, "The request was cancelled or took longer than its deadline.", "cancelled");
    auto seen = look(picture, work_class);
    if (!seen && asked->pictures.size() == 1) return refuse(response, Refusal{"input: " + seen.error() + ".", "input", "invalid_image"});
    if (!seen)
      results.push_back({.verdict = {}, .error = seen.error()});
    else
      results.push_back(
          {.verdict = likeness ? likeness->judge(seen->vector, threshold) : verdict_of(std::move(seen->probabilities), threshold), .error = {}});
  }
  const std::vector<std::string>& labels = likeness ? asked->labels.labels : model_->labels();
  response.set_content(print_images(labels, results, request.get_header_value("Demarc-Request-Id"), settings().model_name,
                                    likeness ? "examples" : "model", likeness && likeness->is_calibrated() ? "leave_one_out" : "none"),
                       workers::kJson);
}

}  // namespace demarc::tensor::worker
