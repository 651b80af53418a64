// The body of POST /v1/classifications in Mistral's shape, with labels, examples or a trained classifier of our own in it, and the answer.
//
//   {"input": "a text" | ["a text", …],
//    "labels": ["billing", {"name": "refund", "description": "the customer wants money back"}],     without examples: by what the words mean
//    "examples": [{"text": "you charged me twice", "label": "billing"}, …],                         nearest centroid
//    "classifier": {…},                                                                             trained: text/classifier.hpp
//    "threshold": 0.7}
//   {"id", "model", "method", "calibration", "results": [{"label": {"scores": {"billing": 0.9, "refund": 0.1}, "label": "billing", "confidence":
//   0.9}}]}
//
// Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "tensor/worker/refusal.hpp"
#include "text/classifier.hpp"

namespace demarc::tensor::worker {

inline constexpr std::size_t kMaxExamples = 2'000, kMaxTextsToClassify = 2'048;

struct ClassificationRequest {
  std::vector<std::string> input;
  std::vector<std::string> labels;        // names
  std::vector<std::string> descriptions;  // what is compared with the text, by label; "" where only examples speak for it
  std::vector<std::string> examples;
  std::vector<std::uint32_t> label_of_example;
  std::optional<text::Classifier> classifier;
  std::optional<double> threshold;
};
// `model_digest`: of the model that makes the vectors; a classifier of another one's is refused.
Result<ClassificationRequest, Refusal> read_classification(std::string_view body, std::string_view model_digest);

// Likeness to each label, and how it becomes a confidence.
class Likeness {
 public:
  // `descriptions` and `examples`: their vectors; a description counts as one example.
  Likeness(const ClassificationRequest& request, const std::vector<std::vector<float>>& descriptions,
           const std::vector<std::vector<float>>& examples);
  [[nodiscard]] text::Verdict judge(std::span<const float> vector, double threshold) const;
  // By examples, each judged as if it were not one; else confidences only say which label is likelier.
  [[nodiscard]] bool is_calibrated() const { return calibrated_; }

 private:
  std::vector<std::vector<float>> centroids_;  // by label, of length 1
  double temperature_;
  bool calibrated_ = false;
};

std::string print_classification(const ClassificationRequest& request, const std::vector<text::Verdict>& verdicts, std::string_view id,
                                 std::string_view model, bool calibrated, std::size_t tokens);

}  // namespace demarc::tensor::worker
