// One dialect answered by another: requests and answers both ways, streams and whole, byte-exact arguments.
#include "dialect/chat.hpp"
#include "dialect/json/tree.hpp"
#include "dialect/testing.hpp"

namespace demarc::dialect {
namespace {

using testing::golden;
using testing::must_parse;
using testing::print_all;
using testing::read_stream;

constexpr const char* kOpenAiStream = R"({"model":"m","messages":[],"stream":true,"stream_options":{"include_usage":true}})";
constexpr const char* kAnthropicStream =
    R"({"model":"m","max_tokens":9,"messages":[],"stream":true,"thinking":{"type":"enabled","budget_tokens":1024}})";

// Requests

TEST(CrossRequest, PutsOpenAiToAnthropic) {
  const auto request = must_parse("openai.chat", R"({"model":"m","seed":1,"max_completion_tokens":50,"temperature":0.50,"stop":"END","stream":true,
"messages":[{"role":"system","content":"be brief"},
{"role":"user","content":[{"type":"text","text":"look"},{"type":"image_url","image_url":{"url":"data:image/png;base64,iVBO"}},{"type":"image_url","image_url":{"url":"https://e.com/a.png"}}]},
{"role":"assistant","content":null,"tool_calls":[{"id":"call_a","type":"function","function":{"name":"f","arguments":"{\"q\":\"\\\"\\n\\ud83d\\ude00\",\"n\":1.0}"}},{"id":"call_b","type":"function","function":{"name":"g","arguments":""}}]},
{"role":"tool","tool_call_id":"call_a","content":"one"},{"role":"tool","tool_call_id":"call_b","content":[{"type":"text","text":"two"}]},
{"role":"user","content":"go on"}],
"tools":[{"type":"function","function":{"name":"f","description":"d","parameters":{"type":"object","properties":{"q":{"type":"string"}}},"strict":true}}],
"tool_choice":"required","parallel_tool_calls":false,
"response_format":{"type":"json_schema","json_schema":{"name":"n","schema":{"type":"object"}}}})");
  const auto out = to_upstream(*request, {}, Provider::anthropic, "claude");
  ASSERT_TRUE(out) << out.error().message;
  EXPECT_EQ(out->target, "/messages");
  EXPECT_EQ(out->headers.get("anthropic-version"), "2023-06-01");
  EXPECT_EQ(
      out->body,
      R"({"model":"claude","max_tokens":50,"system":"be brief","messages":[)"
      R"({"role":"user","content":[{"type":"text","text":"look"},{"type":"image","source":{"type":"base64","media_type":"image/png","data":"iVBO"}},)"
      R"({"type":"image","source":{"type":"url","url":"https://e.com/a.png"}}]},)"
      R"({"role":"assistant","content":[{"type":"tool_use","id":"call_a","name":"f","input":{"q":"\"\n\ud83d\ude00","n":1.0}},)"
      R"({"type":"tool_use","id":"call_b","name":"g","input":{}}]},)"
      R"({"role":"user","content":[{"type":"tool_result","tool_use_id":"call_a","content":"one"},)"
      R"({"type":"tool_result","tool_use_id":"call_b","content":"two"},{"type":"text","text":"go on"}]}],)"
      R"("tools":[{"name":"f","description":"d","input_schema":{"type":"object","properties":{"q":{"type":"string"}}},"strict":true}],)"
      R"("tool_choice":{"type":"any","disable_parallel_tool_use":true},"temperature":0.50,"stop_sequences":["END"],)"
      R"("output_config":{"format":{"type":"json_schema","schema":{"type":"object"}}},"stream":true})");
}

