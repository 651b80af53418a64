// Mistral's /v1/fim/completions, which Continue and other editors speak: prompt and suffix as OpenAI's completions have them, answers in the shape of
// chat completions. Source: Mistral API reference, "Fill in the Middle", read 2026-11. One entry of the table in all.cpp.
#pragma once

#include "dialect/dialect.hpp"

namespace demarc::dialect::mistral_fim {

Result<std::unique_ptr<Request>, ApiError> parse(const Dialect& dialect, HttpRequest&& http, const ParseLimits& limits);
Result<OutgoingBody, ApiError> forward(const Request& request, Edits edits, Provider provider, std::string_view model);

}  // namespace demarc::dialect::mistral_fim
