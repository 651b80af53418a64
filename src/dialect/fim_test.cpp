#include "dialect/fim.hpp"

#include <gtest/gtest.h>

namespace demarc::dialect {
namespace {

using fim::Form;

std::unique_ptr<Request> ask(std::string_view path, std::string body) {
  HttpRequest http{.method = "POST", .target = std::string(path), .headers = {{"content-type", "application/json"}}, .body = std::move(body)};
  http.body.reserve(http.body.size() + 64);
  return std::move(*parse(*find_dialect("POST", path), std::move(http)));
}

constexpr std::string_view kCompletions = "/v1/completions", kMistral = "/v1/fim/completions", kInfill = "/infill";
// As llama.vim sends it.
constexpr std::string_view kVim =
    R"({"id_slot":0,"input_prefix":"import os\n","input_suffix":"\nend\n","input_extra":[{"text":"def f():\n","time":[7,81],"filename":"a/b.py"}],"prompt":"  x",)"
    R"("n_predict":256,"n_indent":2,"top_k":40,"top_p":0.99,"stream":false,"samplers":["top_k","infill"],"cache_prompt":true,"t_max_prompt_ms":500,)"
    R"("t_max_predict_ms":1000,"response_fields":["content","timings/prompt_n"]})";

std::string text_of(const std::vector<Chunk>& chunks) {
  std::string text;
  for (const Chunk& chunk : chunks)
    for (const Delta& delta : chunk.deltas) text += delta.text;
  return text;
}

TEST(Fim, AsksAnEngineWithPrefixAndSuffix) {
  const auto request = ask(kCompletions, R"({"model":"m","prompt":"def f(","suffix":"):","max_tokens":7,"temperature":0.5})");
  EXPECT_EQ(request->operation, Operation::fim);
  const auto call = fim::request(*request, {}, Form::infill, "m");
  EXPECT_EQ(call->target, "/infill");
  EXPECT_TRUE(call->body.starts_with(
      R"({"input_prefix":"def f(","input_suffix":"):","n_predict":7,"stream":false,"cache_prompt":true,"n_cache_reuse":64,"temperature":0.5,)"))
      << call->body;
}

TEST(Fim, AsksAnEngineAsLlamaVimDoesButForTheSlotWhichIsOursToChoose) {
  const auto request = ask(kInfill, std::string(kVim));
  EXPECT_EQ(request->operation, Operation::fim);
  EXPECT_EQ(request->max_output_tokens, 256);
  EXPECT_EQ(
      fim::request(*request, {}, Form::infill, "m")->body,
      R"({"input_prefix":"import os\n","input_suffix":"\nend\n","prompt":"  x","input_extra":[{"text":"def f():\n","filename":"a/b.py"}],)"
      R"("n_predict":256,"stream":false,"cache_prompt":true,"n_cache_reuse":64,"top_p":0.99,"top_k":40,"samplers":["top_k","infill"],"n_indent":2,)"
      R"("t_max_prompt_ms":500,"t_max_predict_ms":1000,"response_fields":["content","model","stop","stop_type","tokens_predicted",)"
      R"("tokens_evaluated","timings/cache_n","content","timings/prompt_n"]})");
}

TEST(Fim, ShowsThePolicyTheNamesOfAllFiles) {
  const auto request = ask(kInfill, R"({"input_prefix":"a","input_suffix":"b","metadata":{"path":"x.py","repository":"r"},)"
                                    R"("input_extra":[{"text":"1","filename":"y.py"},{"text":"2"},{"text":"3","filename":"z.py"}]})");
  EXPECT_EQ(request->path, "x.py");
  EXPECT_EQ(request->repository, "r");
  EXPECT_EQ(request->also_paths, (std::vector<std::string>{"y.py", "z.py"}));
}

TEST(Fim, TakesFewerThanNoTokensForAsManyAsThereIsRoomFor) {
  EXPECT_FALSE(ask(kInfill, R"({"input_prefix":"a","input_suffix":"b","n_predict":-1})")->max_output_tokens.has_value());
}

TEST(Fim, AsksMistralInItsOwnForm) {
  const auto request = ask(kCompletions, R"({"model":"m","prompt":"a","suffix":"b","max_tokens":9,"seed":3,"presence_penalty":1,"stream":true})");
  const auto call = to_upstream(*request, {}, Provider::mistral, "codestral");
  EXPECT_EQ(call->target, "/fim/completions");
  EXPECT_EQ(call->body, R"({"model":"codestral","prompt":"a","suffix":"b","max_tokens":9,"stream":true,"random_seed":3})");
}

TEST(Fim, PassesToMistralByteForByteWhatCameInItsForm) {
  const std::string body = R"({"model":"m","prompt":"a",  "suffix":"b","min_tokens":1})";
  EXPECT_EQ(to_upstream(*ask(kMistral, body), {}, Provider::mistral, "m")->body, body);
}

TEST(Fim, AsksOpenAiForWhatCameAsInfillAndJoinsTheLine) {
  const auto request = ask(kInfill, R"({"input_prefix":"a\n","input_suffix":"b","prompt":"x = ","n_predict":5,"input_extra":[]})");
  EXPECT_EQ(to_upstream(*request, {}, Provider::openai, "m")->body, R"({"model":"m","prompt":"a\nx = ","suffix":"b","max_tokens":5,"stream":false})");
}

TEST(Fim, DoesNotTakePiecesOfOtherFilesAnywhereButToAnEngine) {
  const auto call = to_upstream(*ask(kInfill, std::string(kVim)), {}, Provider::openai, "m");
  ASSERT_FALSE(call.ok());
  EXPECT_EQ(call.error().param, "input_extra");
}

TEST(Fim, RefusesAPromptThatIsNoString) {
  EXPECT_EQ(fim::request(*ask(kCompletions, R"({"prompt":["a","b"],"suffix":"c"})"), {}, Form::infill, "m").error().param, "prompt");
}

TEST(Fim, ReadsAnEnginesWholeAnswerForEachForm) {
  const std::string answer =
      R"({"content":"x","stop":true,"stop_type":"limit","model":"m","tokens_predicted":3,"tokens_evaluated":5,"timings/cache_n":2,"timings/prompt_n":3})";
  for (const auto& [path, body] : {std::pair{kCompletions, R"({"prompt":"a","suffix":"b"})"}, std::pair{kMistral, R"({"prompt":"a","suffix":"b"})"},
                                   std::pair{kInfill, R"({"input_prefix":"a","input_suffix":"b"})"}}) {
    const auto request = ask(path, body);
    const auto reply = fim::make_translator(*request, Form::infill, "cmpl-1", {})->read_whole(200, {{"content-type", "application/json"}}, answer);
    ASSERT_TRUE(reply.ok()) << path;
    EXPECT_EQ(reply->texts.at(0).text, "x") << path;
    EXPECT_EQ(reply->finish, FinishReason::length) << path;
    EXPECT_EQ(reply->usage->input_tokens, 3) << path;
    EXPECT_EQ(reply->usage->cached_input_tokens, 2) << path;
    EXPECT_EQ(reply->usage->output_tokens, 3) << path;
    EXPECT_EQ(path == kInfill, reply->body.find("timings/prompt_n") != std::string::npos) << path;
  }
}

struct Crossing {
  std::string_view path, body;
  Form upstream;
};

// Whatever upstream answers whatever client, and however its stream is cut, the client gets the same text, one finish, the usage and a clean end.
TEST(Fim, EndsEachStreamWithItsUsageHoweverItIsCut) {
  const std::string engine =
      "data: {\"content\":\"x\",\"stop\":false}\n\ndata: "
      "{\"content\":\"y\",\"stop\":true,\"stop_type\":\"eos\",\"tokens_predicted\":2,\"tokens_evaluated\":5}\n\n";
  const std::string openai =
      "data: {\"choices\":[{\"index\":0,\"text\":\"x\",\"finish_reason\":null}]}\n\ndata: "
      "{\"choices\":[{\"index\":0,\"text\":\"y\",\"finish_reason\":\"stop\"}]}\n\ndata: "
      "{\"choices\":[],\"usage\":{\"prompt_tokens\":5,\"completion_tokens\":2}}\n\ndata: [DONE]\n\n";
  const std::string mistral =
      "data: {\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"x\"},\"finish_reason\":null}]}\n\ndata: "
      "{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"y\"},\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":5,\"completion_tokens\":2}}"
      "\n\n"
      "data: [DONE]\n\n";
  const std::string_view asked = R"({"prompt":"a","suffix":"b","stream":true})", infill = R"({"input_prefix":"a","input_suffix":"b","stream":true})";
  for (const Crossing& each :
       {Crossing{kCompletions, asked, Form::infill}, Crossing{kMistral, asked, Form::infill}, Crossing{kInfill, infill, Form::infill},
        Crossing{kMistral, asked, Form::completions}, Crossing{kInfill, infill, Form::completions}, Crossing{kCompletions, asked, Form::mistral},
        Crossing{kInfill, infill, Form::mistral}}) {
    const auto request = ask(each.path, std::string(each.body));
    const std::string& stream = each.upstream == Form::infill ? engine : each.upstream == Form::mistral ? mistral : openai;
    for (std::size_t cut = 0; cut <= stream.size(); ++cut) {
      const auto translator = fim::make_translator(*request, each.upstream, "cmpl-1", {});
      std::vector<Chunk> chunks;
      ASSERT_TRUE(translator->feed_stream(stream.substr(0, cut), chunks).ok());
      ASSERT_TRUE(translator->feed_stream(stream.substr(cut), chunks).ok());
      EXPECT_EQ(text_of(chunks), "xy");
      EXPECT_TRUE(translator->clean_end());
      std::optional<Usage> usage;
      int finishes = 0;
      for (const Chunk& chunk : chunks) {
        if (chunk.usage) usage = chunk.usage;
        finishes += chunk.finish ? 1 : 0;
      }
      ASSERT_TRUE(usage);
      EXPECT_EQ(usage->output_tokens, 2);
      EXPECT_EQ(finishes, 1);
    }
  }
}

TEST(Fim, DoesNotEndAStreamThatBrokeOff) {
  const auto request = ask(kMistral, R"({"prompt":"a","suffix":"b","stream":true})");
  const auto translator = fim::make_translator(*request, Form::infill, "cmpl-1", {});
  std::vector<Chunk> chunks;
  ASSERT_TRUE(translator->feed_stream("data: {\"content\":\"x\",\"stop\":false}\n\n", chunks).ok());
  EXPECT_FALSE(translator->clean_end());
}

}  // namespace
}  // namespace demarc::dialect
