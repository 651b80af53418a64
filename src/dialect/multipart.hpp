// multipart/form-data (RFC 7578 over RFC 2046, section 5.1), read in place: fields with their spans in the body.
//
//   Multipart form = TRY(read_multipart(body, content_type, limits));
//   form.fields[0].name, form.fields[0].content
//
// Strict: every part names itself, the close delimiter is there, nothing but white space follows it. Limits: fields, bytes of a part's header. Pure.
#pragma once

#include <optional>
#include <string_view>

#include "base/result.hpp"
#include "core/error.hpp"
#include "core/request.hpp"
#include "dialect/dialect.hpp"

namespace demarc::dialect {

Result<Multipart, ApiError> read_multipart(std::string_view body, std::string_view content_type, const ParseLimits& limits);

// The parameter of a header: `boundary` of "multipart/form-data; boundary=x", quoted or not; nullopt if it is not there or malformed.
std::optional<std::string> header_parameter(std::string_view header, std::string_view name);

}  // namespace demarc::dialect
