// Requests: what becomes a part, what is taken out of them, what is refused, and what leaves.
#include <algorithm>

#include "core/encode_part.hpp"
#include "dialect/testing.hpp"

namespace demarc::dialect {
namespace {

using testing::must_parse;
using testing::parse_as;
using testing::refusal;

std::string in_words(const Part& part) {
  const char* kinds[] = {"text", "image", "audio", "file", "tool", "opaque"};
  const char* roles[] = {"", " system", " user", " assistant", " tool"};
  const char* encodings[] = {"", " document", " key", " number", " raw"};
  return std::string(part.path) + "|" + kinds[static_cast<int>(part.kind)] + roles[static_cast<int>(part.role)] +
         encodings[static_cast<int>(part.encoding)] + "|" +
         std::string(part.kind == PartKind::text || part.kind == PartKind::tool ? part.text : part.media_type);
}

std::vector<std::string> parts_of(const Request& request) {
  std::vector<std::string> out;
  for (const Part& part : request.parts) out.push_back(in_words(part));
  return out;
}

using Parts = std::vector<std::string>;

TEST(Parts, HoldEveryStringOfAnOpenAiChat) {
  const auto request = must_parse("openai.chat", R"({"model":"m","user":"u-1","new_field":{"deep":[{"k y":"v"}],"n":5551234567},"stop":["a"],
"messages":[{"content":"a\nb","role":"user","name":"Ann"},
{"role":"user","content":[{"type":"text","text":"t"},{"image_url":{"url":"data:image/png;base64,AA==","detail":"low"},"type":"image_url"},
{"type":"input_audio","input_audio":{"format":"wav","data":"UklG"}},{"type":"file","file":{"filename":"cv.pdf","file_data":"data:application/pdf;base64,JVBE"}}]},
{"role":"assistant","refusal":"no","tool_calls":[{"id":"call_1","type":"function","function":{"name":"f","arguments":"{\"k\":1}"}}]},
{"tool_call_id":"call_1","content":"result","role":"tool"}],
"tools":[{"type":"function","function":{"name":"f","description":"d","parameters":{"type":"object","properties":{"ssn":{"type":"string","enum":["x"]}}}}}]})");
  EXPECT_EQ(parts_of(*request), (Parts{"user|text|u-1",
                                       "*|text key|new_field",
                                       "*.*|text key|deep",
                                       "*.*[0].*|text key|k y",
                                       "*.*[0].*|text|v",
                                       "*.n|text number|5551234567",
                                       "stop[0]|text|a",
                                       "messages[0].content|text user|a\nb",
                                       "messages[0].name|text user|Ann",
                                       "messages[1].content[0].text|text user|t",
                                       "messages[1].content[1].image_url.url|image user|image/png",
                                       "messages[1].content[1].image_url.detail|text user|low",
                                       "messages[1].content[2].input_audio.format|text user|wav",
                                       "messages[1].content[2].input_audio.data|audio user|audio/wav",
                                       "messages[1].content[3].file.filename|text user|cv.pdf",
                                       "messages[1].content[3].file.file_data|file user|application/pdf",
                                       "messages[2].refusal|text assistant|no",
                                       "messages[2].tool_calls[0].function.name|tool assistant|f",
                                       "messages[2].tool_calls[0].function.arguments|tool assistant document|{\"k\":1}",
                                       "messages[3].content|tool tool|result",
                                       "tools[0].function.name|tool|f",
                                       "tools[0].function.description|tool|d",
                                       "tools[0].function.parameters.properties.*|tool key|ssn",
                                       "tools[0].function.parameters.properties.*.enum[0]|tool|x"}));
  EXPECT_EQ(request->tool_names, std::vector<std::string>{"f"});
  EXPECT_TRUE(request->unreadable.empty());
}

TEST(Parts, HoldEveryStringOfAnthropicMessages) {
  const auto request = must_parse("anthropic.messages", R"({"model":"m","max_tokens":7,"system":[{"type":"text","text":"sys"}],
"messages":[{"role":"user","content":[{"content":[{"type":"text","text":"res"},{"source":{"data":"AA==","media_type":"image/png","type":"base64"},"type":"image"}],"tool_use_id":"toolu_1","type":"tool_result"},
{"type":"document","source":{"type":"text","media_type":"text/plain","data":"plain"}}]},
{"role":"assistant","content":[{"type":"thinking","thinking":"hm","signature":"c2lnbmF0dXJl"},{"type":"tool_use","id":"toolu_2","name":"f","input":{"a b":["x",1234567]}}]}],
"tools":[{"name":"f","input_schema":{"type":"object"}}]})");
  EXPECT_EQ(parts_of(*request), (Parts{"system[0].text|text system|sys", "messages[0].content[0].content[0].text|tool tool|res",
                                       "messages[0].content[0].content[1].source.data|image tool|image/png",
                                       "messages[0].content[0].content[1].source.media_type|tool tool|image/png",
                                       "messages[0].content[1].source.media_type|text user|text/plain",
                                       "messages[0].content[1].source.data|text user|plain", "messages[1].content[0].thinking|text assistant|hm",
                                       "messages[1].content[0].signature|opaque assistant|", "messages[1].content[1].name|tool assistant|f",
                                       "messages[1].content[1].input.*|tool assistant key|a b", "messages[1].content[1].input.*[0]|tool assistant|x",
                                       "messages[1].content[1].input.*[1]|tool assistant number|1234567", "tools[0].name|tool|f"}));
  EXPECT_TRUE(request->unreadable.empty());
  EXPECT_EQ(request->max_output_tokens, 7);
}

