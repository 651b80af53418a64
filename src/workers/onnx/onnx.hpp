// ONNX Runtime's C interface with results and owners: for the workers that run a network.
//
//   TRY(checked(api().CreateEnv(ORT_LOGGING_LEVEL_ERROR, "demarc", &env)));
//   const Owned<OrtValue> input = TRY(view_of(std::span<const float>(numbers), std::array<std::int64_t, 2>{1, 576}));
//
// Any thread.
#pragma once

#include <onnxruntime_c_api.h>

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace demarc::workers::onnx {

const OrtApi& api();
Result<void, std::string> checked(OrtStatus* status);

struct Release {
  void operator()(OrtValue* value) const { api().ReleaseValue(value); }
  void operator()(OrtMemoryInfo* memory) const { api().ReleaseMemoryInfo(memory); }
  void operator()(OrtTypeInfo* type) const { api().ReleaseTypeInfo(type); }
  void operator()(OrtSessionOptions* options) const { api().ReleaseSessionOptions(options); }
};
template <class T>
using Owned = std::unique_ptr<T, Release>;

// Views: `numbers` must outlive them, and are only read.
Result<Owned<OrtValue>, std::string> view_of(std::span<const float> numbers, std::span<const std::int64_t> shape);
Result<Owned<OrtValue>, std::string> view_of(std::span<const std::int64_t> numbers, std::span<const std::int64_t> shape);

Result<std::vector<float>, std::string> numbers_in(OrtValue& value);  // a copy of all, in their order; fails if they are not floats

// A network that is ready to run; any thread may run it.
class Session {
 public:
  Session() = default;
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // One of the two, once. `network`: a whole file, which need not live on.
  Result<void, std::string> open(std::string_view network, std::size_t threads);
  Result<void, std::string> open_file(const std::string& path, std::size_t threads);
  [[nodiscard]] OrtSession* get() const { return session_; }

  // Of the first input and output: numbers along each axis; -1: any. Fails where it is no tensor.
  [[nodiscard]] Result<std::vector<std::int64_t>, std::string> input_shape() const;
  [[nodiscard]] Result<std::vector<std::int64_t>, std::string> output_shape() const;

 private:
  Result<Owned<OrtSessionOptions>, std::string> begin(std::size_t threads);
  OrtEnv* env_ = nullptr;
  OrtSession* session_ = nullptr;
};

}  // namespace demarc::workers::onnx
