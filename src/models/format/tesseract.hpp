// A Tesseract language file (*.traineddata), checked (the format is what `TessdataManager::LoadMemBuffer` of its ccutil/tessdatamanager.cpp reads).
//
//   u32 entries | i64 offset* | the entries' bytes        ; an offset of −1: there is no such entry
//
// Tesseract believes each offset; so every one is held against the file and those before it. Pure; any thread.
#pragma once

#include <string_view>

#include "models/format/reader.hpp"

namespace demarc::models::format {

Checked<void> check_tesseract(std::string_view bytes);

}  // namespace demarc::models::format
