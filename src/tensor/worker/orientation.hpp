// orientation_of(): how a picture has to be turned to stand upright, as its camera noted: 1 to 8 (EXIF 2.32, tag 0x0112); 1 where nothing is said or
// what is said cannot be read. JPEG, PNG, WebP and TIFF.
//
// Bytes from outside: every place is checked before it is read. Pure; any thread.
#pragma once

#include <string_view>

namespace demarc::tensor::worker {

int orientation_of(std::string_view picture);

}  // namespace demarc::tensor::worker
