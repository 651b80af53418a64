#include "tensor/worker/network.hpp"

#include <onnxruntime_c_api.h>

#include <algorithm>
#include <array>

#include "base/check.hpp"

namespace demarc::tensor::worker {
namespace {

const OrtApi& api() {
  static const OrtApi* const table = OrtGetApiBase()->GetApi(ORT_API_VERSION);
  CHECK(table != nullptr);  // the library is older than the headers: our own build is wrong
  return *table;
}

Result<void, std::string> checked(OrtStatus* status) {
  if (status == nullptr) return {};
  std::string message = api().GetErrorMessage(status);
  api().ReleaseStatus(status);
  return fail(std::move(message));
}

struct ReleaseValue {
  void operator()(OrtValue* value) const { api().ReleaseValue(value); }
};
using Value = std::unique_ptr<OrtValue, ReleaseValue>;

struct ReleaseMemory {
  void operator()(OrtMemoryInfo* memory) const { api().ReleaseMemoryInfo(memory); }
};
using Memory = std::unique_ptr<OrtMemoryInfo, ReleaseMemory>;

struct ReleaseOptions {
  void operator()(OrtSessionOptions* options) const { api().ReleaseSessionOptions(options); }
};

// A view: `numbers` must outlive it.
Result<Value, std::string> tensor(const OrtMemoryInfo& memory, const std::vector<std::int64_t>& numbers, const std::array<std::int64_t, 2>& shape) {
  OrtValue* value = nullptr;
  TRY(checked(api().CreateTensorWithDataAsOrtValue(&memory, const_cast<std::int64_t*>(numbers.data()), numbers.size() * sizeof(std::int64_t),
                                                   shape.data(), shape.size(), ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64, &value)));
  return Value(value);
}

}  // namespace

Result<std::unique_ptr<Network>, std::string> Network::load(const std::string& path, const NetworkOptions& options) {
  std::unique_ptr<Network> network(new Network(options));
  if (auto opened = network->open(path); !opened) return fail(path + ": " + opened.error());
  if (auto checked_names = network->check_names(); !checked_names) return fail(path + ": " + checked_names.error());
  return network;
}

Network::~Network() {
  if (session_ != nullptr) api().ReleaseSession(session_);
  if (env_ != nullptr) api().ReleaseEnv(env_);
}

Result<void, std::string> Network::open(const std::string& path) {
  TRY(checked(api().CreateEnv(ORT_LOGGING_LEVEL_ERROR, "demarc", &env_)));
  TRY(checked(api().DisableTelemetryEvents(env_)));
  OrtSessionOptions* raw = nullptr;
  TRY(checked(api().CreateSessionOptions(&raw)));
  const std::unique_ptr<OrtSessionOptions, ReleaseOptions> options(raw);
  TRY(checked(api().SetIntraOpNumThreads(raw, static_cast<int>(options_.threads))));
  TRY(checked(api().SetInterOpNumThreads(raw, 1)));
  // Threads that wait by spinning take the processor from the gateway beside them.
  TRY(checked(api().AddSessionConfigEntry(raw, "session.intra_op.allow_spinning", "0")));
  TRY(checked(api().SetSessionGraphOptimizationLevel(raw, ORT_ENABLE_ALL)));
  return checked(api().CreateSession(env_, path.c_str(), raw, &session_));
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
  TRY(checked(api().SessionGetInputCount(session_, &inputs)));
  TRY(checked(api().SessionGetOutputCount(session_, &outputs)));
  std::size_t known = 0;
  for (std::size_t i = 0; i < inputs; ++i) {
    char* name = nullptr;
    TRY(checked(api().SessionGetInputName(session_, i, allocator, &name)));
    const std::string input = take(name);
    wants_types_ = wants_types_ || input == "token_type_ids";
    known += input == "input_ids" || input == "attention_mask" || input == "token_type_ids" ? 1U : 0U;
  }
  if (known != inputs || inputs < 2 || outputs != 1)
    return fail(std::string("its inputs and outputs are not those of a BERT model that labels tokens"));
  char* name = nullptr;
  TRY(checked(api().SessionGetOutputName(session_, 0, allocator, &name)));
  output_ = take(name);
  return {};
}

Result<std::vector<float>, std::string> Network::run(const Batch& batch) const {
  CHECK(batch.ids.size() == batch.rows * batch.length && batch.mask.size() == batch.ids.size());
  OrtMemoryInfo* raw = nullptr;
  TRY(checked(api().CreateCpuMemoryInfo(OrtArenaAllocator, OrtMemTypeDefault, &raw)));
  const Memory memory(raw);
  const std::array shape = {static_cast<std::int64_t>(batch.rows), static_cast<std::int64_t>(batch.length)};
  const std::vector<std::int64_t> types(wants_types_ ? batch.ids.size() : 0, 0);
  const Value ids = TRY(tensor(*memory, batch.ids, shape)), mask = TRY(tensor(*memory, batch.mask, shape));
  const Value kinds = wants_types_ ? TRY(tensor(*memory, types, shape)) : nullptr;
  const std::array<const char*, 3> names = {"input_ids", "attention_mask", "token_type_ids"};
  const std::array<const OrtValue*, 3> inputs = {ids.get(), mask.get(), kinds.get()};
  const char* output = output_.c_str();
  OrtValue* answer = nullptr;
  TRY(checked(api().Run(session_, nullptr, names.data(), inputs.data(), wants_types_ ? 3 : 2, &output, 1, &answer)));
  const Value held(answer);

  OrtTensorTypeAndShapeInfo* info = nullptr;
  TRY(checked(api().GetTensorTypeAndShape(answer, &info)));
  std::size_t count = 0;
  ONNXTensorElementDataType type = ONNX_TENSOR_ELEMENT_DATA_TYPE_UNDEFINED;
  auto counted = checked(api().GetTensorShapeElementCount(info, &count));
  auto typed = checked(api().GetTensorElementType(info, &type));
  api().ReleaseTensorTypeAndShapeInfo(info);
  TRY(std::move(counted));
  TRY(std::move(typed));
  if (type != ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT || count != batch.rows * batch.length * options_.labels)
    return fail(std::string("its output does not have one number a token and label"));
  void* numbers = nullptr;
  TRY(checked(api().GetTensorMutableData(answer, &numbers)));
  const auto* first = static_cast<const float*>(numbers);
  return std::vector<float>(first, first + count);
}

}  // namespace demarc::tensor::worker
