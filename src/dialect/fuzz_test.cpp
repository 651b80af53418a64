// Mutated requests, answers and streams from fixed seeds: nothing crashes or reads past its bytes (the asan build sees that), and what is accepted
// keeps its promises.
#include <random>

#include "base/strings.hpp"
#include "dialect/testing.hpp"

namespace demarc::dialect {
namespace {

using testing::golden;
using testing::must_parse;
using testing::parse_as;

constexpr int kRounds = 1500;  // per seed text

std::string mutated(std::string text, std::mt19937& random) {
  static const std::vector<std::string> kPieces = {"\"",      "\\",       "{",  "}",     "[",         "]",    ",",      ":",     "\\u",
                                                   "\\ud83d", "null",     "1e", "-",     "\n",        "\r\n", "data: ", "--b-1", std::string(1, '\0'),
                                                   "\xff",    "\xf0\x9f", "😀", "model", "0123456789"};
  const int changes = 1 + static_cast<int>(random() % 4);
  for (int i = 0; i < changes && !text.empty(); ++i) {
    const std::size_t at = random() % text.size();
    switch (random() % 5) {
      case 0: text.erase(at, 1 + random() % 8); break;
      case 1: text.insert(at, kPieces[random() % kPieces.size()]); break;
      case 2: text[at] = static_cast<char>(random()); break;
      case 3: text.insert(at, text.substr(random() % text.size(), random() % 30)); break;
      case 4: text.resize(at); break;
    }
  }
  text.shrink_to_fit();
  return text;
}

// Exactly the bytes and the padding that the server promises, so a read past them is seen.
std::string tight(const std::string& text) {
  std::string out;
  out.reserve(text.size() + 64);
  out += text;
  return out;
}

void check(const Request& request) {
  for (const Part& part : request.parts) {
    ASSERT_LE(part.span.begin, part.span.end);
    ASSERT_LE(part.span.end, request.body.size());
    if (part.encoding != Encoding::raw) ASSERT_TRUE(is_utf8(part.text));
  }
  const auto same = to_upstream(request, {}, request.dialect == "anthropic.messages" ? Provider::anthropic : Provider::openai, request.model);
  ASSERT_TRUE(same);
  if (request.model_span.size() != 0 && !request.stream && !request.has_unsigned_reasoning) ASSERT_EQ(same->body, request.body);
  for (const Provider provider : {Provider::openai, Provider::anthropic}) (void)to_upstream(request, {}, provider, "m");
}

TEST(Fuzz, RequestsAreReadOrRefused) {
  const std::vector<std::pair<std::string, std::string>> seeds = {
      {"openai.chat",
       R"({"model":"m","stream":true,"stream_options":{"include_usage":false},"max_tokens":10,"messages":[{"role":"user","content":[{"type":"text","text":"a\u00e9\n😀"},{"type":"image_url","image_url":{"url":"data:image/png;base64,AA=="}}]},{"role":"assistant","tool_calls":[{"id":"call_1","type":"function","function":{"name":"f","arguments":"{\"a\":1}"}}]},{"role":"tool","tool_call_id":"call_1","content":"r"}],"tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object"}}}],"metadata":{"session_id":"s"},"n":1})"},
      {"anthropic.messages",
       R"({"model":"m","max_tokens":10,"system":[{"type":"text","text":"s"}],"messages":[{"role":"user","content":[{"type":"image","source":{"type":"base64","media_type":"image/png","data":"AA=="}},{"type":"tool_result","tool_use_id":"toolu_1","content":[{"type":"text","text":"t"}]}]},{"role":"assistant","content":[{"type":"thinking","thinking":"h","signature":"c2ln"},{"type":"tool_use","id":"toolu_1","name":"f","input":{"a":[1234567,"x"]}}]}],"tools":[{"name":"f","input_schema":{"type":"object"}}]})"},
      {"openai.completions", R"({"model":"m","prompt":["a",1],"suffix":"b","stream":false})"},
      {"openai.embeddings", R"({"model":"m","input":["a","b\u0000"],"encoding_format":"base64"})"},
      {"cohere.rerank", R"({"model":"m","query":"q\n","documents":["a",{"text":"b"}],"top_n":1,"return_documents":true})"},
      {"mistral.classifications",
       R"({"model":"m","input":["a"],"labels":["x",{"name":"y","description":"d"}],"examples":[{"text":"t","label":"x"}]})"},
      {"openai.transcriptions",
       "--b-1\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nm\r\n--b-1\r\nContent-Disposition: form-data; name=\"file\"; "
       "filename=\"a.wav\"\r\nContent-Type: audio/wav\r\n\r\nRIFF\r\n--b-1--\r\n"},
  };
  std::mt19937 random(20261124);
  int accepted = 0;
  for (const auto& [dialect, text] : seeds) {
    for (int i = 0; i < kRounds; ++i) {
      const std::string body = mutated(text, random);
      const auto request = parse_as(dialect, tight(body), {{"content-type", "multipart/form-data; boundary=b-1"}});
      if (!request) continue;
      ++accepted;
      check(**request);
      if (HasFatalFailure()) FAIL() << body;
    }
  }
  EXPECT_GT(accepted, kRounds / 10);  // else the test would test nothing
}

TEST(Fuzz, AnswersAreReadOrRefused) {
  std::mt19937 random(7);
  const auto chat = must_parse("openai.chat", R"({"messages":[]})");
  const auto messages = must_parse("anthropic.messages", R"({"messages":[]})");
  for (const char* file : {"openai_chat_whole.json", "anthropic_whole.json", "openai_transcription_verbose.json"}) {
    const std::string text = golden(file);
    for (int i = 0; i < kRounds; ++i) {
      const std::string body = mutated(text, random);
      for (const Request* request : {chat.get(), messages.get()})
        for (const Provider provider : {Provider::openai, Provider::anthropic})
          if (const auto reply = make_translator(*request, provider)->read_whole(200, {}, tight(body)))
            (void)make_printer(*request, provider, {})->print_whole(*reply, {});
    }
  }
}

TEST(Fuzz, StreamsAreReadOrRefused) {
  std::mt19937 random(11);
  const auto chat = must_parse("openai.chat", R"({"messages":[],"stream":true})");
  const auto messages = must_parse("anthropic.messages", R"({"messages":[],"stream":true,"thinking":{"type":"enabled"}})");
  for (const char* file : {"openai_chat_tools_interleaved.sse", "anthropic_tools.sse", "anthropic_thinking.sse", "llama_server_chat.sse"}) {
    const std::string text = golden(file);
    for (int i = 0; i < kRounds / 4; ++i) {
      const std::string bytes = mutated(text, random);
      for (const Request* request : {chat.get(), messages.get()}) {
        for (const Provider provider : {Provider::openai, Provider::anthropic}) {
          const auto translator = make_translator(*request, provider);
          const auto printer = make_printer(*request, provider, {});
          std::vector<Chunk> chunks;
          (void)translator->feed_stream(bytes, chunks);
          std::string out;
          for (const Chunk& chunk : chunks) printer->print_chunk(chunk, {}, out);
          printer->print_end("{}", out);
        }
      }
    }
  }
}

}  // namespace
}  // namespace demarc::dialect
