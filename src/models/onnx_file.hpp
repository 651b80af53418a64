// Writes an ONNX model: nodes and weights go in one after the other, the file comes out whole. The same calls give the same bytes everywhere.
//
//   OnnxFile file;
//   file.input("input_ids", OnnxType::i64, {"batch", "length"});
//   file.weights("word", {30522, 384}, values);                                     // float
//   file.node("Gather", {"word", "input_ids"}, {"words"}, {{"axis", 0}});
//   file.output("words", OnnxType::f32, {"batch", "length", "384"});
//   const std::string bytes = file.finish("a-name");
//
// Format: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto (protobuf); IR version 9, operators 18, and com.microsoft 1 where a node's type is
// written "com.microsoft/X". One thread.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace demarc::models {

enum class OnnxType : std::uint8_t { f32 = 1, u8 = 2, i8 = 3, i32 = 6, i64 = 7, f16 = 10 };  // TensorProto.DataType

struct OnnxAttribute {
  std::string_view name;
  std::variant<std::int64_t, float> value;
};

class OnnxFile {
 public:
  using Names = std::initializer_list<std::string_view>;
  using Shape = std::vector<std::uint64_t>;

  void input(std::string_view name, OnnxType type, Names shape) { put_value(11, name, type, shape); }
  void output(std::string_view name, OnnxType type, Names shape) { put_value(12, name, type, shape); }  // a number is a length, a word any
  void node(std::string_view type, const std::vector<std::string>& inputs, const std::vector<std::string>& outputs,
            std::initializer_list<OnnxAttribute> attributes = {});
  // By their bytes, little-endian as they lie in memory.
  template <class Number>
  void weights(std::string_view name, const Shape& shape, const std::vector<Number>& values, OnnxType type) {
    const auto bytes = std::as_bytes(std::span(values));
    put_tensor(name, type, shape, {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  }
  void weights(std::string_view name, const Shape& shape, const std::vector<float>& values) { weights(name, shape, values, OnnxType::f32); }

  [[nodiscard]] std::string finish(std::string_view name, std::string_view licence) const;

 private:
  void put_value(std::uint32_t field, std::string_view name, OnnxType type, Names shape);
  void put_tensor(std::string_view name, OnnxType type, const Shape& shape, std::string_view bytes);
  std::string graph_;  // fields of GraphProto
};

}  // namespace demarc::models
