#include "tensor/worker/network.hpp"

#include <algorithm>
#include <array>

#include "base/check.hpp"
#include "workers/onnx/onnx.hpp"

namespace demarc::tensor::worker {
namespace {

using namespace workers::onnx;

}  // namespace

Result<std::unique_ptr<Network>, std::string> Network::load(const std::string& path, const NetworkOptions& options) {
  std::unique_ptr<Network> network(new Network(options));
  if (auto opened = network->session_.open_file(path, options.threads); !opened) return fail(path + ": " + opened.error());
  if (auto checked_names = network->check_names(); !checked_names) return fail(path + ": " + checked_names.error());
  if (options.width == 0)
    if (auto learnt = network->learn_width(); !learnt) return fail(path + ": " + learnt.error());
  return network;
}

Result<void, std::string> Network::check_names() {
  OrtAllocator* allocator = nullptr;  // not ours to release
  TRY(checked(api().GetAllocatorWithDefaultOptions(&allocator)));
  const auto take = [&](char* name) {
    std::string text = name;
    allocator->Free(allocator, name);
    return text;
  };
  std::size_t inputs = 0, outputs = 0;
  TRY(checked(api().SessionGetInputCount(session_.get(), &inputs)));
  TRY(checked(api().SessionGetOutputCount(session_.get(), &outputs)));
  std::size_t known = 0;
  for (std::size_t i = 0; i < inputs; ++i) {
    char* name = nullptr;
    TRY(checked(api().SessionGetInputName(session_.get(), i, allocator, &name)));
    const std::string input = take(name);
    wants_types_ = wants_types_ || input == "token_type_ids";
    known += input == "input_ids" || input == "attention_mask" || input == "token_type_ids" ? 1U : 0U;
  }
  if (known != inputs || inputs < 2 || outputs != 1)
    return fail(std::string("its inputs and outputs are not those of a BERT model with one answer a token"));
  char* name = nullptr;
  TRY(checked(api().SessionGetOutputName(session_.get(), 0, allocator, &name)));
  output_ = take(name);
  return {};
}

Result<void, std::string> Network::learn_width() {
  constexpr std::size_t kMostNumbers = 65'536;
  const std::vector<std::int64_t> shape = TRY(session_.output_shape());
  if (shape.size() != 3 || shape[2] < 1 || shape[2] > static_cast<std::int64_t>(kMostNumbers))
    return fail(std::string("its output does not say how many numbers a token has"));
  options_.width = static_cast<std::size_t>(shape[2]);
  return {};
}

Result<std::vector<float>, std::string> Network::run(const Batch& batch) const {
  CHECK(batch.ids.size() == batch.rows * batch.length && batch.mask.size() == batch.ids.size());
  const std::array shape = {static_cast<std::int64_t>(batch.rows), static_cast<std::int64_t>(batch.length)};
  const std::vector<std::int64_t> types(wants_types_ ? batch.ids.size() : 0, 0);
  const Owned<OrtValue> ids = TRY(view_of(batch.ids, shape)), mask = TRY(view_of(batch.mask, shape));
  const Owned<OrtValue> kinds = wants_types_ ? TRY(view_of(types, shape)) : nullptr;
  const std::array<const char*, 3> names = {"input_ids", "attention_mask", "token_type_ids"};
  const std::array<const OrtValue*, 3> inputs = {ids.get(), mask.get(), kinds.get()};
  const char* output = output_.c_str();
  OrtValue* answer = nullptr;
  TRY(checked(api().Run(session_.get(), nullptr, names.data(), inputs.data(), wants_types_ ? 3 : 2, &output, 1, &answer)));
  const Owned<OrtValue> held(answer);
  std::vector<float> numbers = TRY(numbers_in(*answer));
  if (numbers.size() != batch.rows * batch.length * options_.width)
    return fail("its output does not have " + std::to_string(options_.width) + " numbers a token");
  return numbers;
}

}  // namespace demarc::tensor::worker
