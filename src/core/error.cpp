#include "core/error.hpp"

namespace demarc {

int http_status(const ApiError& error) {
  switch (error.kind) {
    case ErrorKind::bad_request: return 400;
    case ErrorKind::context_length: return 400;
    case ErrorKind::quarantined: return 422;
    case ErrorKind::unauthenticated: return 401;
    case ErrorKind::policy_denied: return 403;
    case ErrorKind::forbidden: return 403;
    case ErrorKind::model_not_found: return 404;
    case ErrorKind::not_found: return 404;
    case ErrorKind::method_not_allowed: return 405;
    case ErrorKind::timeout: return 408;
    case ErrorKind::superseded: return 409;
    case ErrorKind::too_large: return 413;
    case ErrorKind::rate_limited: return 429;
    case ErrorKind::budget_spent: return 429;
    case ErrorKind::headers_too_large: return 431;
    case ErrorKind::cancelled: return 499;
    case ErrorKind::internal: return 500;
    case ErrorKind::upstream_failed: return 502;
    case ErrorKind::unavailable: return 503;
    case ErrorKind::upstream_timeout: return 504;
    case ErrorKind::upstream_status: return error.status;
  }
  return 500;
}

}  // namespace demarc
