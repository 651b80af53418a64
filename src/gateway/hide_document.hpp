// hide_document(): the last stage of a document. What is found in it is counted, and hidden where the client asked for that (`redact`) or the policy
// does (outputs.mask), in all its texts (document/cover.hpp); what is hidden is also told as places on its pages, and pictures that would show it are
// left out.
//
//   if (auto read = read_document_redaction(context); !read) …     // 400: no such operator or type
//   auto seen = co_await hide_document(context, *reply->document);
//   if (!seen) …                                                   // nothing of it may be shown
//
// Values are looked for page by page; names by the model of names, where there is one. On the context's loop.
#pragma once

#include <optional>

#include "core/document.hpp"
#include "gateway/hide_values.hpp"

namespace demarc::gateway {

// Sets context.redact from the fields of a request for /v1/ocr; does nothing for other requests.
Result<void, ApiError> read_document_redaction(RequestContext& context);

// An uploaded file that the request names (document.file_id) stands in it afterwards, as if the client had sent it.
Task<Result<void, ApiError>> bring_in_file(RequestContext& context);

Task<Result<SeenValues, ApiError>> hide_document(RequestContext& context, Document& document);

}  // namespace demarc::gateway
