// The OpenAPI description that GET /openapi.json serves; docs/formats/openapi.json is its source.
#pragma once

#include <string_view>

namespace demarc::admin {
extern const std::string_view kOpenApi;
}