TEST(CrossRequest, PutsAnthropicToOpenAi) {
  const auto request = must_parse("anthropic.messages", R"({"model":"m","max_tokens":50,"stream":true,"stop_sequences":["X"],
"system":[{"type":"text","text":"be","cache_control":{"type":"ephemeral"}},{"type":"text","text":"brief"}],
"messages":[{"role":"user","content":[{"type":"image","source":{"type":"base64","media_type":"image/png","data":"iVBO"}},{"type":"text","text":"look"}]},
{"role":"assistant","content":[{"type":"thinking","thinking":"hm","signature":"c2ln"},{"type":"text","text":"ok"},{"type":"tool_use","id":"toolu_a","name":"f","input":{"q": "\"\u00e9\n"}}]},
{"role":"user","content":[{"type":"tool_result","tool_use_id":"toolu_a","content":[{"type":"text","text":"one"},{"type":"image","source":{"type":"base64","media_type":"image/png","data":"AAAA"}}]},{"type":"text","text":"go on"}]}],
"tools":[{"name":"f","input_schema":{"type":"object"}}],"tool_choice":{"type":"tool","name":"f","disable_parallel_tool_use":true}})");
  const auto out = to_upstream(*request, {}, Provider::openai, "gpt");
  ASSERT_TRUE(out) << out.error().message;
  EXPECT_EQ(out->target, "/chat/completions");
  EXPECT_EQ(
      out->body,
      R"({"model":"gpt","messages":[{"role":"system","content":[{"type":"text","text":"be"},{"type":"text","text":"brief"}]},)"
      R"({"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,iVBO"}},{"type":"text","text":"look"}]},)"
      R"({"role":"assistant","content":"ok","tool_calls":[{"id":"toolu_a","type":"function","function":{"name":"f","arguments":"{\"q\": \"\\\"\\u00e9\\n\"}"}}]},)"
      R"({"role":"tool","tool_call_id":"toolu_a","content":"one"},)"
      R"({"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA"}},{"type":"text","text":"go on"}]}],)"
      R"("tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object"}}}],)"
      R"("tool_choice":{"type":"function","function":{"name":"f"}},"parallel_tool_calls":false,"max_completion_tokens":50,"stop":["X"],)"
      R"("stream":true,"stream_options":{"include_usage":true}})");
}

TEST(CrossRequest, PutsEditsInBeforeItCrosses) {
  const auto request = must_parse("openai.chat", R"({"messages":[{"role":"user","content":"I am Ann"}]})");
  const auto out = to_upstream(*request, {{request->parts.at(0).span, "\"I am [PERSON_1]\""}}, Provider::anthropic, "c");
  EXPECT_NE(out->body.find("[PERSON_1]"), std::string::npos);
  EXPECT_EQ(out->body.find("Ann"), std::string::npos);
}

TEST(CrossRequest, RefusesWhatTheOtherSideCannotSay) {
  struct Case {
    const char* dialect;
    Provider provider;
    const char* body;
  };
  const char* kAudio = R"({"messages":[{"role":"user","content":[{"type":"input_audio","input_audio":{"data":"AAAA","format":"wav"}}]}]})";
  for (const Case& c : {
           Case{"openai.chat", Provider::anthropic, kAudio},
           Case{"openai.chat", Provider::anthropic, R"({"n":2,"messages":[]})"},
           Case{"openai.chat", Provider::anthropic, R"({"logprobs":true,"messages":[]})"},
           Case{"openai.chat", Provider::anthropic, R"({"temperature":1.5,"messages":[]})"},
           Case{"openai.chat", Provider::anthropic, R"({"response_format":{"type":"json_object"},"messages":[]})"},
           Case{"openai.chat", Provider::anthropic, R"({"modalities":["text","audio"],"messages":[]})"},
           Case{"openai.chat", Provider::anthropic, R"({"tools":[{"type":"web_search"}],"messages":[]})"},
           Case{"openai.chat", Provider::anthropic,
                R"({"messages":[{"role":"assistant","tool_calls":[{"id":"a","function":{"name":"f","arguments":"{\"x\":"}}]}]})"},
           Case{"anthropic.messages", Provider::openai, R"({"tools":[{"type":"web_search_20250305","name":"web_search"}],"messages":[]})"},
           Case{"anthropic.messages", Provider::openai, R"({"mcp_servers":[{"url":"https://e.com"}],"messages":[]})"},
           Case{"anthropic.messages", Provider::openai,
                R"({"messages":[{"role":"user","content":[{"type":"image","source":{"type":"file","file_id":"file_1"}}]}]})"},
           Case{"anthropic.messages", Provider::gemini, R"({"messages":[]})"},
           Case{"openai.embeddings", Provider::anthropic, R"({"input":"x"})"},
       }) {
    const auto request = must_parse(c.dialect, c.body);
    const auto out = to_upstream(*request, {}, c.provider, "m");
    ASSERT_FALSE(out) << c.body;
    EXPECT_EQ(out.error().kind, ErrorKind::bad_request);
    EXPECT_FALSE(out.error().message.empty());
  }
}

TEST(CrossRequest, SendsReasoningWithoutSignatureToAnthropicAsText) {
  const auto request =
      must_parse("anthropic.messages", R"({"model":"m","messages":[{"role":"assistant","content":[{"type":"thinking","thinking":"h","signature":""},)"
                                       R"({"type":"thinking","thinking":"k","signature":"c2ln"}]}]})");
  EXPECT_EQ(to_upstream(*request, {}, Provider::anthropic, "m")->body,
            R"({"model":"m","messages":[{"role":"assistant","content":[{"type":"text","text":"h"},)"
            R"({"type":"thinking","thinking":"k","signature":"c2ln"}]}]})");
}