TEST(Parts, PointAtTheBytesThatEncodeThem) {
  const std::string body = R"({"messages":[{"role":"user","content":"x \"y\" \u00e9 \/"}],"k":12345678})";
  const auto request = must_parse("openai.chat", body);
  const Part& text = request->parts.at(0);
  EXPECT_EQ(body.substr(text.span.begin, text.span.size()), R"("x \"y\" \u00e9 \/")");
  EXPECT_EQ(text.text, "x \"y\" é /");
  const Part& number = request->parts.back();
  EXPECT_EQ(demarc::apply(request->body, {{number.span, encode(number, "[N]")}}), body.substr(0, number.span.begin) + "\"[N]\"}");
}

TEST(Parts, TakeWordsForTextWhereverTheyDoNotLookLikeTheirPlace) {
  // A signature or an id that holds words is text, to be examined like any other.
  const auto request =
      must_parse("anthropic.messages", R"({"messages":[{"role":"assistant","content":[{"type":"thinking","thinking":"x","signature":"my SSN is 1"},
{"type":"my SSN","text":"y"},{"type":"tool_use","id":"call me Ann","name":"f","input":{}}]}]})");
  EXPECT_EQ(parts_of(*request),
            (Parts{"messages[0].content[0].thinking|text assistant|x", "messages[0].content[0].signature|text assistant|my SSN is 1",
                   "messages[0].content[1].type|text assistant|my SSN", "messages[0].content[1].text|text assistant|y",
                   "messages[0].content[2].id|tool assistant|call me Ann", "messages[0].content[2].name|tool assistant|f"}));
}

TEST(Parts, HoldAToolCallsIdIfItCouldBeSomebodysNumber) {
  // Without its prefix, so that the number stands free.
  const auto request = must_parse("openai.chat", R"({"messages":[{"role":"tool","tool_call_id":"call_4111-1111-1111-1111","content":"a"},
{"role":"tool","tool_call_id":"call_0Ab12345678c1234567","content":"b"}]})");
  EXPECT_EQ(parts_of(*request),
            (Parts{"messages[0].tool_call_id|tool tool|4111-1111-1111-1111", "messages[0].content|tool tool|a", "messages[1].content|tool tool|b"}));
}

