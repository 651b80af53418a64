// Streams of every dialect, made up from a seed: prose and two tool calls, interleaved as the provider's dialect allows, cut into events anywhere
// (also between the halves of a surrogate pair), and the bytes cut anywhere. What the client reads is what it would have read in one piece.
#include "gateway/filtered_chunk.hpp"

#include <gtest/gtest.h>

#include <map>
#include <random>

#include "base/strings.hpp"
#include "core/json/writer.hpp"
#include "dialect/dialect.hpp"
#include "dialect/translator.hpp"
#include "privacy/json_leaves.hpp"
#include "privacy/vault.hpp"

namespace demarc::gateway {
namespace {

using Random32 = std::mt19937;

struct Pair {
  const char* client;
  Provider provider;
  bool tools;
};
constexpr Pair kPairs[] = {{"openai.chat", Provider::openai, true},
                           {"openai.chat", Provider::anthropic, true},
                           {"anthropic.messages", Provider::anthropic, true},
                           {"anthropic.messages", Provider::openai, true},
                           {"openai.completions", Provider::openai, false}};

std::unique_ptr<Request> ask(std::string_view dialect) {
  const dialect::Dialect* found = dialect::dialect_named(dialect);
  std::string body = dialect == "openai.completions" ? R"({"model":"m","stream":true,"prompt":"x"})"
                                                     : R"({"model":"m","max_tokens":9,"stream":true,"messages":[{"role":"user","content":"x"}]})";
  body.reserve(body.size() + 64);
  HttpRequest http{.method = "POST", .target = std::string(found->path), .headers = {}, .body = std::move(body)};
  auto request = dialect::parse(*found, std::move(http));
  EXPECT_TRUE(request);
  return std::move(*request);
}

// The pieces of a text as the insides of JSON strings: cut between UTF-16 units, some of them escaped.
std::vector<std::string> pieces_of(std::string_view text, Random32& random) {
  std::vector<std::string> out(1);
  for (std::size_t at = 0; at < text.size();) {
    std::size_t size = 1;
    while (at + size < text.size() && (static_cast<unsigned char>(text[at + size]) & 0xC0U) == 0x80U) ++size;
    if (random() % 4 == 0) out.emplace_back();
    if (size == 4 && random() % 2 == 0) {  // U+1F600 and its like: two escapes, perhaps in two events
      out.back() += "\\ud83d";
      if (random() % 2 == 0) out.emplace_back();
      out.back() += "\\ude00";
    } else {
      const std::string quoted = json_string(text.substr(at, size));
      out.back() += quoted.substr(1, quoted.size() - 2);
    }
    at += size;
  }
  return out;
}

struct Answer {
  std::string text;
  std::map<std::string, std::string> tools;  // by id
  bool operator==(const Answer&) const = default;
};

std::string openai_event(const std::string& choice) {
  return R"(data: {"id":"c","object":"chat.completion.chunk","model":"m","choices":[{"index":0,)" + choice + "}]}\n\n";
}

std::string openai_stream(const Answer& answer, Random32& random, bool completions) {
  std::string out;
  for (const std::string& piece : pieces_of(answer.text, random))
    out += openai_event(completions ? "\"text\":\"" + piece + "\"" : R"("delta":{"content":")" + piece + "\"}");
  std::vector<std::vector<std::string>> calls;
  for (const auto& [id, arguments] : answer.tools) {
    out += openai_event(R"("delta":{"tool_calls":[{"index":)" + std::to_string(calls.size()) + R"(,"id":")" + id +
                        R"(","type":"function","function":{"name":"f_)" + id + R"(","arguments":""}}]})");
    calls.push_back(pieces_of(arguments, random));
    std::ranges::reverse(calls.back());
  }
  while (std::ranges::any_of(calls, [](const auto& call) { return !call.empty(); })) {  // interleaved
    const std::size_t index = random() % calls.size();
    if (calls[index].empty()) continue;
    out += openai_event(R"("delta":{"tool_calls":[{"index":)" + std::to_string(index) + R"(,"function":{"arguments":")" + calls[index].back() +
                        "\"}}]}");
    calls[index].pop_back();
  }
  const std::string reason = answer.tools.empty() ? "stop" : "tool_calls";
  out += openai_event((completions ? "\"text\":\"\"," : "\"delta\":{},") + ("\"finish_reason\":\"" + reason + "\""));
  return out + "data: [DONE]\n\n";
}

std::string anthropic_event(const std::string& type, const std::string& members) {
  return "event: " + type + "\ndata: {\"type\":\"" + type + "\"" + members + "}\n\n";
}

std::string anthropic_stream(const Answer& answer, Random32& random) {
  std::string out = anthropic_event(
      "message_start",
      R"(,"message":{"id":"m","type":"message","role":"assistant","content":[],"model":"m","usage":{"input_tokens":1,"output_tokens":1}})");
  int index = 0;
  const auto block = [&](const std::string& start, const std::string& kind, const std::string& field, std::string_view text) {
    const std::string at = ",\"index\":" + std::to_string(index++);
    out += anthropic_event("content_block_start", at + ",\"content_block\":" + start);
    for (const std::string& piece : pieces_of(text, random))
      out += anthropic_event("content_block_delta", at + ",\"delta\":{\"type\":\"" + kind + "\",\"" + field + "\":\"" + piece + "\"}");
    out += anthropic_event("content_block_stop", at);
  };
  block(R"({"type":"text","text":""})", "text_delta", "text", answer.text);
  for (const auto& [id, arguments] : answer.tools)
    block(R"({"type":"tool_use","id":")" + id + R"(","name":"f_)" + id + R"(","input":{}})", "input_json_delta", "partial_json", arguments);
  out += anthropic_event("message_delta", R"(,"delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":5})");
  return out + anthropic_event("message_stop", "");
}

