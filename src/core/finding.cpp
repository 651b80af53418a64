#include "core/finding.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace demarc {

bool is_direct(std::string_view type) {
  constexpr std::array<std::string_view, 8> kIndirect = {"LOCATION", "ORGANIZATION", "DATE_TIME", "NRP", "AGE", "TITLE", "URL", "MEDICAL_TERM"};
  return std::find(kIndirect.begin(), kIndirect.end(), type) == kIndirect.end();
}

}  // namespace demarc
