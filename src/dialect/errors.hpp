// Errors in the caller's own dialect, to the letter: official SDKs choose their exception by status, type and code.
//
//   const Family family = family_of(path, headers);
//   exchange.respond(error_status(family, error), error_headers(family, error, request_id), error_body(family, error, request_id));
//
// Sources: OpenAI API reference "Error codes", Anthropic API reference "Errors", read 2026-11. Pure; any thread.
#pragma once

#include <string>
#include <string_view>

#include "core/error.hpp"
#include "core/io/http.hpp"
#include "dialect/dialect.hpp"

namespace demarc::dialect {

// For requests whose path no dialect knows, too: /v1/messages… or an anthropic-version header make it Anthropic's.
Family family_of(std::string_view path, const Headers& headers);

// An upstream's own error of the same dialect (ApiError::raw_body) is printed as it came.
std::string error_body(Family family, const ApiError& error, std::string_view request_id);
int error_status(Family family, const ApiError& error);
// content-type, x-request-id or request-id, retry-after (whole seconds), x-should-retry: false where another try cannot help.
Headers error_headers(Family family, const ApiError& error, std::string_view request_id);

// The name of the header that carries our request id in this family: x-request-id, request-id.
std::string_view request_id_header(Family family);

}  // namespace demarc::dialect
