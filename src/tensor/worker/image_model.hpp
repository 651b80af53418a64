// ImageModel: an ONNX classifier of pictures as image.json beside it describes it, and the same network without its last layer for likeness.
//
//   {"labels": ["sfw", "nsfw"], "width": 224, "height": 224, "margin": 16, "fit": "stretch", "channels": "bgr", "scale": 1, "mean": [104, 117, 123],
//    "std": [1, 1, 1], "scores": "probabilities", "embedding": "pool/AvgPool:0"}
//
//   const auto model = TRY(ImageModel::load(folder, 1));
//   const Seen seen = TRY(model->look(TRY(read_picture(bytes, model->size()))));      // probabilities by label; a vector of length 1
//
// A number of the input is (pixel × scale − mean) ÷ std; `labels` may stand in labels.txt instead, a line each; `margin` is cut off each side after
// scaling; `scores` are probabilities or logits. The layout ([1,3,H,W] or [1,H,W,3]) is the graph's. Immutable once loaded; look() from any thread.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "tensor/worker/picture.hpp"
#include "workers/onnx/onnx.hpp"

namespace demarc::tensor::worker {

struct Seen {
  std::vector<float> probabilities;  // by label
  std::vector<float> vector;         // empty where image.json names no layer
};

class ImageModel {
 public:
  static Result<std::unique_ptr<ImageModel>, std::string> load(const std::string& folder, std::size_t threads);
  ImageModel(const ImageModel&) = delete;
  ImageModel& operator=(const ImageModel&) = delete;

  [[nodiscard]] Result<Seen, std::string> look(const Picture& picture) const;
  [[nodiscard]] PictureSize size() const { return {.width = width_ + 2 * margin_, .height = height_ + 2 * margin_, .fit = fit_}; }
  [[nodiscard]] const std::vector<std::string>& labels() const { return labels_; }
  [[nodiscard]] bool has_vectors() const { return !embedding_.empty(); }

 private:
  ImageModel() = default;
  Result<void, std::string> read_card(const std::string& folder);
  Result<void, std::string> open(const std::string& path, std::size_t threads);

  std::vector<std::string> labels_;
  std::size_t width_ = 224, height_ = 224, margin_ = 0;
  Fit fit_ = Fit::cover;
  bool is_bgr_ = false, are_logits_ = true, channels_first_ = true;
  float scale_ = 1.0F / 255.0F;
  std::array<float, 3> mean_ = {0, 0, 0}, std_ = {1, 1, 1};
  std::string input_, output_, embedding_;
  workers::onnx::Session session_;
};

}  // namespace demarc::tensor::worker