TEST(Unreadable, NamesWhatNobodyHereCanRead) {
  struct Case {
    const char* dialect;
    const char* body;
    const char* why;
  };
  for (const Case& c : {
           Case{"openai.chat", R"({"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"https://e.com/i.png"}}]}]})",
                "remote url"},
           Case{"openai.chat", R"({"messages":[{"role":"user","content":[{"type":"image_url","image_url":"gs://b/i.png"}]}]})", "remote url"},
           Case{"openai.chat", R"({"messages":[{"role":"user","content":[{"type":"file","file":{"file_id":"file-1"}}]}]})", "file id"},
           Case{"openai.chat", R"({"previous_response_id":"resp_1","messages":[]})", "previous_response_id"},
           Case{"openai.chat", R"({"prompt":{"id":"pmpt_1"},"messages":[]})", "state kept by the provider"},
           Case{"openai.chat", R"({"messages":[{"role":"assistant","audio":{"id":"audio_1"}}]})", "state kept by the provider"},
           Case{"openai.chat", R"({"messages":[{"role":"assistant","encrypted_content":"gAAA"}]})", "encrypted reasoning"},
           Case{"openai.embeddings", R"({"input":[1,2,3]})", "token ids"},
           Case{"openai.embeddings", R"({"input":[[1,2],[3]]})", "token ids"},
           Case{"openai.completions", R"({"prompt":[1,2]})", "token ids"},
           Case{"anthropic.messages", R"({"messages":[{"role":"user","content":[{"type":"image","source":{"type":"url","url":"https://e.com"}}]}]})",
                "remote url"},
           Case{"anthropic.messages", R"({"messages":[{"role":"user","content":[{"type":"document","source":{"type":"file","file_id":"f"}}]}]})",
                "file id"},
           Case{"anthropic.messages", R"({"messages":[{"role":"assistant","content":[{"type":"redacted_thinking","data":"Em=="}]}]})",
                "encrypted reasoning"},
           Case{"anthropic.messages", R"({"container":"c_1","messages":[]})", "container"},
           Case{"anthropic.messages", R"({"mcp_servers":[{"url":"https://e.com"}],"messages":[]})", "state kept by the provider"},
       }) {
    const auto request = must_parse(c.dialect, c.body);
    EXPECT_EQ(request->unreadable, std::vector<std::string>{c.why}) << c.body;
  }
}

TEST(Facts, AreTakenFromBodyAndHeaders) {
  const auto request = must_parse("openai.chat", R"({"model":"gp\u0074","stream":true,"stream_options":{"include_usage":true},"max_tokens":5,
"max_completion_tokens":9,"messages":[],"metadata":{"session_id":"s-1","repository":"r","path":"p"}})",
                                  {{"demarc-path", "q"}, {"anthropic-beta", "tools-2024-05-16"}, {"anthropic-odd", "a@b"}});
  EXPECT_EQ(request->model, "gpt");
  EXPECT_TRUE(request->stream);
  EXPECT_TRUE(request->include_usage);
  EXPECT_EQ(request->max_output_tokens, 9);
  EXPECT_EQ(request->conversation, "s-1");
  EXPECT_EQ(request->repository, "r");
  EXPECT_EQ(request->path, "q");
  EXPECT_EQ(request->forward_headers.size(), 1U);
}

TEST(Facts, TellFimFromCompletionByItsSuffix) {
  EXPECT_EQ(must_parse("openai.completions", R"({"prompt":"a","suffix":"b"})")->operation, Operation::fim);
  EXPECT_EQ(must_parse("openai.completions", R"({"prompt":"a","suffix":""})")->operation, Operation::completion);
}

