// Any bytes as an upstream's stream, to a client of either dialect: however they are cut, the same is understood, and what is printed for the client
// can be read by a client.
#include "streams.hpp"

#include "dialect/dialect.hpp"
#include "dialect/printer.hpp"
#include "dialect/translator.hpp"
#include "fuzz.hpp"

FUZZ(streams) {
  Choices choices(bytes);
  const Request& request = stream_request(choices.below(3));
  const Provider provider = choices.below(2) == 0 ? Provider::openai : Provider::anthropic;
  if (!dialect::can_speak(request.dialect, provider)) return;
  std::string_view plan = bytes.substr(bytes.size() - std::min<std::size_t>(bytes.size(), 8));
  bytes.remove_suffix(plan.size());
  Choices cuts(plan);

  const Understood whole = understood(request, provider, {bytes}), pieces = understood(request, provider, cut(bytes, cuts));
  CHECK(whole.ok == pieces.ok && whole.clean_end == pieces.clean_end);
  CHECK(whole.words == pieces.words);
  CHECK(whole.printed == pieces.printed);
  const Provider own = request.dialect == "anthropic.messages" ? Provider::anthropic : Provider::openai;
  if (whole.ok) CHECK(understood(request, own, {whole.printed}).ok);
}
