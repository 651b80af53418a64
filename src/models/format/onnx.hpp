// An ONNX model (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto), checked: a walk over its protobuf in which every length stays inside what
// holds it. Refused beside what is broken: weights in other files (a path that the runtime would follow), operators of domains that a runtime would
// have to load a library for, graphs nested too deep. Pure; any thread.
#pragma once

#include <string_view>

#include "models/format/reader.hpp"

namespace demarc::models::format {

Checked<void> check_onnx(std::string_view bytes);

}  // namespace demarc::models::format