std::string through(const Request& request, Provider provider, AnswerFilter& filter, std::string_view bytes, Random32& random) {
  const auto translator = dialect::make_translator(request, provider);
  const auto printer = dialect::make_printer(request, provider, {.served_model = "m", .id = "req_1"});
  std::string out;
  std::vector<std::string> texts;
  while (!bytes.empty()) {
    const std::size_t size = std::min<std::size_t>(bytes.size(), random() % 3 == 0 ? 1 : 1 + random() % 200);
    std::vector<Chunk> chunks;
    EXPECT_TRUE(translator->feed_stream(bytes.substr(0, size), chunks));
    for (const Chunk& chunk : chunks) print_filtered(chunk, filter, *printer, texts, out);
    bytes.remove_prefix(size);
  }
  EXPECT_TRUE(translator->clean_end());
  printer->print_end("", out);
  return out;
}

Answer read(const Request& request, std::string_view dialect, std::string_view bytes) {
  const auto translator = dialect::make_translator(request, dialect == "anthropic.messages" ? Provider::anthropic : Provider::openai);
  std::vector<Chunk> chunks;
  EXPECT_TRUE(translator->feed_stream(bytes, chunks)) << bytes;
  Answer answer;
  std::map<Channel, std::string> ids;
  for (const Chunk& chunk : chunks) {
    for (const ToolStart& tool : chunk.tools)
      if (!tool.id.empty()) ids[tool.channel] = tool.id, answer.tools[tool.id];
    for (const Delta& delta : chunk.deltas) (delta.channel.kind == ChannelKind::text ? answer.text : answer.tools[ids[delta.channel]]) += delta.text;
  }
  return answer;
}

std::string in_one_piece(const privacy::VaultSession& session, const privacy::Detectors& detectors, ChannelKind kind, std::string_view text,
                         bool never) {
  AnswerFilter filter(detectors, {"SECRET"}, session.tokens(), {"f_b"});
  const Channel channel{kind, 0, 0};
  if (never) filter.saw_tools({{channel, "b", "f_b"}});
  std::string out = filter.feed(channel, text);
  return out += filter.flush(channel);
}

class EveryDialect : public testing::TestWithParam<Pair> {};

TEST_P(EveryDialect, GivesTheClientTheSameHoweverTheStreamIsCut) {
  const Pair& pair = GetParam();
  const privacy::Detectors detectors = privacy::Detectors::structured();
  privacy::Vault vault(system_random());
  privacy::VaultSession session = vault.open({"key", "c"}, {1});
  const std::string mail = *session.placeholder("EMAIL_ADDRESS", "ada@example.org"), name = *session.placeholder("PERSON", "Ada \"é\" 😀\n");
  const std::vector<std::string> words = {mail,
                                          name,
                                          to_lower(mail),
                                          "X" + name.substr(7),
                                          " ",
                                          "é",
                                          "😀",
                                          "\n",
                                          "EMAIL",
                                          "NAM",
                                          " https://e.example/" + mail + " ",
                                          " AKIA"
                                          "IOSFODNN7EXAMPLE ",
                                          "**",
                                          "'s",
                                          "the "};
  const auto request = ask(pair.client);
  for (unsigned seed = 0; seed < 600; ++seed) {
    Random32 random(seed);
    const auto prose = [&](std::size_t most) {
      std::string out;
      for (std::size_t n = 1 + random() % most; n > 0; --n) out += words[random() % words.size()];
      return out;
    };
    Answer sent{.text = prose(12), .tools = {}};
    if (pair.tools)
      for (const char* id : {"a", "b"}) sent.tools[id] = "{\"to\":" + json_string(prose(6)) + "}";
    Answer expected{.text = in_one_piece(session, detectors, ChannelKind::text, sent.text, false), .tools = {}};
    for (const auto& [id, arguments] : sent.tools)
      expected.tools[id] = in_one_piece(session, detectors, ChannelKind::tool_arguments, arguments, id == "b");

    const std::string stream = pair.provider == Provider::anthropic ? anthropic_stream(sent, random) : openai_stream(sent, random, !pair.tools);
    AnswerFilter filter(detectors, {"SECRET"}, session.tokens(), {"f_b"});
    const std::string out = through(*request, pair.provider, filter, stream, random);
    ASSERT_TRUE(is_utf8(out)) << "seed " << seed;
    const Answer got = read(*request, pair.client, out);
    ASSERT_EQ(got.text, expected.text) << "seed " << seed;
    ASSERT_EQ(got.tools, expected.tools) << "seed " << seed;
    for (const auto& [id, arguments] : got.tools) ASSERT_TRUE(privacy::is_json_document(arguments)) << "seed " << seed << ": " << arguments;
    ASSERT_EQ(out.find("AKIA"), std::string::npos) << "seed " << seed;
  }
}

INSTANTIATE_TEST_SUITE_P(Pairs, EveryDialect, testing::ValuesIn(kPairs), [](const auto& info) {
  std::string name = std::string(info.param.client) + (info.param.provider == Provider::anthropic ? "_from_anthropic" : "_from_openai");
  std::ranges::replace(name, '.', '_');
  return name;
});

}  // namespace
}  // namespace demarc::gateway
