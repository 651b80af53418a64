#pragma once

namespace demarc::cli {
inline constexpr const char* kVersion = "0.1.0";
}
