// The whole way of an answer: an upstream's stream, cut anywhere, through translation, restoring and masking to a client of either dialect. The
// client reads the same texts as if each had come whole.
#include <map>

#include "core/json/writer.hpp"
#include "dialect/dialect.hpp"
#include "dialect/printer.hpp"
#include "dialect/sse.hpp"
#include "dialect/translator.hpp"
#include "fuzz.hpp"
#include "privacy/json_leaves.hpp"
#include "privacy/output_guard.hpp"
#include "privacy/restore.hpp"
#include "streams.hpp"

namespace demarc::fuzz {
namespace {

struct Filter {  // as gateway/answer_filter.hpp
  privacy::Restorer restorer;
  privacy::OutputGuard guard;
  std::string feed(const Channel& channel, std::string_view text) { return guard.feed(channel, restorer.feed(channel, text)); }
  std::string flush(const Channel& channel) {
    std::string rest = guard.feed(channel, restorer.flush(channel));
    return rest += guard.flush(channel);
  }
};

// Two texts or one text and one tool's arguments, their deltas in turns.
std::string upstream_stream(Provider provider, std::size_t finish, const std::vector<std::string_view>& text,
                            const std::vector<std::string_view>& arguments) {
  std::string out;
  const auto put = [&](std::string_view event, const std::string& data) { dialect::append_event(out, event, data); };
  if (provider == Provider::anthropic) {
    put("message_start",
        R"({"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"m","content":[],"usage":{"input_tokens":1,"output_tokens":1}}})");
    put("content_block_start", R"({"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}})");
    for (const auto piece : text)
      put("content_block_delta", R"({"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":)" + json_string(piece) + "}}");
    put("content_block_stop", R"({"type":"content_block_stop","index":0})");
    put("content_block_start",
        R"({"type":"content_block_start","index":1,"content_block":{"type":"tool_use","id":"toolu_1","name":"f","input":{}}})");
    for (const auto piece : arguments)
      put("content_block_delta",
          R"({"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":)" + json_string(piece) + "}}");
    put("content_block_stop", R"({"type":"content_block_stop","index":1})");
    put("message_delta", R"({"type":"message_delta","delta":{"stop_reason":"tool_use"},"usage":{"output_tokens":2}})");
    put("message_stop", R"({"type":"message_stop"})");
    return out;
  }
  const auto delta = [&](const std::string& inside, std::string_view finish) {
    put("", R"({"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{)" + inside +
                R"(},"finish_reason":)" + std::string(finish) + "}]}");
  };
  delta(R"("role":"assistant","content":"")", "null");
  delta(R"("tool_calls":[{"index":0,"id":"call_1","type":"function","function":{"name":"f","arguments":""}}])", "null");
  for (std::size_t i = 0; i < std::max(text.size(), arguments.size()); ++i) {
    if (i < text.size()) delta("\"content\":" + json_string(text[i]), "null");
    if (i < arguments.size()) delta(R"("tool_calls":[{"index":0,"function":{"arguments":)" + json_string(arguments[i]) + "}}]", "null");
  }
  if (finish > 0) delta("", R"("tool_calls")");  // there are servers that leave it out
  put("", "[DONE]");
  return out;
}

// What a client reads, by kind.
std::map<ChannelKind, std::string> texts_read(const Request& request, std::string_view stream) {
  const Provider own = request.dialect == "anthropic.messages" ? Provider::anthropic : Provider::openai;
  const auto translator = dialect::make_translator(request, own);
  std::vector<Chunk> chunks;
  CHECK(translator->feed_stream(stream, chunks).ok() && translator->clean_end());
  std::map<ChannelKind, std::string> texts;
  for (const Chunk& chunk : chunks)
    for (const Delta& delta : chunk.deltas) texts[delta.channel.kind] += delta.text;
  return texts;
}

}  // namespace
}  // namespace demarc::fuzz

FUZZ(relay) {
  Choices choices(bytes);
  const Request& request = stream_request(choices.below(2));
  const Provider provider = choices.below(2) == 0 ? Provider::openai : Provider::anthropic;
  const std::vector<std::string> mask = choices.below(2) == 0 ? std::vector<std::string>{} : std::vector<std::string>{"SECRET", "CREDIT_CARD"};
  InputsRandom random(bytes);
  privacy::Vault vault(random);
  privacy::VaultSession session = vault.open({"key", "c"}, {1});
  const std::string words[] = {*session.placeholder("EMAIL_ADDRESS", "ada@example.org"), *session.placeholder("PERSON", "Ada \"the\" L")};

  std::string_view plan = bytes.substr(0, bytes.size() / 2);  // how the texts are cut into deltas, and the stream into what is read at once
  std::string_view wire_plan = plan.substr(plan.size() / 2);
  plan.remove_suffix(wire_plan.size());
  bytes.remove_prefix(plan.size() + wire_plan.size());
  Choices cuts(plan), wire_cuts(wire_plan);
  std::string text;
  for (char c : bytes) text += c == 1 || c == 2 ? words[c - 1] : with_values(std::string_view(&c, 1));
  const std::string quoted = json_string(text), arguments = "{\"q\":" + quoted + "}";
  text = privacy::unescape_json(std::string_view(quoted).substr(1, quoted.size() - 2));  // UTF-8, whatever the input was
  std::vector<std::string_view> text_pieces, argument_pieces;
  // Deltas are whole characters, as providers send them.
  const auto at_characters = [&](std::string_view whole, std::vector<std::string_view>& out) {
    std::size_t from = 0, at = 0;
    for (const std::string_view piece : cut(whole, cuts)) {
      at += piece.size();
      if (at < whole.size() && (static_cast<unsigned char>(whole[at]) & 0xC0U) == 0x80U) continue;
      out.push_back(whole.substr(from, at - from));
      from = at;
    }
  };
  at_characters(text, text_pieces);
  at_characters(arguments, argument_pieces);
  const std::string stream = upstream_stream(provider, choices.below(4), text_pieces, argument_pieces);

  Filter filter{privacy::Restorer(session.tokens()), privacy::OutputGuard(detectors(), mask)};
  const Understood relayed = understood(
      request, provider, cut(stream, wire_cuts), [&](const Channel& channel, std::string_view piece) { return filter.feed(channel, piece); },
      [&](const Channel& channel) { return filter.flush(channel); });
  CHECK(relayed.ok && relayed.clean_end);
  auto read = texts_read(request, relayed.printed);

  Filter once{privacy::Restorer(session.tokens()), privacy::OutputGuard(detectors(), mask)};
  const Channel text_channel{ChannelKind::text, 0, 0}, call_channel{ChannelKind::tool_arguments, 0, 1};
  const std::string expected = once.feed(text_channel, text) + once.flush(text_channel);
  const std::string expected_call = once.feed(call_channel, arguments) + once.flush(call_channel);
  CHECK(read[ChannelKind::text] == expected);
  CHECK(read[ChannelKind::tool_arguments] == expected_call);
}
