// ApiError: an error a caller will read. Made anywhere, printed by the caller's dialect in that dialect's exact shape.
//
//   return fail(ApiError{ErrorKind::bad_request, "messages[2].content: expected a string or a list of parts"});
//
// The message says what is wrong, where, and what to do; it never holds contents of the request beyond a field's name. Pure value.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace demarc {

enum class ErrorKind : std::uint8_t {
  bad_request,         // 400
  context_length,      // 400 context_length_exceeded
  quarantined,         // 422 request_quarantined: it killed its engine, more than once
  unauthenticated,     // 401 invalid_api_key
  policy_denied,       // 403
  forbidden,           // 403 a key without the scope or workload
  model_not_found,     // 404
  not_found,           // 404 no such endpoint or object
  method_not_allowed,  // 405
  timeout,             // 408 the request did not arrive in time
  superseded,          // 409 the same session asked anew
  too_large,           // 413
  rate_limited,        // 429 rate_limit_exceeded
  budget_spent,        // 429 insufficient_quota / 402 billing_error
  headers_too_large,   // 431
  cancelled,           // 499 the client went away; never printed
  internal,            // 500
  upstream_failed,     // 502
  unavailable,         // 503
  upstream_timeout,    // 504
  upstream_status,     // as `status` and `raw_body` say: an upstream's own error, passed on
};

struct ApiError {
  ErrorKind kind = ErrorKind::internal;
  std::string message;
  std::string param{};               // the field it is about: "messages[2].content"; empty: none
  std::string hint{};                // what to do next; printed as demarc.hint
  std::vector<std::string> rules{};  // ids of the rules that decided; printed as demarc.rule
  std::optional<std::int64_t> retry_after_s{};
  int status = 0;          // only with upstream_status
  std::string raw_body{};  // only with upstream_status and the same dialect on both sides
};

int http_status(const ApiError& error);

}  // namespace demarc
