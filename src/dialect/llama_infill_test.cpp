#include "dialect/llama_infill.hpp"

#include <gtest/gtest.h>

namespace demarc::dialect {
namespace {

std::unique_ptr<Request> fim(std::string body) {
  HttpRequest http{.method = "POST", .target = "/v1/completions", .headers = {{"content-type", "application/json"}}, .body = std::move(body)};
  http.body.reserve(http.body.size() + 64);
  return std::move(*parse(*find_dialect("POST", "/v1/completions"), std::move(http)));
}

TEST(LlamaInfill, AsksWithPrefixAndSuffix) {
  const auto request = fim(R"({"model":"m","prompt":"def f(","suffix":"):","max_tokens":7,"temperature":0.5})");
  EXPECT_EQ(request->operation, Operation::fim);
  EXPECT_EQ(llama_infill::request(*request, {})->body,
            R"({"input_prefix":"def f(","input_suffix":"):","n_predict":7,"stream":false,"cache_prompt":true,"temperature":0.5})");
}

TEST(LlamaInfill, ReadsAWholeAnswerAsACompletion) {
  const auto request = fim(R"({"prompt":"a","suffix":"b"})");
  const auto reply = llama_infill::make_translator(*request, "cmpl-1", {})
                         ->read_whole(200, {{"content-type", "application/json"}},
                                      R"({"content":"x","stop":true,"stop_type":"limit","model":"m","tokens_predicted":3,"tokens_evaluated":5})");
  ASSERT_TRUE(reply.ok());
  EXPECT_EQ(reply->texts.at(0).text, "x");
  EXPECT_EQ(reply->finish, FinishReason::length);
  EXPECT_EQ(reply->usage->output_tokens, 3);
}

TEST(LlamaInfill, EndsTheStreamAfterThePieceThatSaysStopHoweverItIsCut) {
  const auto request = fim(R"({"prompt":"a","suffix":"b","stream":true})");
  const std::string stream =
      "data: {\"content\":\"x\",\"stop\":false}\n\ndata: "
      "{\"content\":\"y\",\"stop\":true,\"stop_type\":\"eos\",\"tokens_predicted\":2,\"tokens_evaluated\":5}\n\n";
  for (std::size_t cut = 0; cut <= stream.size(); ++cut) {
    const auto translator = llama_infill::make_translator(*request, "cmpl-1", {});
    std::vector<Chunk> chunks;
    ASSERT_TRUE(translator->feed_stream(stream.substr(0, cut), chunks).ok());
    ASSERT_TRUE(translator->feed_stream(stream.substr(cut), chunks).ok());
    std::string text;
    for (const Chunk& chunk : chunks)
      for (const Delta& delta : chunk.deltas) text += delta.text;
    EXPECT_EQ(text, "xy");
    EXPECT_TRUE(translator->clean_end());
  }
}

TEST(LlamaInfill, RefusesAPromptThatIsNoString) {
  EXPECT_EQ(llama_infill::request(*fim(R"({"prompt":["a","b"],"suffix":"c"})"), {}).error().param, "prompt");
}

}  // namespace
}  // namespace demarc::dialect
