// Any bytes as a form: refused, or its fields lie in the body, apart and in order.
#include "dialect/multipart.hpp"

#include "fuzz.hpp"

FUZZ(multipart) {
  const std::size_t line = bytes.find('\n');
  const std::string_view type = bytes.substr(0, line), body = line == std::string_view::npos ? std::string_view() : bytes.substr(line + 1);
  (void)dialect::header_parameter(type, "boundary");
  for (const std::string_view content_type : {type, std::string_view("multipart/form-data; boundary=\"b-1\"")}) {
    const auto form = dialect::read_multipart(body, content_type, {});
    if (!form) continue;
    std::size_t last = 0;
    for (const Multipart::Field& field : form->fields) {
      CHECK(last <= field.content.begin && field.content.begin <= field.content.end && field.content.end <= body.size());
      CHECK(body.substr(field.content.begin, field.content.size()).find("\r\n--" + form->boundary) == std::string_view::npos);
      for (const Span span : {field.name_span, field.filename_span, field.content_type_span})
        CHECK(span.begin <= span.end && span.end <= field.content.begin && (span.end == 0 || span.begin > last));
      last = field.content.end;
    }
  }
}
