// The body of POST /v1/images/classifications, and its answer.
//
//   {"input": "data:image/jpeg;base64,…" | [{"url": "data:…"}, …], "examples": [{"image": "data:…", "label": "scratched"}, …], "threshold": 0.8}
//   {"id", "model", "method", "calibration", "results": [{"label": {"scores": {…}, "label": "scratched", "confidence": 0.93, "abstained": false}}]}
//
// Without examples the model's own labels; with some, the nearest centroid of the pictures' vectors. A picture that cannot be read has an "error" in
// the place of its result where there are several. Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tensor/worker/classification.hpp"

namespace demarc::tensor::worker {

inline constexpr std::size_t kMaxPictures = 64, kMaxImageBodyBytes = std::size_t{64} << 20;

struct ImagesRequest {
  std::vector<std::string> pictures;  // their bytes
  std::vector<std::string> examples;  // likewise
  ClassificationRequest labels;       // whose examples they are; its texts stay empty
};
Result<ImagesRequest, Refusal> read_images(std::string_view body);

struct ImageResult {
  text::Verdict verdict;
  std::string error;  // not empty: there is no verdict
};
std::string print_images(const std::vector<std::string>& labels, const std::vector<ImageResult>& results, std::string_view id, std::string_view model,
                         std::string_view method, std::string_view calibration);

}  // namespace demarc::tensor::worker