// Answers

std::string data(const std::string& type, const std::string& rest) {
  return "event: " + type + "\ndata: {\"type\":\"" + type + "\"" + rest + "}\n\n";
}

TEST(CrossStream, TellsAnthropicClientsOfInterleavedToolsOneBlockAtATime) {
  const auto request = must_parse("anthropic.messages", kAnthropicStream);
  const auto chunks = read_stream(*request, Provider::openai, golden("openai_chat_tools_interleaved.sse"));
  const std::string out = print_all(*request, Provider::openai, chunks, {.served_model = "local", .id = "7"});
  const auto start = [](int i, const std::string& id, const std::string& name) {
    return data("content_block_start", ",\"index\":" + std::to_string(i) + R"(,"content_block":{"type":"tool_use","id":")" + id + R"(","name":")" +
                                           name + R"(","input":{}})");
  };
  const auto delta = [](int i, const std::string& json) {
    return data("content_block_delta", ",\"index\":" + std::to_string(i) + R"(,"delta":{"type":"input_json_delta","partial_json":)" + json + "}");
  };
  const auto stop = [](int i) { return data("content_block_stop", ",\"index\":" + std::to_string(i)); };
  EXPECT_EQ(
      out, data("message_start", R"(,"message":{"id":"msg_7","type":"message","role":"assistant","model":"local","content":[],"stop_reason":null,)"
                                 R"("stop_sequence":null,"usage":{"input_tokens":0,"output_tokens":0}})") +
               start(0, "call_a", "get_weather") + delta(0, R"("{\"city\":\"")") + delta(0, R"("São \\\"Paulo\\\"\\nline\",\"em")") +
               delta(0, R"("oji\":\"\\ud83d\\ude00 😀\"}")") + stop(0) + start(1, "call_b", "get_time") + delta(1, R"("{\"tz\":\"Europe/Paris\"}")") +
               stop(1) + start(2, "call_c", "noop") + delta(2, R"("{}")") + stop(2) +
               data("message_delta", R"(,"delta":{"stop_reason":"tool_use","stop_sequence":null},"usage":{"input_tokens":15,)"
                                     R"("cache_read_input_tokens":4,"output_tokens":10})") +
               data("message_stop", ""));
}

TEST(CrossStream, TellsAnthropicClientsOfReasoningIfTheyAskedForIt) {
  const auto request = must_parse("anthropic.messages", kAnthropicStream);
  const auto bytes = golden("llama_server_chat.sse");
  const std::string out = print_all(*request, Provider::openai, read_stream(*request, Provider::openai, bytes), {.id = "7"});
  EXPECT_NE(out.find(R"({"type":"thinking_delta","thinking":" think"})"), std::string::npos);
  EXPECT_NE(out.find("event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":0}\n\nevent: content_block_start"),
            std::string::npos);
  const auto plain = must_parse("anthropic.messages", R"({"messages":[],"stream":true})");
  EXPECT_EQ(print_all(*plain, Provider::openai, read_stream(*plain, Provider::openai, bytes), {}).find("thinking"), std::string::npos);
}

