// OpenAI's /v1/completions, with `suffix` for fill-in-the-middle, and /v1/embeddings: two small formats that only upstreams of the same dialect
// answer. Source: OpenAI API reference, read 2026-11. Entries of the table in all.cpp.
#pragma once

#include "dialect/dialect.hpp"
#include "dialect/printer.hpp"
#include "dialect/translator.hpp"

namespace demarc::dialect {

namespace openai_completions {
Result<std::unique_ptr<Request>, ApiError> parse(const Dialect& dialect, HttpRequest&& http, const ParseLimits& limits);
Result<OutgoingBody, ApiError> forward(const Request& request, Edits edits, Provider provider, std::string_view model);
std::unique_ptr<ReplyTranslator> translator(const Request& request, Passage passage);
std::unique_ptr<ReplyPrinter> printer(const Request& request, Passage passage, PrinterOptions options);
}  // namespace openai_completions

namespace openai_embeddings {
Result<std::unique_ptr<Request>, ApiError> parse(const Dialect& dialect, HttpRequest&& http, const ParseLimits& limits);
Result<OutgoingBody, ApiError> forward(const Request& request, Edits edits, Provider provider, std::string_view model);
}  // namespace openai_embeddings

}  // namespace demarc::dialect
