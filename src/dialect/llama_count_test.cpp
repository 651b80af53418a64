#include "dialect/llama_count.hpp"

#include "dialect/testing.hpp"

namespace demarc::dialect {
namespace {

using testing::must_parse;

TEST(LlamaCount, AsksWithAChatAsItWouldGoToTheEngine) {
  const auto call = llama_count::request(*must_parse("openai.chat", R"({"model":"auto","messages":[{"role":"user","content":"hi"}],"x":1})"), "m");
  EXPECT_EQ(call->target, "/v1/chat/completions/input_tokens");
  EXPECT_EQ(call->body, R"({"model":"m","messages":[{"role":"user","content":"hi"}],"x":1})");
}

TEST(LlamaCount, AsksWithAnthropicsMessagesInTheEnginesDialect) {
  const auto call =
      llama_count::request(*must_parse("anthropic.messages", R"({"model":"a","max_tokens":5,"messages":[{"role":"user","content":"hi"}]})"), "m");
  EXPECT_NE(call->body.find(R"("content":"hi")"), std::string::npos);
  EXPECT_EQ(call->target, "/v1/chat/completions/input_tokens");
}

TEST(LlamaCount, AsksWithPromptAndSuffixOfACompletion) {
  const auto call = llama_count::request(*must_parse("openai.completions", R"({"model":"a","prompt":"one ","suffix":"two","user":"no"})"), "m");
  EXPECT_EQ(call->target, "/tokenize");
  EXPECT_EQ(call->body, R"({"content":"one two","add_special":true})");
}

TEST(LlamaCount, AsksWithTheLongestTextOfEmbeddings) {
  const auto call = llama_count::request(*must_parse("openai.embeddings", R"({"model":"a","input":["short","longer one","mid"]})"), "m");
  EXPECT_EQ(call->body, R"({"content":"longer one","add_special":true})");
}

TEST(LlamaCount, ReadsBothAnswersAndNothingElse) {
  EXPECT_EQ(llama_count::read(R"({"input_tokens":31,"object":"response.input_tokens"})"), 31);
  EXPECT_EQ(llama_count::read(R"({"tokens":[14990,1052]})"), 2);
  EXPECT_EQ(llama_count::read(R"({"error":{"message":"no"}})"), std::nullopt);
  EXPECT_EQ(llama_count::read("busy"), std::nullopt);
}

}  // namespace
}  // namespace demarc::dialect