TEST(CrossStream, TellsOpenAiClientsOfToolsInTheirOwnNumbers) {
  const auto request = must_parse("openai.chat", kOpenAiStream);
  const auto chunks = read_stream(*request, Provider::anthropic, golden("anthropic_tools.sse"));
  const std::string out = print_all(*request, Provider::anthropic, chunks, {.served_model = "claude", .id = "7", .created = {5'000'000'000}});
  const std::string head = R"(data: {"id":"chatcmpl-7","object":"chat.completion.chunk","created":5,"model":"claude","choices":)";
  const auto delta = [&](const std::string& json) { return head + R"([{"index":0,"delta":)" + json + ",\"finish_reason\":null}]}\n\n"; };
  const auto arguments = [&](int i, const std::string& json) {
    return delta(R"({"tool_calls":[{"index":)" + std::to_string(i) + R"(,"function":{"arguments":)" + json + "}}]}");
  };
  EXPECT_EQ(
      out,
      delta(R"({"role":"assistant","content":""})") + ": keep-alive\n\n" + delta(R"({"content":"Okay,"})") + delta(R"({"content":" let me check"})") +
          delta(
              R"({"tool_calls":[{"index":0,"id":"toolu_01T1x1fJ34qAmk2tNTrN7Up6","type":"function","function":{"name":"get_weather","arguments":""}}]})") +
          arguments(0, R"("{\"location\": \"San")") + arguments(0, R"(" \\\"Fran\\\"\\n\\ud83d")") + arguments(0, R"("\\ude00\"}")") +
          delta(R"({"tool_calls":[{"index":1,"id":"toolu_02","type":"function","function":{"name":"get_time","arguments":""}}]})") +
          arguments(1, R"("{\"tz\":\"PST\"}")") + head + "[{\"index\":0,\"delta\":{},\"finish_reason\":\"tool_calls\"}]}\n\n" + head +
          R"([],"usage":{"prompt_tokens":602,"completion_tokens":89,"total_tokens":691,"prompt_tokens_details":{"cached_tokens":100}}})" +
          "\n\ndata: [DONE]\n\n");
}

// What a client of each dialect has in hand at the end, joined as its SDK joins it.
std::string arguments_of_openai(const std::string& stream, std::int64_t index) {
  std::string out;
  const auto request = must_parse("openai.chat", kOpenAiStream);
  for (const Chunk& chunk : read_stream(*request, Provider::openai, stream))
    for (const Delta& delta : chunk.deltas)
      if (delta.channel.kind == ChannelKind::tool_arguments && delta.channel.item == index) out += delta.text;
  return out;
}

TEST(CrossStream, KeepsArgumentsByteForByteThroughBothCrossings) {
  const auto anthropic = must_parse("anthropic.messages", kAnthropicStream);
  const auto openai = must_parse("openai.chat", kOpenAiStream);
  const std::string first = golden("openai_chat_tools_interleaved.sse");
  const std::string as_anthropic = print_all(*anthropic, Provider::openai, read_stream(*anthropic, Provider::openai, first), {.id = "1"});
  const std::string back = print_all(*openai, Provider::anthropic, read_stream(*openai, Provider::anthropic, as_anthropic), {.id = "2"});
  for (int i = 0; i < 3; ++i) EXPECT_EQ(arguments_of_openai(back, i), arguments_of_openai(first, i));
  EXPECT_EQ(arguments_of_openai(back, 0), R"({"city":"São \"Paulo\"\nline","emoji":"\ud83d\ude00 😀"})");
}

TEST(CrossStream, KeepsAnEmojiThatWasCutBetweenTwoDeltas) {
  const auto request = must_parse("anthropic.messages", kAnthropicStream);
  const std::string out = print_all(*request, Provider::openai, read_stream(*request, Provider::openai, golden("openai_chat_split_emoji.sse")), {});
  EXPECT_NE(out.find("😀bé/"), std::string::npos);
}

TEST(CrossStream, DoesNotCloseAToolForAnEmptyText) {
  const auto request = must_parse("anthropic.messages", kAnthropicStream);
  const std::string stream =
      "data: "
      "{\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":0,\"id\":\"a\",\"function\":{\"name\":\"f\",\"arguments\":\"{\"}}]}}]}\n\n"
      "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"\"}}]}\n\n"
      "data: "
      "{\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\"}\"}}]},\"finish_reason\":\"tool_calls\"}]}"
      "\n\n"
      "data: [DONE]\n\n";
  const std::string out = print_all(*request, Provider::openai, read_stream(*request, Provider::openai, stream), {});
  EXPECT_EQ(out.find("content_block_stop"), out.rfind("event: content_block_stop") + 7);
  EXPECT_EQ(out.find("\"type\":\"text\""), std::string::npos);
}

TEST(CrossWhole, TellsAnthropicClients) {
  const auto request = must_parse("anthropic.messages", R"({"messages":[]})");
  const auto reply = make_translator(*request, Provider::openai)->read_whole(200, {}, golden("openai_chat_whole.json"));
  EXPECT_EQ(make_printer(*request, Provider::openai, {.served_model = "m", .id = "7"})->print_whole(*reply, {}).body,
            R"({"id":"msg_7","type":"message","role":"assistant","model":"m","content":[{"type":"text","text":"Checking “it” 😀"},)"
            R"({"type":"tool_use","id":"call_a","name":"get_weather","input":{"city":"São \"Paulo\"\nline","emoji":"\ud83d\ude00 😀"}},)"
            R"({"type":"tool_use","id":"call_b","name":"get_time","input":{"tz":1.0}}],"stop_reason":"tool_use","stop_sequence":null,)"
            R"("usage":{"input_tokens":15,"cache_read_input_tokens":4,"output_tokens":10}})");
}

TEST(CrossWhole, TellsOpenAiClients) {
  const auto request = must_parse("openai.chat", R"({"messages":[]})");
  const auto reply = make_translator(*request, Provider::anthropic)->read_whole(200, {}, golden("anthropic_whole.json"));
  const std::string body = make_printer(*request, Provider::anthropic, {.served_model = "m", .id = "7"})->print_whole(*reply, {}).body;
  std::string copy = body;
  JsonTree tree;
  ASSERT_TRUE(tree.read(copy));
  const JsonNode choice = *tree.root()["choices"].begin();
  EXPECT_EQ(choice["finish_reason"].text(), "tool_calls");
  EXPECT_EQ(choice["message"]["content"].text(), "Checking “it” 😀");
  EXPECT_EQ(choice["message"]["reasoning_content"].text(), "Hm.");
  std::string anthropic = golden("anthropic_whole.json");
  JsonTree original;
  ASSERT_TRUE(original.read(anthropic));
  std::string input;
  for (const JsonNode block : original.root()["content"])
    if (block["type"].text() == "tool_use") input = block["input"].raw();
  EXPECT_EQ((*choice["message"]["tool_calls"].begin())["function"]["arguments"].text(), input);
  EXPECT_EQ(tree.root()["usage"]["prompt_tokens"].integer(), 2145);
}

// parse∘print: what is written of a Chat reads back as the same bytes.
TEST(ChatCodec, ReadsBackWhatItWrote) {
  Chat chat;
  chat.messages.push_back({Role::system, {{.kind = BlockKind::text, .text = "s\n\"\\ é"}}});
  chat.messages.push_back(
      {Role::user, {{.kind = BlockKind::text, .text = "t"}, {.kind = BlockKind::image, .media_type = "image/png", .data = "AA=="}}});
  chat.messages.push_back(
      {Role::assistant,
       {{.kind = BlockKind::text, .text = "u"}, {.kind = BlockKind::tool_call, .text = R"({"a":"\u00e9"})", .id = "call_1", .name = "f"}}});
  chat.messages.push_back({Role::user, {{.kind = BlockKind::tool_result, .text = "r", .id = "call_1"}, {.kind = BlockKind::text, .text = "v"}}});
  chat.tools.push_back({.name = "f", .description = "d", .schema = R"({"type":"object"})"});
  chat.tool_choice = ToolChoice::named;
  chat.tool_choice_name = "f";
  chat.max_output_tokens = 5;
  chat.stop = {"x"};
  chat.response_schema = R"({"type":"object"})";
  chat.stream = true;
  for (const Provider provider : {Provider::openai, Provider::anthropic}) {
    const Provider other = provider == Provider::openai ? Provider::anthropic : Provider::openai;
    const std::string_view dialect = provider == Provider::openai ? "openai.chat" : "anthropic.messages";
    const std::string_view other_dialect = provider == Provider::openai ? "anthropic.messages" : "openai.chat";
    const std::string once = chat_request(chat, provider, "m")->body;
    const auto request = must_parse(dialect, once);
    const std::string crossed = to_upstream(*request, {}, other, "m")->body;
    EXPECT_EQ(crossed, chat_request(chat, other, "m")->body);
    const auto back = must_parse(other_dialect, crossed);
    EXPECT_EQ(to_upstream(*back, {}, provider, "m")->body, once);
  }
}

TEST(ChatCodec, ReadsAnAnswerForASubCall) {
  const auto reply = read_chat_reply(Provider::anthropic, 200, {}, golden("anthropic_whole.json"));
  ASSERT_TRUE(reply);
  ASSERT_EQ(reply->message.blocks.size(), 3U);
  EXPECT_EQ(reply->message.blocks[1].text, "Checking “it” 😀");
  EXPECT_EQ(reply->message.blocks[2].name, "get_weather");
  EXPECT_EQ(reply->finish, FinishReason::tool_calls);
  EXPECT_FALSE(read_chat_reply(Provider::openai, 500, {}, "oops"));
}

TEST(Target, AddsAnthropicsVersionOnlyWhereItIsMissing) {
  EXPECT_EQ(target_on(Provider::openai, "/v1", "/chat/completions"), "/v1/chat/completions");
  EXPECT_EQ(target_on(Provider::anthropic, "", "/messages"), "/v1/messages");
  EXPECT_EQ(target_on(Provider::anthropic, "/v1", "/messages"), "/v1/messages");
}

}  // namespace
}  // namespace demarc::dialect
