// Reads the head of a safetensors file: a map of names to dtype, shape and place (https://github.com/huggingface/safetensors, "Format").
//
//   u64 LE header size | JSON {"NAME": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}, …, "__metadata__": {…}} | data
//   const Safetensors file = TRY(Safetensors::open(path));
//   const TensorView& weights = TRY(file.at("embeddings.word_embeddings.weight"));
//   const std::vector<float> values = TRY(file.read(weights));
//
// Bytes from outside: every length is checked against the file before it is used. One thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "models/disk.hpp"
#include "models/error.hpp"

namespace demarc::models {

enum class TensorType : std::uint8_t { f32, f16 };

struct TensorView {
  TensorType type = TensorType::f32;
  std::vector<std::uint64_t> shape;  // outermost first; one or two dimensions
  std::uint64_t elements = 0;        // their product
  std::uint64_t offset_bytes = 0;    // in the file
};

class Safetensors {
 public:
  static ModelResult<Safetensors> open(const std::filesystem::path& file);
  [[nodiscard]] ModelResult<TensorView> at(const std::string& name) const;
  [[nodiscard]] ModelResult<std::vector<float>> read(const TensorView& tensor) const;

 private:
  Safetensors(Fd fd, std::map<std::string, TensorView> tensors) : fd_(std::move(fd)), tensors_(std::move(tensors)) {}
  Fd fd_;
  std::map<std::string, TensorView> tensors_;
};

// The JSON of the header; `data_bytes` follow it in the file, from `data_offset_bytes` on.
ModelResult<std::map<std::string, TensorView>> parse_safetensors_header(std::string_view json, std::uint64_t data_offset_bytes,
                                                                        std::uint64_t data_bytes);

// IEEE 754 binary16, to nearest, ties to even; NaN stays NaN.
std::uint16_t to_half(float value);
float from_half(std::uint16_t half);

}  // namespace demarc::models
