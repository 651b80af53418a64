#include "dialect/json_request.hpp"

#include <algorithm>
#include <cctype>

#include "core/json/writer.hpp"
#include "dialect/json/reader.hpp"

namespace demarc::dialect {
namespace {

constexpr std::size_t kForwardedHeaders = 16;
constexpr std::size_t kForwardedHeader_bytes = 1024;

// Open lists of names and dates: "2023-06-01", "tools-2024-05-16,context-1m". Anything else could carry contents past every detector.
bool is_plain_list(std::string_view value) {
  return value.size() <= kForwardedHeader_bytes && std::all_of(value.begin(), value.end(), [](unsigned char c) {
           return std::isalnum(c) != 0 || c == '-' || c == '_' || c == '.' || c == ',' || c == ' ';
         });
}

}  // namespace

void take_headers(Request& request, const HttpRequest& http, const ParseLimits& limits) {
  const auto take = [&](std::string_view name, std::string& into) {
    if (const auto value = http.headers.find(name); value && !value->empty()) into = value->substr(0, limits.name_bytes);
  };
  take("x-claude-code-session-id", request.conversation);
  take("demarc-session", request.conversation);
  take("demarc-repository", request.repository);
  take("demarc-path", request.path);
  for (const auto& [name, value] : http.headers)
    if (name.starts_with("anthropic-") && is_plain_list(value) && request.forward_headers.size() < kForwardedHeaders)
      request.forward_headers.emplace_back(name, value);
}

Result<std::unique_ptr<Request>, ApiError> parse_json_request(const Dialect& dialect, HttpRequest&& http, std::span<const Rule> rules,
                                                              std::span<const std::string_view> required, const ParseLimits& limits) {
  auto request = std::make_unique<Request>();
  request->operation = dialect.operation;
  request->dialect = dialect.name;
  request->content_type = "application/json";
  request->body = std::move(http.body);
  padded(request->body);
  TRY(walk_request(*request, rules, required, limits));
  take_headers(*request, http, limits);
  return request;
}

OutgoingBody forward_json(const Request& request, Edits edits, std::string_view model, std::string_view target, StreamUsage usage) {
  std::string first;  // members put in front of all others
  if (request.model_span.size() == 0) {
    first += "\"model\":" + json_string(model) + ",";
  } else if (request.model != model) {
    edits.push_back({request.model_span, json_string(model)});
  }
  if (usage == StreamUsage::always && request.stream && !request.include_usage) {
    const Span options = request.stream_options_span;
    const std::string_view text = std::string_view(request.body).substr(options.begin, options.size());
    if (options.size() == 0) {
      first += "\"stream_options\":{\"include_usage\":true},";
    } else if (!text.starts_with('{')) {  // null
      edits.push_back({options, "{\"include_usage\":true}"});
    } else if (request.include_usage_span.size() != 0) {
      edits.push_back({request.include_usage_span, "true"});
    } else {
      const bool empty = text.find('"') == std::string_view::npos;
      edits.push_back({{options.begin, options.begin + 1}, empty ? "{\"include_usage\":true" : "{\"include_usage\":true,"});
    }
  }
  if (!first.empty()) {
    const std::size_t brace = request.body.find('{');
    edits.push_back({{brace, brace + 1}, "{" + first});
  }
  OutgoingBody out{
      .target = std::string(target), .headers = {{"content-type", "application/json"}}, .body = demarc::apply(request.body, std::move(edits))};
  out.headers.add("accept", request.stream ? "text/event-stream" : "application/json");
  return out;
}

}  // namespace demarc::dialect
