#include "tensor/worker/image_model.hpp"

#include <simdjson.h>

#include <algorithm>
#include <cmath>
#include <fstream>

#include "base/check.hpp"
#include "tensor/worker/labels.hpp"
#include "tensor/worker/sentence_model.hpp"
#include "text/calibrate.hpp"
#include "workers/onnx/onnx.hpp"

namespace demarc::tensor::worker {
namespace {

using namespace workers::onnx;

constexpr std::size_t kMaxSide = 2'048, kMostLabels = 100'000;
constexpr std::uintmax_t kMaxModelBytes = std::uintmax_t{4} << 30;

std::string text_of(const simdjson::dom::element& root, const char* key, std::string otherwise) {
  std::string_view text;
  return root[key].get(text) == simdjson::SUCCESS ? std::string(text) : otherwise;
}
double number_of(const simdjson::dom::element& root, const char* key, double otherwise) {
  double number = 0;
  return root[key].get(number) == simdjson::SUCCESS && std::isfinite(number) ? number : otherwise;
}
Result<std::array<float, 3>, std::string> three_of(const simdjson::dom::element& root, const char* key, float otherwise) {
  std::array<float, 3> out = {otherwise, otherwise, otherwise};
  simdjson::dom::array list;
  if (root[key].error() == simdjson::NO_SUCH_FIELD) return out;
  if (root[key].get(list) != simdjson::SUCCESS || list.size() != out.size()) return fail("\"" + std::string(key) + "\" is not three numbers");
  for (std::size_t i = 0; i < out.size(); ++i) {
    double number = 0;
    if (list.at(i).get(number) != simdjson::SUCCESS || !std::isfinite(number)) return fail("\"" + std::string(key) + "\" is not three numbers");
    out[i] = static_cast<float>(number);
  }
  return out;
}

// A protobuf message that follows another of its type is merged into it: a graph with nothing but one output more, so that the network also gives
// what its last layer reads (https://protobuf.dev/programming-guides/encoding/#last-one-wins).
std::string with_output(std::string model, std::string_view name) {
  const auto field = [](char tag, const std::string& bytes) {
    std::string out(1, tag);
    std::size_t size = bytes.size();
    for (; size >= 0x80; size >>= 7U) out += static_cast<char>((size & 0x7FU) | 0x80U);
    out += static_cast<char>(size);
    return out + bytes;
  };
  constexpr char kGraph = 7 << 3 | 2, kOutput = 12 << 3 | 2, kName = 1 << 3 | 2;
  return model + field(kGraph, field(kOutput, field(kName, std::string(name))));
}

}  // namespace

Result<std::unique_ptr<ImageModel>, std::string> ImageModel::load(const std::string& folder, std::size_t threads) {
  std::unique_ptr<ImageModel> model(new ImageModel);
  if (auto read = model->read_card(folder); !read) return fail(folder + "/image.json: " + read.error());
  const std::string path = TRY(weights_of(folder));
  if (auto opened = model->open(path, threads); !opened) return fail(path + ": " + opened.error());
  const Picture grey{.width = model->size().width,
                     .height = model->size().height,
                     .rgb = std::vector<std::uint8_t>(model->size().width * model->size().height * 3, 128)};
  if (const auto tried = model->look(grey); !tried) return fail(path + ": " + tried.error());  // better now than with the first caller's picture
  return model;
}

Result<void, std::string> ImageModel::read_card(const std::string& folder) {
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  if (parser.load(folder + "/image.json").get(root) != simdjson::SUCCESS) return fail(std::string("not a readable JSON file"));
  simdjson::dom::array list;
  if (root["labels"].get(list) == simdjson::SUCCESS)
    for (std::size_t i = 0; i < list.size() && i < kMostLabels; ++i) labels_.emplace_back(list.at(i).get_string().value_unsafe());
  if (std::ifstream file(folder + "/labels.txt"); labels_.empty() && file)
    for (std::string line; labels_.size() < kMostLabels && std::getline(file, line);) {
      if (line.ends_with('\r')) line.pop_back();
      labels_.push_back(std::move(line));
    }
  if (labels_.empty()) return fail(std::string("no \"labels\", and no labels.txt beside it"));
  const auto side = [&](const char* key, std::size_t& into) -> Result<void, std::string> {
    const double value = number_of(root, key, static_cast<double>(into));
    if (value < 0 || value > static_cast<double>(kMaxSide)) return fail("\"" + std::string(key) + "\" is not between 0 and 2048");
    into = static_cast<std::size_t>(value);
    return {};
  };
  TRY(side("width", width_));
  TRY(side("height", height_));
  TRY(side("margin", margin_));
  if (width_ == 0 || height_ == 0) return fail(std::string("\"width\" and \"height\" are above 0"));
  const std::string fit = text_of(root, "fit", "cover"), channels = text_of(root, "channels", "rgb"), scores = text_of(root, "scores", "logits");
  if (fit != "cover" && fit != "stretch") return fail(std::string("\"fit\" is cover or stretch"));
  if (channels != "rgb" && channels != "bgr") return fail(std::string("\"channels\" is rgb or bgr"));
  if (scores != "logits" && scores != "probabilities") return fail(std::string("\"scores\" is logits or probabilities"));
  fit_ = fit == "cover" ? Fit::cover : Fit::stretch, is_bgr_ = channels == "bgr", are_logits_ = scores == "logits";
  scale_ = static_cast<float>(number_of(root, "scale", 1.0 / 255.0));
  mean_ = TRY(three_of(root, "mean", 0)), std_ = TRY(three_of(root, "std", 1));
  if (std::ranges::any_of(std_, [](float value) { return value == 0; })) return fail(std::string("a number of \"std\" is 0"));
  embedding_ = text_of(root, "embedding", "");
  return {};
}

Result<void, std::string> ImageModel::open(const std::string& path, std::size_t threads) {
  std::ifstream file(path, std::ios::binary);
  std::string bytes((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  if (bytes.empty() || bytes.size() > kMaxModelBytes) return fail(std::string("cannot be read"));
  if (!embedding_.empty()) bytes = with_output(std::move(bytes), embedding_);
  TRY(session_.open(bytes, threads));
  OrtAllocator* allocator = nullptr;  // not ours to release
  TRY(checked(api().GetAllocatorWithDefaultOptions(&allocator)));
  std::size_t inputs = 0;
  TRY(checked(api().SessionGetInputCount(session_.get(), &inputs)));
  if (inputs != 1) return fail(std::string("it has more than one input: no classifier of pictures"));
  char* name = nullptr;
  TRY(checked(api().SessionGetInputName(session_.get(), 0, allocator, &name)));
  input_ = name;
  allocator->Free(allocator, name);
  TRY(checked(api().SessionGetOutputName(session_.get(), 0, allocator, &name)));
  output_ = name;
  allocator->Free(allocator, name);
  const std::vector<std::int64_t> shape = TRY(session_.input_shape());
  if (shape.size() != 4 || (shape[1] != 3 && shape[3] != 3)) return fail(std::string("its input is neither [N,3,H,W] nor [N,H,W,3]"));
  channels_first_ = shape[1] == 3;
  return {};
}

Result<Seen, std::string> ImageModel::look(const Picture& picture) const {
  CHECK(picture.width == size().width && picture.height == size().height);
  const std::size_t plane = width_ * height_;
  std::vector<float> input(plane * 3);
  for (std::size_t y = 0; y < height_; ++y)
    for (std::size_t x = 0; x < width_; ++x) {
      const std::uint8_t* const from = &picture.rgb[((y + margin_) * picture.width + x + margin_) * 3];
      for (std::size_t c = 0; c < 3; ++c) {
        const float value = (static_cast<float>(from[is_bgr_ ? 2 - c : c]) * scale_ - mean_[c]) / std_[c];
        input[channels_first_ ? c * plane + y * width_ + x : (y * width_ + x) * 3 + c] = value;
      }
    }
  const auto w = static_cast<std::int64_t>(width_), h = static_cast<std::int64_t>(height_);
  const std::array<std::int64_t, 4> shape = channels_first_ ? std::array<std::int64_t, 4>{1, 3, h, w} : std::array<std::int64_t, 4>{1, h, w, 3};
  const Owned<OrtValue> value = TRY(view_of(std::span<const float>(input), shape));
  const char* const input_name = input_.c_str();
  const std::array<const char*, 2> outputs = {output_.c_str(), embedding_.c_str()};
  std::array<OrtValue*, 2> answers = {nullptr, nullptr};
  const OrtValue* const given = value.get();
  TRY(checked(api().Run(session_.get(), nullptr, &input_name, &given, 1, outputs.data(), has_vectors() ? 2 : 1, answers.data())));
  const Owned<OrtValue> scores(answers[0]), vector(answers[1]);
  Seen seen{.probabilities = TRY(numbers_in(*scores)), .vector = {}};
  if (seen.probabilities.size() != labels_.size())
    return fail("it has " + std::to_string(seen.probabilities.size()) + " outputs, and image.json names " + std::to_string(labels_.size()) +
                " labels");
  if (are_logits_) text::to_confidences(seen.probabilities, 1);
  if (vector != nullptr) {
    seen.vector = TRY(numbers_in(*vector));
    normalise(seen.vector);
  }
  return seen;
}

}  // namespace demarc::tensor::worker
