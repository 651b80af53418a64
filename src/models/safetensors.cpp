#include "models/safetensors.hpp"

#include <fcntl.h>
#include <simdjson.h>
#include <sys/stat.h>
#include <unistd.h>

#include <bit>
#include <cerrno>
#include <cstring>

namespace demarc::models {
namespace {

constexpr std::uint64_t kMaxHeaderBytes = 100'000'000;  // the format's own limit
constexpr std::size_t kMaxTensors = 10'000, kMaxDimensions = 2;
constexpr std::uint64_t kMaxElements = 1ULL << 32;

static_assert(std::endian::native == std::endian::little, "the formats read and written here are little-endian");

Failure<ModelError> bad(std::string_view what) { return fail(ModelError{ModelErrorKind::bad_weights, "model.safetensors: " + std::string(what)}); }

ModelResult<void> pread_all(int fd, void* into, std::uint64_t size_bytes, std::uint64_t offset_bytes) {
  auto* at = static_cast<char*>(into);
  while (size_bytes > 0) {
    const ssize_t got = pread(fd, at, size_bytes, static_cast<off_t>(offset_bytes));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail(disk_error("read", "model.safetensors", errno));
    if (got == 0) return bad("the file ends early");
    at += got, size_bytes -= static_cast<std::uint64_t>(got), offset_bytes += static_cast<std::uint64_t>(got);
  }
  return {};
}

ModelResult<std::vector<std::uint64_t>> numbers(simdjson::dom::element value, std::size_t at_most) {
  simdjson::dom::array array;
  if (value.get(array) != simdjson::SUCCESS || array.size() > at_most)
    return bad("a list of at most " + std::to_string(at_most) + " numbers is expected");
  std::vector<std::uint64_t> numbers;
  for (const simdjson::dom::element element : array) {
    std::uint64_t number = 0;
    if (element.get(number) != simdjson::SUCCESS) return bad("a number is negative or not whole");
    numbers.push_back(number);
  }
  return numbers;
}

ModelResult<TensorView> parse_tensor(simdjson::dom::element value, std::uint64_t data_offset_bytes, std::uint64_t data_bytes) {
  std::string_view type;
  simdjson::dom::element shape, offsets;
  if (value["dtype"].get(type) != simdjson::SUCCESS || value["shape"].get(shape) != simdjson::SUCCESS ||
      value["data_offsets"].get(offsets) != simdjson::SUCCESS)
    return bad("a tensor lacks dtype, shape or data_offsets");
  TensorView tensor;
  if (type != "F32" && type != "F16") return bad("dtype " + std::string(type.substr(0, 16)) + " is not F32 or F16");
  tensor.type = type == "F32" ? TensorType::f32 : TensorType::f16;
  tensor.shape = TRY(numbers(shape, kMaxDimensions));
  if (tensor.shape.empty()) return bad("a tensor without dimensions");
  tensor.elements = 1;
  for (const std::uint64_t dimension : tensor.shape) {
    if (dimension == 0 || dimension > kMaxElements / tensor.elements) return bad("a tensor is empty or too large");
    tensor.elements *= dimension;
  }
  const std::vector<std::uint64_t> place = TRY(numbers(offsets, 2));
  const std::uint64_t size_bytes = tensor.elements * (tensor.type == TensorType::f32 ? 4 : 2);  // at most 2^34
  if (place.size() != 2 || place[0] > place[1] || place[1] > data_bytes) return bad("a tensor lies outside the file");
  if (place[1] - place[0] != size_bytes) return bad("a tensor's place does not fit its shape");
  tensor.offset_bytes = data_offset_bytes + place[0];
  return tensor;
}

}  // namespace

ModelResult<std::map<std::string, TensorView>> parse_safetensors_header(std::string_view json, std::uint64_t data_offset_bytes,
                                                                        std::uint64_t data_bytes) {
  simdjson::dom::parser parser(kMaxHeaderBytes);
  simdjson::dom::object header;
  if (parser.parse(json.data(), json.size()).get(header) != simdjson::SUCCESS) return bad("its header is not a JSON object");
  std::map<std::string, TensorView> tensors;
  for (const auto& [key, value] : header) {
    if (key == "__metadata__") continue;
    // Tensors of other types may stand beside those we use (position_ids is I64), so a bad one counts only when it is asked for.
    if (auto tensor = parse_tensor(value, data_offset_bytes, data_bytes); tensor.ok())
      if (!tensors.emplace(std::string(key), *tensor).second) return bad("a tensor's name stands there twice");
    if (tensors.size() > kMaxTensors) return bad("too many tensors");
  }
  return tensors;
}

ModelResult<Safetensors> Safetensors::open(const std::filesystem::path& file) {
  Fd fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat found{};
  if (fd.get() < 0 || fstat(fd.get(), &found) != 0) return fail(disk_error("open", file.native(), errno));
  const auto file_bytes = static_cast<std::uint64_t>(found.st_size);
  std::uint64_t header_bytes = 0;
  if (file_bytes < sizeof header_bytes) return bad("the file ends early");
  TRY(pread_all(fd.get(), &header_bytes, sizeof header_bytes, 0));
  if (header_bytes > kMaxHeaderBytes || header_bytes > file_bytes - sizeof header_bytes) return bad("its header is longer than the file");
  std::string json(header_bytes, '\0');
  TRY(pread_all(fd.get(), json.data(), header_bytes, sizeof header_bytes));
  const std::uint64_t data_offset_bytes = sizeof header_bytes + header_bytes;
  auto tensors = TRY(parse_safetensors_header(json, data_offset_bytes, file_bytes - data_offset_bytes));
  return Safetensors(std::move(fd), std::move(tensors));
}

ModelResult<TensorView> Safetensors::at(const std::string& name) const {
  const auto found = tensors_.find(name);
  if (found == tensors_.end()) return bad("no usable tensor " + name);
  return found->second;
}

ModelResult<std::vector<float>> Safetensors::read(const TensorView& tensor) const {
  std::vector<float> values(tensor.elements);
  if (tensor.type == TensorType::f32) {
    TRY(pread_all(fd_.get(), values.data(), tensor.elements * sizeof(float), tensor.offset_bytes));
    return values;
  }
  std::vector<std::uint16_t> halves(tensor.elements);
  TRY(pread_all(fd_.get(), halves.data(), tensor.elements * sizeof(std::uint16_t), tensor.offset_bytes));
  for (std::size_t i = 0; i < halves.size(); ++i) values[i] = from_half(halves[i]);
  return values;
}

std::uint16_t to_half(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  const auto sign = static_cast<std::uint16_t>(bits >> 16 & 0x8000);
  const std::uint32_t magnitude = bits & 0x7fffffff;
  if (magnitude > 0x7f800000) return static_cast<std::uint16_t>(sign | 0x7e00);   // NaN
  if (magnitude >= 0x47800000) return static_cast<std::uint16_t>(sign | 0x7c00);  // 65536 and more: infinity
  if (magnitude < 0x33000000) return sign;                                        // below half of the least subnormal
  // A normal half keeps 10 of 23 fraction bits; a subnormal one fewer, with the leading 1 made visible.
  const bool subnormal = magnitude < 0x38800000;
  const std::uint32_t exponent = magnitude >> 23;
  const std::uint32_t shift = subnormal ? 126 - exponent : 13;
  const std::uint32_t fraction = subnormal ? (magnitude & 0x7fffff) | 0x800000 : magnitude - 0x38000000;
  std::uint32_t half = fraction >> shift;
  const std::uint32_t rest = fraction & ((1U << shift) - 1), tie = 1U << (shift - 1);
  if (rest > tie || (rest == tie && (half & 1) != 0)) ++half;  // a carry into the exponent is right, up to infinity
  return static_cast<std::uint16_t>(sign | half);
}

float from_half(std::uint16_t half) {
  const std::uint32_t sign = std::uint32_t{half & 0x8000U} << 16, exponent = half >> 10 & 0x1f, fraction = half & 0x3ff;
  if (exponent == 0) {
    const float magnitude = static_cast<float>(fraction) * 0x1p-24F;
    return sign != 0 ? -magnitude : magnitude;
  }
  const std::uint32_t wide = exponent == 0x1f ? 0xff : exponent + 112;
  return std::bit_cast<float>(sign | wide << 23 | fraction << 13);
}

}  // namespace demarc::models
