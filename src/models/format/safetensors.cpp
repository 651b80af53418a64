#include "models/format/safetensors.hpp"

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <unordered_set>
#include <vector>

namespace demarc::models::format {
namespace {

namespace dom = simdjson::dom;

constexpr std::uint64_t kMaxHeaderBytes = 100'000'000;  // the format's own limit
constexpr std::size_t kMaxTensors = 100'000, kMaxRank = 8;
constexpr std::size_t kMaxDepth = 4;  // header, tensor, list

struct Kind {
  std::string_view name;
  std::uint64_t size_bytes;
};
constexpr std::array kKinds = {Kind{"BOOL", 1}, Kind{"U8", 1},  Kind{"I8", 1},  Kind{"F8_E4M3", 1}, Kind{"F8_E5M2", 1},
                               Kind{"I16", 2},  Kind{"U16", 2}, Kind{"F16", 2}, Kind{"BF16", 2},    Kind{"I32", 4},
                               Kind{"U32", 4},  Kind{"F32", 4}, Kind{"F64", 8}, Kind{"I64", 8},     Kind{"U64", 8}};

struct Extent {
  std::uint64_t begin = 0, end = 0;
  std::string_view name;
};

Checked<Extent> read_tensor(std::string_view name, dom::element tensor, std::uint64_t data_bytes) {
  const auto bad = [&](std::string_view what) { return fail("the tensor " + shown(name) + " " + std::string(what)); };
  std::string_view dtype;
  dom::array shape, offsets;
  if (tensor["dtype"].get(dtype) != simdjson::SUCCESS || tensor["shape"].get(shape) != simdjson::SUCCESS ||
      tensor["data_offsets"].get(offsets) != simdjson::SUCCESS)
    return bad("lacks dtype, shape or data_offsets");
  const auto kind = std::ranges::find(kKinds, dtype, &Kind::name);
  if (kind == kKinds.end()) return bad("has the unknown type " + shown(dtype));
  if (shape.size() > kMaxRank) return bad("has more than 8 dimensions");
  std::uint64_t size_bytes = kind->size_bytes;
  for (const dom::element dimension : shape) {
    std::uint64_t length = 0;
    if (dimension.get(length) != simdjson::SUCCESS) return bad("has a dimension that is no whole number");
    if (multiply_overflows(size_bytes, length, size_bytes)) return bad("has a size that does not fit in 64 bits");
  }
  Extent extent{.name = name};
  if (offsets.size() != 2 || offsets.at(0).get(extent.begin) != simdjson::SUCCESS || offsets.at(1).get(extent.end) != simdjson::SUCCESS)
    return bad("has data_offsets that are not two whole numbers");
  if (extent.begin > extent.end || extent.end > data_bytes) return bad("lies outside the file");
  if (extent.end - extent.begin != size_bytes) return bad("has other bytes than its shape asks for");
  return extent;
}

Checked<void> check_metadata(dom::element metadata) {
  dom::object object;
  if (metadata.get(object) != simdjson::SUCCESS) return fail(std::string("'__metadata__' is not a map"));
  for (const auto [key, value] : object)
    if (!value.is_string()) return fail("'__metadata__' has " + shown(key) + ", which is no text");
  return {};
}

}  // namespace

Checked<void> check_safetensors(std::string_view bytes) {
  Reader in(bytes);
  const auto header_bytes = TRY(in.number<std::uint64_t>("the header's size"));
  if (header_bytes > kMaxHeaderBytes) return fail("the header says it has " + std::to_string(header_bytes) + " bytes; the format allows 100,000,000");
  const std::string_view header = TRY(in.take(header_bytes, "the header"));
  if (header.empty() || header.front() != '{') return fail(std::string("the header does not begin with '{'"));
  const std::uint64_t data_bytes = in.left();

  dom::parser parser(kMaxHeaderBytes + 1);
  dom::object object;
  if (parser.allocate(header.size(), kMaxDepth) != simdjson::SUCCESS || parser.parse(header.data(), header.size()).get(object) != simdjson::SUCCESS)
    return fail(std::string("the header is not JSON of the expected shape"));
  std::vector<Extent> extents;
  std::unordered_set<std::string_view> names;
  for (const auto [name, value] : object) {
    if (!names.insert(name).second) return fail("the name " + shown(name) + " stands there twice");
    if (name == "__metadata__") {
      TRY(check_metadata(value));
      continue;
    }
    if (extents.size() == kMaxTensors) return fail(std::string("it has more than 100,000 tensors"));
    extents.push_back(TRY(read_tensor(name, value, data_bytes)));
  }
  std::ranges::sort(extents, {}, [](const Extent& extent) { return std::pair(extent.begin, extent.end); });
  std::uint64_t next = 0;
  for (const Extent& extent : extents) {
    if (extent.begin != next)
      return fail("the tensor " + shown(extent.name) + (extent.begin < next ? " overlaps another" : " leaves a hole before it"));
    next = extent.end;
  }
  if (next != data_bytes) return fail("behind the last tensor are " + std::to_string(data_bytes - next) + " bytes that belong to none");
  return {};
}

}  // namespace demarc::models::format
