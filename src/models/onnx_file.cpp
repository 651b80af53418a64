#include "models/onnx_file.hpp"

#include <algorithm>
#include <cstring>

namespace demarc::models {
namespace {

// A protobuf message in the making (https://protobuf.dev/programming-guides/encoding/).
class Message {
 public:
  Message& number(std::uint32_t field, std::uint64_t value) { return varint(field << 3U), varint(value); }
  Message& text(std::uint32_t field, std::string_view value) {
    varint((field << 3U) | 2U), varint(value.size());
    bytes_ += value;
    return *this;
  }
  Message& real(std::uint32_t field, float value) {
    char raw[sizeof value];
    std::memcpy(raw, &value, sizeof value);
    varint((field << 3U) | 5U);
    bytes_.append(raw, sizeof raw);
    return *this;
  }
  [[nodiscard]] const std::string& str() const { return bytes_; }

 private:
  Message& varint(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7U) bytes_ += static_cast<char>((value & 0x7FU) | 0x80U);
    bytes_ += static_cast<char>(value);
    return *this;
  }
  std::string bytes_;
};

constexpr std::uint32_t kAttributeFloat = 1, kAttributeInt = 2;
constexpr std::string_view kMicrosoft = "com.microsoft/";

}  // namespace

void OnnxFile::put_value(std::uint32_t field, std::string_view name, OnnxType type, Names shape) {
  Message dimensions;
  for (const std::string_view dimension : shape) {
    const bool is_length = std::ranges::all_of(dimension, [](char c) { return c >= '0' && c <= '9'; });
    Message one;
    is_length ? one.number(1, std::stoull(std::string(dimension))) : one.text(2, dimension);
    dimensions.text(1, one.str());
  }
  const Message tensor = Message().number(1, static_cast<std::uint64_t>(type)).text(2, dimensions.str());
  const Message value = Message().text(1, name).text(2, Message().text(1, tensor.str()).str());
  graph_ += Message().text(field, value.str()).str();
}

void OnnxFile::put_tensor(std::string_view name, OnnxType type, const Shape& shape, std::string_view bytes) {
  Message tensor;
  for (const std::uint64_t length : shape) tensor.number(1, length);
  tensor.number(2, static_cast<std::uint64_t>(type)).text(8, name).text(9, bytes);
  graph_ += Message().text(5, tensor.str()).str();
}

void OnnxFile::node(std::string_view type, const std::vector<std::string>& inputs, const std::vector<std::string>& outputs,
                    std::initializer_list<OnnxAttribute> attributes) {
  const bool is_microsoft = type.starts_with(kMicrosoft);
  if (is_microsoft) type.remove_prefix(kMicrosoft.size());
  Message node;
  for (const std::string& input : inputs) node.text(1, input);
  for (const std::string& output : outputs) node.text(2, output);
  node.text(3, outputs.front()).text(4, type);
  for (const auto& [name, value] : attributes) {
    Message attribute = Message().text(1, name);
    if (const auto* real = std::get_if<float>(&value))
      attribute.real(2, *real).number(20, kAttributeFloat);
    else
      attribute.number(3, static_cast<std::uint64_t>(std::get<std::int64_t>(value))).number(20, kAttributeInt);
    node.text(5, attribute.str());
  }
  if (is_microsoft) node.text(7, kMicrosoft.substr(0, kMicrosoft.size() - 1));
  graph_ += Message().text(1, node.str()).str();
}

std::string OnnxFile::finish(std::string_view name, std::string_view licence) const {
  Message head;
  head.number(1, 9).text(2, "demarc");
  head.text(8, Message().text(1, "").number(2, 18).str());
  head.text(8, Message().text(1, "com.microsoft").number(2, 1).str());
  head.text(14, Message().text(1, "licence").text(2, licence).str());
  const std::string named = Message().text(2, name).str();
  Message graph;
  graph.text(7, graph_ + named);
  return head.str() + graph.str();
}

}  // namespace demarc::models