TEST(Refused, IsWhatIsNoJsonOrCouldBeReadTwoWays) {
  std::string deep = R"({"messages":[],"x":)" + std::string(64, '[') + std::string(64, ']') + "}";
  for (const std::string& body : std::vector<std::string>{
           "",
           " ",
           "{",
           "[]",
           "null",
           "\"x\"",
           "{}",
           "{\"messages\":[]} x",
           "{\"messages\":[]}}",
           "{\"messages\":[],}",
           "{\"messages\":[1]}",
           "{\"messages\":{}}",
           "{\"messages\":\"x\"}",
           "{\"messages\":[\"x\"]}",
           "{\"messages\":[[{\"role\":\"user\"}]]}",
           "{messages:[]}",
           "{\"messages\":[],\"messages\":[]}",
           "{\"model\":\"a\",\"messages\":[],\"mod\\u0065l\":\"b\"}",
           "{\"messages\":[{\"role\":\"user\",\"role\":\"system\"}]}",
           "{\"messages\":[],\"x\":{\"a\":1,\"a\":2}}",
           "{\"messages\":[],\"stream\":1}",
           "{\"messages\":[],\"stream\":\"true\"}",
           "{\"messages\":[],\"stream_options\":\"x\"}",
           "{\"messages\":[],\"stream_options\":[{}]}",
           "{\"messages\":[],\"stream_options\":true}",
           "{\"messages\":[],\"model\":7}",
           "{\"messages\":[],\"model\":[\"a\"]}",
           "{\"messages\":[],\"max_tokens\":1.5}",
           "{\"messages\":[],\"max_tokens\":-1}",
           "{\"messages\":[],\"x\":01}",
           "{\"messages\":[],\"x\":1.}",
           "{\"messages\":[],\"x\":.5}",
           "{\"messages\":[],\"x\":+1}",
           "{\"messages\":[],\"x\":1e}",
           "{\"messages\":[],\"x\":nul}",
           "{\"messages\":[],\"x\":truee}",
           "{\"messages\":[],\"x\":NaN}",
           "{\"messages\":[],\"x\":\"\\x\"}",
           "{\"messages\":[],\"x\":\"\\u12g4\"}",
           "{\"messages\":[],\"x\":\"a\nb\"}",
           "{\"messages\":[],\"x\":\"\xff\"}",
           "{\"messages\":[],\"x\":\"\xed\xa0\x80\"}",
           "{\"messages\":[] \"x\":1}",
           "{\"messages\":[],\"x\" 1}",
           "{\"messages\":[],\"x\":\"a\"\"b\"}",
           "{\"messages\":[],\"x\":\"a\":1}",
           "{\"messages\":[],\"x\":1 2}",
           "{\"messages\":[},\"x\":[}",
           "\xef\xbb\xbf{\"messages\":[]}",
           deep,
       }) {
    EXPECT_NE(refusal("openai.chat", body), "") << body;
  }
}

TEST(Refused, SaysWhere) {
  EXPECT_EQ(refusal("openai.chat", R"({"messages":["x"]})"), "messages[0]: expected an object");
  EXPECT_EQ(refusal("openai.chat", R"({"model":"m"})"), "messages: required");
  EXPECT_EQ(refusal("openai.chat", R"({"messages":[],"a":1,"a":2})"), "invalid JSON at byte 21: a key stands twice in one object");
  EXPECT_EQ(refusal("openai.completions", R"({"model":"m"})"), "prompt: required");
}

TEST(Refused, HoldsNothingOfTheContents) {
  EXPECT_EQ(refusal("openai.chat", R"({"messages":[],"Ann Smith":{"x":"\q"}})").find("Ann"), std::string::npos);
}

TEST(Limits, BoundPartsAndNames) {
  std::string body = R"({"messages":[],"x":[)";
  for (int i = 0; i < 30; ++i) body += "\"a\",";
  body += "1]}";
  body.reserve(body.size() + 64);
  HttpRequest http{.body = body};
  http.body.reserve(body.size() + 64);
  EXPECT_FALSE(parse(*dialect_named("openai.chat"), std::move(http), {.parts = 20}));
  EXPECT_NE(refusal("openai.chat", R"({"messages":[],"model":")" + std::string(600, 'm') + "\"}"), "");
}

TEST(Limits, KeepPathsShortHoweverDeepTheBody) {
  std::string body = R"({"messages":[],"x":)";
  for (int i = 0; i < 50; ++i) body += R"({"properties":)";
  body += "\"leaf\"" + std::string(51, '}');
  const auto request = must_parse("openai.chat", body);
  EXPECT_LT(request->parts.back().path.size(), 200U);
}

// What leaves

