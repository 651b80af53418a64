#include "dialect/errors.hpp"

#include "core/json/writer.hpp"

namespace demarc::dialect {
namespace {

struct OpenAiWords {
  std::string_view type, code;  // code "": null
};

OpenAiWords openai_words(int status) {  // of an upstream's error that came in another dialect
  if (status == 401) return {"invalid_request_error", "invalid_api_key"};
  if (status == 403) return {"permission_error", ""};
  if (status == 404) return {"invalid_request_error", "model_not_found"};
  if (status == 413) return {"invalid_request_error", "request_too_large"};
  if (status == 402) return {"insufficient_quota", "insufficient_quota"};
  if (status == 429) return {"requests", "rate_limit_exceeded"};
  return status < 500 ? OpenAiWords{"invalid_request_error", ""} : OpenAiWords{"server_error", ""};
}

OpenAiWords openai_words(const ApiError& error) {
  switch (error.kind) {
    case ErrorKind::bad_request: return {"invalid_request_error", ""};
    case ErrorKind::context_length: return {"invalid_request_error", "context_length_exceeded"};
    case ErrorKind::quarantined: return {"invalid_request_error", "request_quarantined"};
    case ErrorKind::unauthenticated: return {"invalid_request_error", "invalid_api_key"};
    case ErrorKind::policy_denied: return {"permission_error", "policy_denied"};
    case ErrorKind::forbidden: return {"permission_error", ""};
    case ErrorKind::model_not_found: return {"invalid_request_error", "model_not_found"};
    case ErrorKind::not_found: return {"invalid_request_error", ""};
    case ErrorKind::method_not_allowed: return {"invalid_request_error", ""};
    case ErrorKind::timeout: return {"invalid_request_error", ""};
    case ErrorKind::superseded: return {"invalid_request_error", "superseded"};
    case ErrorKind::too_large: return {"invalid_request_error", "request_too_large"};
    case ErrorKind::rate_limited: return {"requests", "rate_limit_exceeded"};
    case ErrorKind::budget_spent: return {"insufficient_quota", "insufficient_quota"};
    case ErrorKind::headers_too_large: return {"invalid_request_error", ""};
    case ErrorKind::cancelled: return {"invalid_request_error", ""};
    case ErrorKind::internal: return {"server_error", ""};
    case ErrorKind::upstream_failed: return {"server_error", ""};
    case ErrorKind::unavailable: return {"server_error", ""};
    case ErrorKind::upstream_timeout: return {"server_error", ""};
    case ErrorKind::upstream_status: return openai_words(error.status);
  }
  return {"server_error", ""};
}

std::string_view anthropic_type(int status) {
  switch (status) {
    case 401: return "authentication_error";
    case 402: return "billing_error";
    case 403: return "permission_error";
    case 404: return "not_found_error";
    case 409: return "conflict_error";
    case 413: return "request_too_large";
    case 429: return "rate_limit_error";
    case 504: return "timeout_error";
    case 529: return "overloaded_error";
    default: return status < 500 ? "invalid_request_error" : "api_error";
  }
}

void write_demarc(JsonWriter& json, const ApiError& error) {
  if (error.rules.empty() && error.hint.empty() && error.kind != ErrorKind::policy_denied) return;
  json.object("demarc", [&] {
    json.array("rule", [&] {
      for (const std::string& rule : error.rules) json.value(rule);
    });
    if (!error.hint.empty()) json.field("hint", error.hint);
  });
}

}  // namespace

Family family_of(std::string_view path, const Headers& headers) {
  if (const Dialect* dialect = find_dialect("POST", path)) return dialect->family;
  return path.starts_with("/v1/messages") || headers.find("anthropic-version") ? Family::anthropic : Family::openai;
}

int error_status(Family family, const ApiError& error) {
  if (error.kind == ErrorKind::budget_spent) return family == Family::anthropic ? 402 : 429;
  return http_status(error);
}

std::string error_body(Family family, const ApiError& error, std::string_view request_id) {
  if (!error.raw_body.empty()) return error.raw_body;
  std::string out;
  JsonWriter json(out);
  switch (family) {
    case Family::openai: {
      const OpenAiWords words = openai_words(error);
      json.object([&] {
        json.object("error", [&] {
          json.field("message", error.message);
          json.field("type", words.type);
          error.param.empty() ? json.field("param", json_null) : json.field("param", error.param);
          words.code.empty() ? json.field("code", json_null) : json.field("code", words.code);
          write_demarc(json, error);
        });
      });
      break;
    }
    case Family::anthropic:
      json.object([&] {
        json.field("type", "error");
        json.object("error", [&] {
          json.field("type", anthropic_type(error_status(family, error)));
          json.field("message", error.message);
          write_demarc(json, error);
        });
        json.field("request_id", request_id);
      });
      break;
  }
  return out;
}

Headers error_headers(Family family, const ApiError& error, std::string_view request_id) {
  Headers headers{{"content-type", "application/json"}, {std::string(request_id_header(family)), std::string(request_id)}};
  if (error.retry_after_s) headers.add("retry-after", std::to_string(*error.retry_after_s));
  if (error.kind == ErrorKind::budget_spent) headers.add("x-should-retry", "false");
  return headers;
}

std::string_view request_id_header(Family family) {
  switch (family) {
    case Family::openai: return "x-request-id";
    case Family::anthropic: return "request-id";
  }
  return "x-request-id";
}

}  // namespace demarc::dialect
