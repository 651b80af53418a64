// Any bytes as an upstream's whole answer: refused, or its texts are where they say and the client's dialect can print it.
#include "base/strings.hpp"
#include "dialect/dialect.hpp"
#include "dialect/printer.hpp"
#include "dialect/translator.hpp"
#include "fuzz.hpp"
#include "streams.hpp"

FUZZ(answers) {
  Choices choices(bytes);
  const Request& request = stream_request(choices.below(3));
  const Provider provider = choices.below(2) == 0 ? Provider::openai : Provider::anthropic;
  const int status = choices.below(4) == 0 ? 429 : 200;
  if (!dialect::can_speak(request.dialect, provider)) return;
  std::string body;
  body.reserve(bytes.size() + 64);
  body = bytes;
  const auto reply = dialect::make_translator(request, provider)->read_whole(status, {}, std::move(body));
  if (!reply) return;
  std::vector<std::string> same;
  for (const Delta& delta : reply->texts) {
    CHECK(delta.span.begin <= delta.span.end && delta.span.end <= reply->body.size());
    CHECK(is_utf8(delta.text));
    same.push_back(delta.channel.kind == ChannelKind::tool_arguments ? delta.text : delta.text + "!");  // arguments stay JSON
  }
  const auto printed = dialect::make_printer(request, provider, {})->print_whole(*reply, same);
  const Provider own = request.dialect == "anthropic.messages" ? Provider::anthropic : Provider::openai;
  std::string again = printed.body;
  again.reserve(again.size() + 64);
  CHECK(dialect::make_translator(request, own)->read_whole(200, {}, std::move(again)).ok());
}