TEST(Forward, PassesByteForByteWhatNobodyEdits) {
  const std::string chat = R"( {"model":"m" , "unknown" : {"x":[1e2,"\u00e9\ud800"]},"messages":[{"role":"user","content":"hi"}]} )";
  EXPECT_EQ(to_upstream(*must_parse("openai.chat", chat), {}, Provider::openai, "m")->body, chat);
  const std::string messages = R"({"model":"m","stream":true,"new":[null],"messages":[{"role":"user","content":"hi"}]})";
  EXPECT_EQ(to_upstream(*must_parse("anthropic.messages", messages), {}, Provider::anthropic, "m")->body, messages);
  const std::string vectors = R"({"input":["a"],"model":"m","encoding_format":"base64"})";
  EXPECT_EQ(to_upstream(*must_parse("openai.embeddings", vectors), {}, Provider::openai, "m")->body, vectors);
  const std::string fim = R"({"prompt":"a","suffix":"b","model":"m"})";
  EXPECT_EQ(to_upstream(*must_parse("openai.completions", fim), {}, Provider::openai, "m")->body, fim);
}

TEST(Forward, AsksForUsageInEveryStream) {
  struct Case {
    const char* options;
    const char* expected;
  };
  for (const Case& c : {
           Case{"", R"({"stream_options":{"include_usage":true},"stream":true,"model":"m","messages":[]})"},
           Case{R"("stream_options":null,)", R"({"stream_options":{"include_usage":true},"stream":true,"model":"m","messages":[]})"},
           Case{R"("stream_options":{ },)", R"({"stream_options":{"include_usage":true },"stream":true,"model":"m","messages":[]})"},
           Case{R"("stream_options":{"include_usage":false},)",
                R"({"stream_options":{"include_usage":true},"stream":true,"model":"m","messages":[]})"},
           Case{R"("stream_options":{"x":1},)", R"({"stream_options":{"include_usage":true,"x":1},"stream":true,"model":"m","messages":[]})"},
       }) {
    const auto request = must_parse("openai.chat", std::string("{") + c.options + R"("stream":true,"model":"m","messages":[]})");
    EXPECT_EQ(to_upstream(*request, {}, Provider::openai, "m")->body, c.expected);
    EXPECT_EQ(to_upstream(*request, {}, Provider::mistral, "m")->body, request->body);
  }
}

TEST(Forward, PutsTheUpstreamsModelIn) {
  EXPECT_EQ(to_upstream(*must_parse("openai.chat", R"({"model": "auto" ,"messages":[]})"), {}, Provider::openai, "a\"b")->body,
            R"({"model": "a\"b" ,"messages":[]})");
  EXPECT_EQ(to_upstream(*must_parse("openai.chat", R"({"messages":[]})"), {}, Provider::openai, "m")->body, R"({"model":"m","messages":[]})");
}

TEST(Forward, KeepsAnthropicsHeadersAndQuery) {
  std::string body = R"({"model":"m","messages":[]})";
  body.reserve(body.size() + 64);
  HttpRequest http{.method = "POST",
                   .target = "/v1/messages?beta=true",
                   .headers = {{"anthropic-version", "2024-01-01"}, {"anthropic-beta", "a,b"}, {"x-api-key", "k"}},
                   .body = body};
  http.body.reserve(body.size() + 64);
  const auto request = parse(*find_dialect("POST", http.path()), std::move(http));
  const auto out = to_upstream(**request, {}, Provider::anthropic, "m");
  EXPECT_EQ(out->target, "/messages?beta=true");
  EXPECT_EQ(out->headers.get("anthropic-version"), "2024-01-01");
  EXPECT_EQ(out->headers.get("anthropic-beta"), "a,b");
  EXPECT_FALSE(out->headers.find("x-api-key"));
}

TEST(Table, HasAnEntryForEveryPath) {
  EXPECT_EQ(find_dialect("GET", "/v1/chat/completions"), nullptr);
  EXPECT_EQ(find_dialect("POST", "/v1/nothing"), nullptr);
  for (const Dialect& dialect : all_dialects()) EXPECT_EQ(find_dialect("POST", dialect.path), &dialect);
  EXPECT_TRUE(can_speak("openai.chat", Provider::anthropic));
  EXPECT_FALSE(can_speak("openai.embeddings", Provider::anthropic));
  EXPECT_FALSE(can_speak("openai.chat", Provider::bedrock));
}

}  // namespace
}  // namespace demarc::dialect
