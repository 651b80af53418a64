// Replays recorded-shape exchanges: any cut of the stream gives the same chunks, and what nobody edits is printed as it came.
#include "dialect/json/tree.hpp"
#include "dialect/testing.hpp"

namespace demarc::dialect {
namespace {

using testing::golden;
using testing::in_words;
using testing::must_parse;
using testing::print_all;
using testing::read_stream;

struct Golden {
  const char* file;
  const char* dialect;
  Provider provider;
  std::vector<std::string> chunks;  // in words
};

std::unique_ptr<Request> asking(std::string_view dialect) {
  if (dialect == "openai.completions")
    return must_parse(dialect, R"({"model":"m","prompt":"x","stream":true,"stream_options":{"include_usage":true}})");
  if (dialect == "openai.transcriptions") {
    return must_parse(dialect, "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.wav\"\r\n\r\nRIFF\r\n--b--\r\n",
                      {{"content-type", "multipart/form-data; boundary=b"}});
  }
  return must_parse(dialect, R"({"model":"m","max_tokens":9,"messages":[],"stream":true,"stream_options":{"include_usage":true}})");
}

std::vector<Golden> goldens() {
  return {
      {"openai_chat_text.sse",
       "openai.chat",
       Provider::openai,
       {"lifecycle", "content text0.0=Hel", "content text0.0=lo 😀 “", "content text0.0=x”\n\"q\"", "finish closes text0.0 stop",
        "usage in 19 out 10", "end"}},
      {"openai_chat_tools_interleaved.sse",
       "openai.chat",
       Provider::openai,
       {"lifecycle", "content start arguments0.0=call_a/get_weather", "content arguments0.0={\"city\":\"",
        "content start arguments0.1=call_b/get_time", "content arguments0.1={\"tz\":", "content arguments0.0=São \\\"Paulo\\\"\\nline\",\"em",
        "content start arguments0.2=call_c/noop", "content arguments0.1=\"Europe/", "content arguments0.0=oji\":\"\\ud83d\\ude00 😀\"}",
        "content arguments0.1=Paris\"}", "content arguments0.2={}", "finish closes arguments0.0 closes arguments0.1 closes arguments0.2 tool_calls",
        "usage in 19 out 10", "end"}},
      {"openai_chat_split_emoji.sse",
       "openai.chat",
       Provider::openai,
       {"content text0.0=a", "content text0.0=😀bé/", "finish closes text0.0 stop", "end"}},
      {"openai_chat_refusal.sse",
       "openai.chat",
       Provider::openai,
       {"lifecycle", "content refusal0.0=I can", "content refusal0.0=not help.", "finish closes refusal0.0 stop", "end"}},
      {"openai_chat_error.sse", "openai.chat", Provider::openai, {"lifecycle", "content text0.0=Hi", "error 502 The server had an error"}},
      {"llama_server_chat.sse",
       "openai.chat",
       Provider::openai,
       {"lifecycle", "content reasoning0.0=Let me", "content reasoning0.0= think", "content text0.0=Four closes reasoning0.0", "content text0.0=.",
        "finish closes text0.0 stop", "usage in 12 out 5", "end"}},
      {"llama_server_chat_crlf.sse", "openai.chat", Provider::openai, {"content text0.0=Four", "finish closes text0.0 stop", "end"}},
      {"openai_completions.sse",
       "openai.completions",
       Provider::openai,
       {"content text0.0=def ", "content text0.0=f():\n", "finish closes text0.0 stop", "usage in 5 out 3", "end"}},
      {"openai_transcription.sse",
       "openai.transcriptions",
       Provider::openai,
       {"content text0.0=Hello ", "content text0.0=there", "end text0.1=Hello there closes text0.0 closes text0.1 stop in 14 out 2"}},
      {"anthropic_text.sse",
       "anthropic.messages",
       Provider::anthropic,
       {"lifecycle in 602 out 2", "lifecycle", "ping", "content text0.0=Hello", "content text0.0=, “you” 😀\n", "lifecycle closes text0.0",
        "finish stop in 602 out 89", "end"}},
      {"anthropic_tools.sse",
       "anthropic.messages",
       Provider::anthropic,
       {"lifecycle in 602 out 2", "lifecycle", "ping", "content text0.0=Okay,", "content text0.0= let me check", "lifecycle closes text0.0",
        "content start arguments0.1=toolu_01T1x1fJ34qAmk2tNTrN7Up6/get_weather", "lifecycle", "content arguments0.1={\"location\": \"San",
        "content arguments0.1= \\\"Fran\\\"\\n\\ud83d", "content arguments0.1=\\ude00\"}", "lifecycle closes arguments0.1",
        "content start arguments0.2=toolu_02/get_time", "content arguments0.2={\"tz\":\"PST\"}", "lifecycle closes arguments0.2",
        "finish tool_calls in 602 out 89", "end"}},
      {"anthropic_thinking.sse",
       "anthropic.messages",
       Provider::anthropic,
       {"lifecycle in 602 out 2", "lifecycle", "content reasoning0.0=Let me solve", "content reasoning0.0= this", "lifecycle",
        "lifecycle closes reasoning0.0", "lifecycle", "content text0.1=27 * 453", "content text0.1= = 12231", "lifecycle closes text0.1",
        "finish length in 600 out 120", "end"}},
      {"anthropic_error.sse",
       "anthropic.messages",
       Provider::anthropic,
       {"lifecycle in 602 out 2", "lifecycle", "content text0.0=Hi", "error 529 Overloaded"}},
      {"anthropic_server_tool.sse",
       "anthropic.messages",
       Provider::anthropic,
       {"lifecycle in 602 out 2", "content", "content", "lifecycle", "content", "lifecycle", "lifecycle", "content text0.2=found",
        "lifecycle closes text0.2", "finish stop in 602 out 89", "end"}},
  };
}

std::vector<std::string> all_in_words(const std::vector<Chunk>& chunks) {
  std::vector<std::string> out;
  for (const Chunk& chunk : chunks) out.push_back(in_words(chunk));
  return out;
}

class GoldenStream : public ::testing::TestWithParam<Golden> {};

TEST_P(GoldenStream, IsUnderstood) {
  const auto request = asking(GetParam().dialect);
  EXPECT_EQ(all_in_words(read_stream(*request, GetParam().provider, golden(GetParam().file))), GetParam().chunks);
}

TEST_P(GoldenStream, GivesTheSameChunksForEveryCut) {
  const auto request = asking(GetParam().dialect);
  const std::string bytes = golden(GetParam().file);
  for (std::size_t cut = 1; cut < bytes.size(); ++cut) {
    const auto translator = make_translator(*request, GetParam().provider);
    std::vector<Chunk> chunks;
    ASSERT_TRUE(translator->feed_stream(std::string_view(bytes).substr(0, cut), chunks));
    ASSERT_TRUE(translator->feed_stream(std::string_view(bytes).substr(cut), chunks));
    ASSERT_EQ(all_in_words(chunks), GetParam().chunks) << "cut at " << cut;
  }
}

TEST_P(GoldenStream, GivesTheSameChunksInPiecesOfAnySize) {
  const auto request = asking(GetParam().dialect);
  const std::string bytes = golden(GetParam().file);
  for (std::size_t size = 1; size <= 20; ++size)
    ASSERT_EQ(all_in_words(read_stream(*request, GetParam().provider, bytes, size)), GetParam().chunks) << "pieces of " << size;
}

TEST_P(GoldenStream, IsPrintedAsItCameInItsOwnDialect) {
  const auto request = asking(GetParam().dialect);
  const std::string bytes = golden(GetParam().file);
  std::string expected = bytes;  // but for comments and the form of line ends
  std::erase(expected, '\r');
  if (expected.starts_with(": keep-alive\n\n")) expected.erase(0, 14);
  EXPECT_EQ(print_all(*request, GetParam().provider, read_stream(*request, GetParam().provider, bytes)), expected);
}

TEST_P(GoldenStream, EndsCleanlyExactlyIfItDid) {
  const auto request = asking(GetParam().dialect);
  const auto translator = make_translator(*request, GetParam().provider);
  const std::string bytes = golden(GetParam().file);
  std::vector<Chunk> chunks;
  ASSERT_TRUE(translator->feed_stream(std::string_view(bytes).substr(0, bytes.size() - 3), chunks));
  EXPECT_FALSE(translator->clean_end());
  ASSERT_TRUE(translator->feed_stream(std::string_view(bytes).substr(bytes.size() - 3), chunks));
  EXPECT_EQ(translator->clean_end(), !GetParam().chunks.back().starts_with("error"));
}

INSTANTIATE_TEST_SUITE_P(Dialects, GoldenStream, ::testing::ValuesIn(goldens()), [](const auto& param) {
  std::string name(param.param.file);
  return name.substr(0, name.find('.'));
});

TEST(GoldenWhole, IsPrintedAsItCameInItsOwnDialect) {
  struct Case {
    const char* file;
    const char* dialect;
    Provider provider;
  };
  for (const Case& c :
       {Case{"openai_chat_whole.json", "openai.chat", Provider::openai}, Case{"anthropic_whole.json", "anthropic.messages", Provider::anthropic}}) {
    const auto request = asking(c.dialect);
    const auto reply = make_translator(*request, c.provider)->read_whole(200, {{"content-type", "application/json"}}, golden(c.file));
    ASSERT_TRUE(reply) << c.file;
    EXPECT_EQ(make_printer(*request, c.provider, {})->print_whole(*reply, {}).body, golden(c.file));
  }
}

TEST(GoldenWhole, LetsEveryTextBeChangedAndNothingElse) {
  const auto request = asking("openai.chat");
  const auto reply = make_translator(*request, Provider::openai)->read_whole(200, {}, golden("openai_chat_whole.json"));
  ASSERT_EQ(reply->texts.size(), 3U);
  const OutgoingReply out =
      make_printer(*request, Provider::openai, {.served_model = "mine"})->print_whole(*reply, {"A\"", "{}", reply->texts[2].text});
  std::string expected = golden("openai_chat_whole.json");
  const auto replace = [&](const std::string& from, const std::string& to) { expected.replace(expected.find(from), from.size(), to); };
  replace("\"gpt-5-mini-2025-08-07\"", "\"mine\"");
  replace("\"Checking “it” 😀\"", "\"A\\\"\"");
  const std::string text = reply->body.substr(reply->texts[1].span.begin, reply->texts[1].span.size());
  replace(text, "\"{}\"");
  EXPECT_EQ(out.body, expected);
}

TEST(GoldenWhole, TakesUsageApartIntoDisjointBuckets) {
  const auto openai = make_translator(*asking("openai.chat"), Provider::openai)->read_whole(200, {}, golden("openai_chat_whole.json"));
  EXPECT_EQ(openai->usage->input_tokens, 15);
  EXPECT_EQ(openai->usage->cached_input_tokens, 4);
  EXPECT_EQ(openai->usage->output_tokens, 7);
  EXPECT_EQ(openai->usage->reasoning_tokens, 3);
  const auto chunks = read_stream(*asking("anthropic.messages"), Provider::anthropic, golden("anthropic_text.sse"));
  const Usage& usage = *chunks[chunks.size() - 2].usage;
  EXPECT_EQ(usage.input_tokens, 472);
  EXPECT_EQ(usage.cached_input_tokens, 100);
  EXPECT_EQ(usage.cache_write_tokens, 10);
  EXPECT_EQ(usage.cache_write_1h_tokens, 20);
  EXPECT_EQ(usage.output_tokens, 89);
}

TEST(GoldenWhole, LeavesUsageUnknownThatNobodyTold) {
  const auto reply = make_translator(*asking("openai.chat"), Provider::openai)->read_whole(200, {}, R"({"choices":[]})");
  EXPECT_FALSE(reply->usage.has_value());
}

TEST(GoldenWhole, ReadsAnEmbeddingWithoutItsVectors) {
  const auto request = must_parse("openai.embeddings", R"({"model":"m","input":"x"})");
  const auto reply = make_translator(*request, Provider::openai)->read_whole(200, {}, golden("openai_embeddings.json"));
  EXPECT_EQ(reply->usage->input_tokens, 8);
  EXPECT_EQ(reply->model, "text-embedding-3-small");
  std::string expected = golden("openai_embeddings.json");
  expected.replace(expected.find("text-embedding-3-small"), 22, "minilm");
  EXPECT_EQ(make_printer(*request, Provider::openai, {.served_model = "minilm"})->print_whole(*reply, {}).body, expected);
}

TEST(Stream, LeavesOutUsageThatTheClientDidNotAskFor) {
  const auto request = must_parse("openai.chat", R"({"messages":[],"stream":true})");
  const std::string out = print_all(*request, Provider::openai, read_stream(*request, Provider::openai, golden("llama_server_chat.sse")));
  EXPECT_EQ(out.find("\"usage\""), std::string::npos);
  EXPECT_NE(out.find("[DONE]"), std::string::npos);
}

TEST(Stream, PutsTheReceiptDirectlyBeforeTheEnd) {
  const auto request = asking("anthropic.messages");
  const auto printer = make_printer(*request, Provider::anthropic, {});
  std::string out;
  for (const Chunk& chunk : read_stream(*request, Provider::anthropic, golden("anthropic_text.sse"))) printer->print_chunk(chunk, {}, out);
  EXPECT_EQ(out.find("message_stop"), std::string::npos);
  out.clear();
  printer->print_end("{\"usd\":\"0\"}", out);
  EXPECT_EQ(out, ": demarc-receipt {\"usd\":\"0\"}\n\nevent: message_stop\ndata: {\"type\":\"message_stop\"}\n\n");
}

TEST(Stream, HasNoEndIfTheUpstreamHadNone) {
  for (const auto& [dialect, provider, file] :
       {std::tuple{"openai.chat", Provider::openai, "openai_chat_error.sse"}, std::tuple{"openai.chat", Provider::anthropic, "anthropic_error.sse"},
        std::tuple{"anthropic.messages", Provider::anthropic, "anthropic_error.sse"},
        std::tuple{"anthropic.messages", Provider::openai, "openai_chat_error.sse"}}) {
    const auto request = asking(dialect);
    const std::string out = print_all(*request, provider, read_stream(*request, provider, golden(file)), {.id = "req_1"});
    EXPECT_EQ(out.find("[DONE]"), std::string::npos);
    EXPECT_EQ(out.find("message_stop"), std::string::npos);
    EXPECT_EQ(out.find("\"finish_reason\":\"stop\""), std::string::npos);
    EXPECT_NE(out.find("\"error\""), std::string::npos);
  }
}

TEST(Stream, ClosesAtItsEndWhatNobodyFinished) {
  for (const auto& [dialect, event] : {std::pair("openai.chat", R"({"choices":[{"index":0,"delta":{"content":"hi"}}]})"),
                                       std::pair("openai.completions", R"({"choices":[{"index":0,"text":"hi"}]})")}) {
    const auto request = asking(dialect);
    const auto chunks = read_stream(*request, Provider::openai, "data: " + std::string(event) + "\n\ndata: [DONE]\n\n");
    ASSERT_EQ(chunks.size(), 2U);
    EXPECT_EQ(chunks[1].closed, (std::vector<Channel>{{ChannelKind::text, 0, 0}})) << dialect;
  }
}

TEST(Stream, GivesHeldBackTextOutBeforeItsChannelCloses) {
  const auto request = asking("anthropic.messages");
  const auto printer = make_printer(*request, Provider::anthropic, {});
  std::string out;
  for (const Chunk& chunk : read_stream(*request, Provider::anthropic, golden("anthropic_text.sse"))) {
    std::vector<std::string> texts;
    for (const Delta& delta : chunk.deltas) texts.push_back(delta.text);
    for (const Channel& channel : chunk.closed) print_held(*printer, chunk, channel, "!", texts, out);
    printer->print_chunk(chunk, texts, out);
  }
  const std::size_t held = out.find(R"({"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"!"}})");
  EXPECT_LT(held, out.find("content_block_stop"));
}

TEST(Stream, RefusesAnEventOverItsLimit) {
  const auto translator = make_translator(*asking("openai.chat"), Provider::openai);
  std::vector<Chunk> chunks;
  const auto result = translator->feed_stream("data: \"" + std::string(5 * 1024 * 1024, 'x'), chunks);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::upstream_failed);
}

TEST(Stream, RefusesAnEventThatIsNotJson) {
  const auto translator = make_translator(*asking("openai.chat"), Provider::openai);
  std::vector<Chunk> chunks;
  EXPECT_FALSE(translator->feed_stream("data: {\"choices\":[}\n\n", chunks));
}

}  // namespace
}  // namespace demarc::dialect
