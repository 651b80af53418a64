// A request's bytes in any dialect: refused, or every part is where it says, what nobody edits leaves as it came, and either provider can be asked.
#include "base/strings.hpp"
#include "dialect/dialect.hpp"
#include "fuzz.hpp"

FUZZ(requests) {
  Choices choices(bytes);
  const auto all = dialect::all_dialects();
  const dialect::Dialect& dialect = all[choices.below(all.size())];
  std::string body;
  body.reserve(bytes.size() + 64);
  body = bytes;
  HttpRequest http{
      .method = "POST", .target = std::string(dialect.path), .headers = {{"content-type", "multipart/form-data; boundary=b-1"}}, .body = {}};
  http.body = std::move(body);
  const auto parsed = dialect::parse(dialect, std::move(http));
  if (!parsed) return;
  const Request& request = **parsed;
  for (const Part& part : request.parts) {
    CHECK(part.span.begin <= part.span.end && part.span.end <= request.body.size());
    if (part.encoding != Encoding::raw) CHECK(is_utf8(part.text));
  }
  const Provider own = request.dialect == "anthropic.messages"   ? Provider::anthropic
                       : request.dialect.starts_with("mistral.") ? Provider::mistral
                                                                 : Provider::openai;
  const auto same = dialect::to_upstream(request, {}, own, request.model);
  // What llama.cpp's form cannot say in OpenAI's is told here and not before (fim.hpp).
  if (!same && request.operation == Operation::fim && same.error().kind == ErrorKind::bad_request && !same.error().param.empty()) return;
  CHECK(same.ok());
  if (request.model_span.size() != 0 && !request.stream && !request.has_unsigned_reasoning) CHECK(same->body == request.body);
  for (const Provider provider : {Provider::openai, Provider::anthropic}) (void)dialect::to_upstream(request, {}, provider, "m");
}
