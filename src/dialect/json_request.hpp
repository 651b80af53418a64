// What all dialects with a JSON body share: from HttpRequest to Request, and from Request with edits to the bytes that leave. Pure; any thread.
#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "dialect/dialect.hpp"
#include "dialect/walk.hpp"

namespace demarc::dialect {

Result<std::unique_ptr<Request>, ApiError> parse_json_request(const Dialect& dialect, HttpRequest&& http, std::span<const Rule> rules,
                                                              std::span<const std::string_view> required, const ParseLimits& limits);

// Headers by which a client names things: demarc-repository, demarc-path, x-claude-code-session-id, anthropic-*. They win over the body.
void take_headers(Request& request, const HttpRequest& http, const ParseLimits& limits);

enum class StreamUsage : std::uint8_t { as_asked, always };  // always: stream_options.include_usage is put in, because spending is metered

OutgoingBody forward_json(const Request& request, Edits edits, std::string_view model, std::string_view target, StreamUsage usage);

}  // namespace demarc::dialect
