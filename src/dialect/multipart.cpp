#include "dialect/multipart.hpp"

#include <algorithm>
#include <array>

#include "base/strings.hpp"

namespace demarc::dialect {
namespace {

constexpr std::size_t kMaxBoundary_bytes = 70;  // RFC 2046
// What passes to an upstream unseen must have no room for contents, so no other header is taken.
constexpr auto kHeaders = std::to_array<std::string_view>({"content-disposition", "content-type", "content-length", "content-transfer-encoding"});
constexpr std::size_t kMaxPartHeader_bytes = std::size_t{8} * 1024;

Failure<ApiError> malformed(std::size_t at, std::string_view what) {
  return fail(ApiError{.kind = ErrorKind::bad_request, .message = "invalid multipart body at byte " + std::to_string(at) + ": " + std::string(what)});
}

// One part's header lines into its field.
Result<void, std::string_view> read_header(std::string_view lines, const ParseLimits& limits, Multipart::Field& field) {
  bool named = false;
  while (!lines.empty()) {
    const std::size_t end = lines.find("\r\n");
    const std::string_view line = lines.substr(0, end);
    lines = end == std::string_view::npos ? std::string_view{} : lines.substr(end + 2);
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) return fail(std::string_view("a header line without a colon"));
    const std::string key = to_lower(line.substr(0, colon));
    const std::string_view value = trim(line.substr(colon + 1));
    if (key == "content-type") field.content_type = value.substr(0, limits.name_bytes);
    if (std::find(kHeaders.begin(), kHeaders.end(), key) == kHeaders.end()) return fail(std::string_view("a header that no form needs"));
    if (key != "content-disposition") continue;
    if (value.find("*=") != std::string_view::npos) return fail(std::string_view("an encoded file name; send it as plain UTF-8"));
    const auto name = header_parameter(value, "name");
    if (named || !name || name->size() > limits.name_bytes) return fail(std::string_view("a part without one good name"));
    named = true;
    field.name = *name;
    field.filename = header_parameter(value, "filename").value_or("").substr(0, limits.name_bytes);
  }
  if (!named) return fail(std::string_view("a part without a name"));
  return {};
}

}  // namespace

std::optional<std::string> header_parameter(std::string_view header, std::string_view name) {
  std::size_t at = header.find(';');
  while (at != std::string_view::npos && at < header.size()) {
    std::string_view rest = trim(header.substr(at + 1));
    const std::size_t equals = rest.find('=');
    if (equals == std::string_view::npos) return {};
    const bool found = equals_ignoring_case(trim(rest.substr(0, equals)), name);
    rest.remove_prefix(equals + 1);
    std::string value;
    std::size_t used = 0;
    if (rest.starts_with('"')) {
      for (used = 1; used < rest.size() && rest[used] != '"'; ++used) {
        if (rest[used] == '\\' && used + 1 < rest.size() && (rest[used + 1] == '"' || rest[used + 1] == '\\')) ++used;
        value += rest[used];
      }
      if (used >= rest.size()) return {};
      ++used;
    } else {
      used = std::min(rest.find(';'), rest.size());
      value = trim(rest.substr(0, used));
    }
    if (found) return value;
    at = static_cast<std::size_t>(rest.data() - header.data()) + used;
    at = header.find(';', at);
  }
  return {};
}

Result<Multipart, ApiError> read_multipart(std::string_view body, std::string_view content_type, const ParseLimits& limits) {
  const auto boundary = header_parameter(content_type, "boundary");
  if (!equals_ignoring_case(trim(content_type.substr(0, content_type.find(';'))), "multipart/form-data") || !boundary || boundary->empty() ||
      boundary->size() > kMaxBoundary_bytes)
    return fail(ApiError{.kind = ErrorKind::bad_request, .message = "expected content-type multipart/form-data with a boundary"});
  Multipart form{.boundary = *boundary, .fields = {}};
  const std::string delimiter = "\r\n--" + *boundary;
  if (!body.starts_with(std::string_view(delimiter).substr(2))) return malformed(0, "expected the boundary");
  std::size_t at = delimiter.size() - 2;  // behind a delimiter
  while (!body.substr(at).starts_with("--")) {
    if (!body.substr(at).starts_with("\r\n")) return malformed(at, "expected a line end behind the boundary");
    const std::size_t header = at + 2;
    const std::size_t header_end = body.substr(0, std::min(body.size(), header + kMaxPartHeader_bytes)).find("\r\n\r\n", header);
    if (header_end == std::string_view::npos) return malformed(header, "a part's header has no end");
    const std::size_t content = header_end + 4;
    const std::size_t content_end = body.find(delimiter, content);
    if (content_end == std::string_view::npos) return malformed(content, "a part has no end");
    if (form.fields.size() >= limits.fields) return malformed(header, "too many fields");
    Multipart::Field field{.content = {content, content_end}};
    if (const auto result = read_header(body.substr(header, header_end - header), limits, field); !result) return malformed(header, result.error());
    form.fields.push_back(std::move(field));
    at = content_end + delimiter.size();
  }
  if (!trim(body.substr(at + 2)).empty()) return malformed(at + 2, "unexpected bytes after the end");
  return form;
}

}  // namespace demarc::dialect
