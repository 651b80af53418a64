// A CTranslate2 model.bin, checked (the format is what `Model::load` of CTranslate2's src/models/model.cc reads).
//
//   u32 version | string spec, u32 revision | u32 variables | variable* | u32 aliases | (string alias, string name)*
//   variable = string name, u8 rank, u32 dimension*, u8 type, u32 bytes, data;  string = u16 size with its NUL, bytes, NUL
//
// Versions 5 and 6, which its converters have written since 2021. CTranslate2 believes each length; so every one is held against its shape and the
// file. Pure; any thread.
#pragma once

#include <string_view>

#include "models/format/reader.hpp"

namespace demarc::models::format {

Checked<void> check_ctranslate2(std::string_view bytes);

}  // namespace demarc::models::format
