// The head of a safetensors file (https://github.com/huggingface/safetensors#format), checked.
//
//   u64 header size | JSON {"NAME": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}, …, "__metadata__": {"K": "V"}} | data
//
// The tensors cover the data without overlap and without a hole, as the format demands. Pure; any thread.
#pragma once

#include <string_view>

#include "models/format/reader.hpp"

namespace demarc::models::format {

Checked<void> check_safetensors(std::string_view bytes);

}  // namespace demarc::models::format
