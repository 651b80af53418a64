// The text of catalogue.yaml as it was when demarc was built. Any thread.
#pragma once

#include <string_view>

namespace demarc::models {
std::string_view built_in_catalogue_text();
}  // namespace demarc::models
