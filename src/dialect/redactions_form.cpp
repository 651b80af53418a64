// The same call as fields: of a form with files, of a query.
#include <algorithm>

#include "base/strings.hpp"
#include "dialect/multipart.hpp"
#include "dialect/redactions.hpp"

namespace demarc::dialect {

Result<bool, ApiError> set_redactions_field(RedactionsCall& call, std::string_view name, std::string_view value) {
  if (name == "mode") return call.mode = value, true;
  if (name == "operator") return call.op = value, true;
  if (name == "language") return call.language = value, true;
  if (name == "conversation") return call.conversation = value, true;
  if (name == "types") {
    for (const std::string_view type : split(value, ','))
      if (!trim(type).empty()) call.types.emplace_back(trim(type));
    return true;
  }
  if (name != "on_error") return false;
  if (value != "fail" && value != "continue") return fail(ApiError{ErrorKind::bad_request, "expected fail or continue", "on_error"});
  call.on_error = value == "fail" ? OnError::fail : OnError::go_on;
  return true;
}

Result<RedactionsCall, ApiError> read_redactions_form(std::string_view body, std::string_view content_type, const RedactionsLimits& limits) {
  const Multipart form = TRY(read_multipart(body, content_type, {.depth = limits.depth}));
  RedactionsCall call;
  for (const Multipart::Field& field : form.fields) {
    const std::string_view value = body.substr(field.content.begin, field.content.size());
    if (field.name == "file" || field.name == "files" || field.name == "file[]" || field.name == "files[]")
      call.input.push_back({.file = RedactionFile{field.filename, std::string(value)}});
    else if (!TRY(set_redactions_field(call, field.name, value)))
      return fail(ApiError{ErrorKind::bad_request, std::string(kNoSuchField), "form"});
  }
  if (call.input.empty()) return fail(ApiError{ErrorKind::bad_request, "missing: one file or more", "file"});
  return call;
}

}  // namespace demarc::dialect
