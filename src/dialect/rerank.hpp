// /v1/rerank as Cohere and Jina speak it: {query, documents, top_n, return_documents} → {results: [{index, relevance_score, document}]}. Only
// upstreams of the same dialect answer it. Source: Cohere API reference v1/v2 rerank and Jina reranker API, read 2026-11. An entry of the table in
// all.cpp.
#pragma once

#include "dialect/dialect.hpp"
#include "dialect/translator.hpp"

namespace demarc::dialect::rerank {

Result<std::unique_ptr<Request>, ApiError> parse(const Dialect& dialect, HttpRequest&& http, const ParseLimits& limits);
Result<OutgoingBody, ApiError> forward(const Request& request, Edits edits, Provider provider, std::string_view model);
std::unique_ptr<ReplyTranslator> translator(const Request& request, Passage passage);

}  // namespace demarc::dialect::rerank
