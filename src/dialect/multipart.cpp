#include "dialect/multipart.hpp"

#include <algorithm>

#include "base/strings.hpp"

namespace demarc::dialect {
namespace {

constexpr std::size_t kMaxBoundary_bytes = 70;  // RFC 2046
constexpr std::size_t kMaxPartHeader_bytes = std::size_t{8} * 1024;

Failure<ApiError> malformed(std::size_t at, std::string_view what) {
  return fail(ApiError{.kind = ErrorKind::bad_request, .message = "invalid multipart body at byte " + std::to_string(at) + ": " + std::string(what)});
}

// Calls each(name, written) for every parameter of a header's value, `written` without its quotes and with its escapes. False: malformed.
template <class Each>
bool each_parameter(std::string_view header, Each each) {
  std::size_t at = header.find(';');
  while (at < header.size()) {
    const std::string_view rest = trim(header.substr(at + 1));
    if (rest.empty()) return true;
    const std::size_t equals = rest.find('=');
    if (equals == std::string_view::npos) return false;
    const std::string_view value = rest.substr(equals + 1);
    std::string_view written;
    std::size_t used = 0;
    if (value.starts_with('"')) {
      for (used = 1; used < value.size() && value[used] != '"'; ++used)
        if (value[used] == '\\') ++used;
      if (used >= value.size()) return false;
      written = value.substr(1, used - 1);
      const std::size_t next = value.find(';', ++used);
      if (!trim(value.substr(used, next - used)).empty()) return false;
      used = std::min(next, value.size());
    } else {
      used = std::min(value.find(';'), value.size());
      written = trim(value.substr(0, used));
    }
    each(trim(rest.substr(0, equals)), written);
    at = static_cast<std::size_t>(value.data() - header.data()) + used;
  }
  return true;
}

std::string without_escapes(std::string_view written) {
  std::string out;
  for (std::size_t i = 0; i < written.size(); ++i) {
    if (written[i] == '\\' && i + 1 < written.size() && (written[i + 1] == '"' || written[i + 1] == '\\')) ++i;
    out += written[i];
  }
  return out;
}

// Reads the header lines of one part into its field. What it takes has no room for contents that nobody reads.
class PartHeader {
 public:
  PartHeader(std::string_view body, const ParseLimits& limits, Multipart::Field& field) : body_(body), limits_(limits), field_(field) {}

  Result<void, std::string_view> read(std::string_view lines) {
    while (!lines.empty()) {
      const std::size_t end = lines.find("\r\n");
      const std::string_view line = lines.substr(0, end);
      lines = end == std::string_view::npos ? std::string_view{} : lines.substr(end + 2);
      const std::size_t colon = line.find(':');
      if (colon == std::string_view::npos) return fail(std::string_view("a header line without a colon"));
      TRY(take(to_lower(line.substr(0, colon)), trim(line.substr(colon + 1))));
    }
    if (field_.name_span.size() == 0) return fail(std::string_view("a part without a name"));
    return {};
  }

 private:
  Result<void, std::string_view> take(std::string_view key, std::string_view value) {
    if (key == "content-disposition") return take_disposition(value);
    if (key == "content-type") {
      if (field_.content_type_span.size() > 0 || value.size() > limits_.name_bytes) return fail(std::string_view("a part without one good type"));
      field_.content_type = value, field_.content_type_span = span_of(value);
      return {};
    }
    if (key == "content-transfer-encoding") {
      for (const std::string_view as_it_is : {"7bit", "8bit", "binary"})
        if (equals_ignoring_case(value, as_it_is)) return {};
      return fail(std::string_view("a transfer encoding; send the part's bytes as they are"));
    }
    if (key != "content-length") return fail(std::string_view("a header that no form needs"));
    if (value != std::to_string(field_.content.size())) return fail(std::string_view("a length that is not the part's"));
    return {};
  }

  Result<void, std::string_view> take_disposition(std::string_view value) {
    if (value.find("*=") != std::string_view::npos) return fail(std::string_view("an encoded file name; send it as plain UTF-8"));
    bool is_good = field_.name_span.size() == 0 && equals_ignoring_case(trim(value.substr(0, value.find(';'))), "form-data");
    const bool is_formed = each_parameter(value, [&](std::string_view key, std::string_view written) {
      const bool is_file = equals_ignoring_case(key, "filename");
      Span& span = is_file ? field_.filename_span : field_.name_span;
      is_good = is_good && (is_file || equals_ignoring_case(key, "name")) && span.end == 0 && written.size() <= limits_.name_bytes;
      span = span_of(written);
      (is_file ? field_.filename : field_.name) = without_escapes(written);
    });
    if (!is_formed || !is_good) return fail(std::string_view("a part that is not form-data with one good name, and one file name at most"));
    return {};
  }

  [[nodiscard]] Span span_of(std::string_view part) const {
    const auto begin = static_cast<std::size_t>(part.data() - body_.data());
    return {begin, begin + part.size()};
  }

  const std::string_view body_;
  const ParseLimits& limits_;
  Multipart::Field& field_;
};

}  // namespace

std::optional<std::string> header_parameter(std::string_view header, std::string_view name) {
  std::optional<std::string> found;
  const bool is_formed = each_parameter(header, [&](std::string_view key, std::string_view written) {
    if (!found && equals_ignoring_case(key, name)) found = without_escapes(written);
  });
  return is_formed ? found : std::nullopt;
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
    if (const auto read = PartHeader(body, limits, field).read(body.substr(header, header_end - header)); !read)
      return malformed(header, read.error());
    form.fields.push_back(std::move(field));
    at = content_end + delimiter.size();
  }
  if (!trim(body.substr(at + 2)).empty()) return malformed(at + 2, "unexpected bytes after the end");
  return form;
}

}  // namespace demarc::dialect
