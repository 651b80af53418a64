#include "workers/onnx/onnx.hpp"

#include "base/check.hpp"

namespace demarc::workers::onnx {
namespace {

// Made once: it only says that tensors lie in ordinary memory.
const OrtMemoryInfo& ordinary_memory() {
  static const Owned<OrtMemoryInfo> memory = [] {
    OrtMemoryInfo* made = nullptr;
    CHECK(checked(api().CreateCpuMemoryInfo(OrtArenaAllocator, OrtMemTypeDefault, &made)).ok());
    return Owned<OrtMemoryInfo>(made);
  }();
  return *memory;
}

template <class Number>
Result<Owned<OrtValue>, std::string> view(std::span<const Number> numbers, std::span<const std::int64_t> shape, ONNXTensorElementDataType type) {
  OrtValue* value = nullptr;
  TRY(checked(api().CreateTensorWithDataAsOrtValue(&ordinary_memory(), const_cast<Number*>(numbers.data()), numbers.size_bytes(), shape.data(),
                                                   shape.size(), type, &value)));
  return Owned<OrtValue>(value);
}

Result<std::vector<std::int64_t>, std::string> shape_of(const OrtTypeInfo& type) {
  const OrtTensorTypeAndShapeInfo* tensor = nullptr;  // the type's own; none for a sequence or a map
  TRY(checked(api().CastTypeInfoToTensorInfo(&type, &tensor)));
  if (tensor == nullptr) return fail(std::string("what it takes or gives is no tensor"));
  std::size_t rank = 0;
  TRY(checked(api().GetDimensionsCount(tensor, &rank)));
  std::vector<std::int64_t> shape(rank);
  TRY(checked(api().GetDimensions(tensor, shape.data(), rank)));
  return shape;
}

}  // namespace

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

Result<Owned<OrtValue>, std::string> view_of(std::span<const float> numbers, std::span<const std::int64_t> shape) {
  return view(numbers, shape, ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT);
}
Result<Owned<OrtValue>, std::string> view_of(std::span<const std::int64_t> numbers, std::span<const std::int64_t> shape) {
  return view(numbers, shape, ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64);
}

Result<std::vector<float>, std::string> numbers_in(OrtValue& value) {
  OrtTensorTypeAndShapeInfo* info = nullptr;
  TRY(checked(api().GetTensorTypeAndShape(&value, &info)));
  std::size_t count = 0;
  ONNXTensorElementDataType type = ONNX_TENSOR_ELEMENT_DATA_TYPE_UNDEFINED;
  auto counted = checked(api().GetTensorShapeElementCount(info, &count));
  auto typed = checked(api().GetTensorElementType(info, &type));
  api().ReleaseTensorTypeAndShapeInfo(info);
  TRY(std::move(counted));
  TRY(std::move(typed));
  if (type != ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT) return fail(std::string("an output is not of float numbers"));
  void* numbers = nullptr;
  TRY(checked(api().GetTensorMutableData(&value, &numbers)));
  const auto* first = static_cast<const float*>(numbers);
  return std::vector<float>(first, first + count);
}

Result<std::vector<std::int64_t>, std::string> Session::input_shape() const {
  OrtTypeInfo* type = nullptr;
  TRY(checked(api().SessionGetInputTypeInfo(session_, 0, &type)));
  return shape_of(*Owned<OrtTypeInfo>(type));
}

Result<std::vector<std::int64_t>, std::string> Session::output_shape() const {
  OrtTypeInfo* type = nullptr;
  TRY(checked(api().SessionGetOutputTypeInfo(session_, 0, &type)));
  return shape_of(*Owned<OrtTypeInfo>(type));
}

Session::~Session() {
  if (session_ != nullptr) api().ReleaseSession(session_);
  if (env_ != nullptr) api().ReleaseEnv(env_);
}

Result<Owned<OrtSessionOptions>, std::string> Session::begin(std::size_t threads) {
  CHECK(session_ == nullptr && env_ == nullptr);
  TRY(checked(api().CreateEnv(ORT_LOGGING_LEVEL_ERROR, "demarc", &env_)));
  TRY(checked(api().DisableTelemetryEvents(env_)));
  OrtSessionOptions* raw = nullptr;
  TRY(checked(api().CreateSessionOptions(&raw)));
  Owned<OrtSessionOptions> options(raw);
  TRY(checked(api().SetIntraOpNumThreads(raw, static_cast<int>(threads))));
  TRY(checked(api().SetInterOpNumThreads(raw, 1)));
  // Threads that wait by spinning take the processor from everything beside them.
  TRY(checked(api().AddSessionConfigEntry(raw, "session.intra_op.allow_spinning", "0")));
  TRY(checked(api().SetSessionGraphOptimizationLevel(raw, ORT_ENABLE_ALL)));
  return options;
}

Result<void, std::string> Session::open(std::string_view network, std::size_t threads) {
  const Owned<OrtSessionOptions> options = TRY(begin(threads));
  return checked(api().CreateSessionFromArray(env_, network.data(), network.size(), options.get(), &session_));
}

Result<void, std::string> Session::open_file(const std::string& path, std::size_t threads) {
  const Owned<OrtSessionOptions> options = TRY(begin(threads));
  return checked(api().CreateSession(env_, path.c_str(), options.get(), &session_));
}

}  // namespace demarc::workers::onnx
