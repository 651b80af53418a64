#include "dialect/openai_chat.hpp"

#include <gtest/gtest.h>

#include "core/encode_part.hpp"
#include "dialect/dialect.hpp"
#include "dialect/printer.hpp"
#include "dialect/translator.hpp"

namespace demarc::dialect {
namespace {

std::unique_ptr<Request> must_parse(std::string body) {
  body.reserve(body.size() + 64);
  HttpRequest http{.method = "POST", .target = "/v1/chat/completions", .body = std::move(body)};
  auto request = parse(*find_dialect("POST", "/v1/chat/completions"), std::move(http));
  if (!request) ADD_FAILURE() << request.error().message;
  return std::move(request).value();
}

TEST(OpenAiChat, ForwardsByteForByteWhatNobodyEdits) {
  const std::string body = R"( {"model":"m" , "unknown" : {"x":[1e2,"\u00e9"]},"messages":[{"role":"user","content":"hi"}]} )";
  const auto request = must_parse(body);
  EXPECT_EQ(to_upstream(*request, {}, Provider::openai, "m")->body, body);
}

TEST(OpenAiChat, AsksForUsageInAStreamThatDidNot) {
  const auto request = must_parse(R"({"model":"m","stream":true,"messages":[{"role":"user","content":"hi"}]})");
  EXPECT_EQ(to_upstream(*request, {}, Provider::openai, "n")->body,
            R"({"stream_options":{"include_usage":true},"model":"n","stream":true,"messages":[{"role":"user","content":"hi"}]})");
}

TEST(OpenAiChat, MakesAPartOfEveryString) {
  const auto request = must_parse(
      R"({"model":"m","user":"u-1","messages":[{"content":"a\nb","role":"user"},{"role":"assistant","tool_calls":[{"id":"call_1","type":"function","function":{"name":"f","arguments":"{\"k\":1}"}}]}]})");
  ASSERT_EQ(request->parts.size(), 4U);
  EXPECT_EQ(request->parts[0].text, "u-1");
  EXPECT_EQ(request->parts[1].text, "a\nb");
  EXPECT_EQ(request->parts[1].role, Role::user);
  EXPECT_EQ(request->parts[1].path, "messages[0].content");
  EXPECT_EQ(request->parts[3].text, "{\"k\":1}");
  EXPECT_EQ(request->parts[3].encoding, Encoding::json_document);
  EXPECT_EQ(request->parts[3].kind, PartKind::tool);
}

TEST(OpenAiChat, ReadsAStream) {
  const auto request = must_parse(R"({"model":"m","stream":true,"messages":[]})");
  auto translator = make_translator(*request, Provider::openai);
  std::vector<Chunk> chunks;
  ASSERT_TRUE(translator->feed_stream(
      "data: {\"id\":\"c\",\"model\":\"x\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"hi\"}}]}\n\ndata: [DONE]\n\n", chunks));
  ASSERT_EQ(chunks.size(), 2U);
  EXPECT_EQ(chunks[0].deltas.at(0).text, "hi");
  EXPECT_TRUE(translator->clean_end());
  auto printer = make_printer(*request, Provider::openai, {});
  std::string out;
  printer->print_chunk(chunks[0], {"ho"}, out);
  printer->print_chunk(chunks[1], {}, out);
  printer->print_end("{}", out);
  EXPECT_EQ(
      out,
      "data: {\"id\":\"c\",\"model\":\"x\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"ho\"}}]}\n\n: demarc-receipt {}\n\ndata: [DONE]\n\n");
}

}  // namespace
}  // namespace demarc::dialect
