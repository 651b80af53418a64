// /v1/images/classifications: a format of our own in the style of /v1/classifications: {model, input: data URI or list, examples, threshold} → {id,
// model, results: [{label: {scores, label, confidence, abstained}}]}. An entry of the table in all.cpp.
#pragma once

#include "dialect/dialect.hpp"

namespace demarc::dialect::image_classifications {

Result<std::unique_ptr<Request>, ApiError> parse(const Dialect& dialect, HttpRequest&& http, const ParseLimits& limits);
Result<OutgoingBody, ApiError> forward(const Request& request, Edits edits, Provider provider, std::string_view model);

}  // namespace demarc::dialect::image_classifications
