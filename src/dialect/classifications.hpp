// /v1/classifications as Mistral speaks it: {model, input} → {id, model, results: [{TARGET: {scores: {LABEL: share}}}]}, with labels, examples and a
// threshold of our own beside it. Only upstreams of the same dialect answer it. Source: Mistral API reference, classifiers, read 2026-11. An entry of
// the table in all.cpp.
#pragma once

#include "dialect/dialect.hpp"

namespace demarc::dialect::classifications {

Result<std::unique_ptr<Request>, ApiError> parse(const Dialect& dialect, HttpRequest&& http, const ParseLimits& limits);
Result<OutgoingBody, ApiError> forward(const Request& request, Edits edits, Provider provider, std::string_view model);

// The body for our own engine with a workload's classifier in it; it goes before one that the caller sent.
std::string with_classifier(std::string body, std::string_view classifier);

}  // namespace demarc::dialect::classifications
