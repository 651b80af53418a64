#include "dialect/llama_infill.hpp"

#include <array>

#include "core/json/writer.hpp"
#include "dialect/json/tree.hpp"
#include "dialect/sse.hpp"

namespace demarc::dialect::llama_infill {
namespace {

// Settings that mean the same on both sides.
constexpr std::array<std::string_view, 8> kSame = {"temperature", "top_p", "top_k", "min_p", "stop", "seed", "presence_penalty", "frequency_penalty"};
constexpr std::int64_t kDefaultTokens = 128;  // OpenAI's default of 16 is too short for a line; without a limit /infill goes on to the context's end

class Translator final : public ReplyTranslator {
 public:
  Translator(const Request& fim, std::string id, Instant created)
      : inner_(dialect::make_translator(fim, Provider::openai)), id_(std::move(id)), created_(created) {}

  Result<void, ApiError> feed_stream(std::string_view bytes, std::vector<Chunk>& out) override {
    events_.clear();
    if (!splitter_.feed(bytes, events_)) return fail(ApiError{ErrorKind::upstream_failed, "The engine sent an event that is too large."});
    for (SseEvent& event : events_) {
      if (event.data == "[DONE]") continue;  // ours follows the piece that says `stop`
      JsonTree tree;
      if (!tree.read(event.data)) return fail(ApiError{ErrorKind::upstream_failed, "The engine sent what is not JSON."});
      const JsonNode root = tree.root();
      if (root["error"]) {
        TRY(inner_->feed_stream("data: " + event.data + "\n\n", out));
        continue;
      }
      const bool stop = root["stop"].boolean().value_or(false);
      TRY(inner_->feed_stream("data: " + completion(root, "text_completion", stop) + "\n\n" + (stop ? "data: [DONE]\n\n" : ""), out));
    }
    return {};
  }

  [[nodiscard]] bool clean_end() const override { return inner_->clean_end(); }

  Result<Reply, ApiError> read_whole(int status, const Headers& headers, std::string body) override {
    JsonTree tree;
    if (status == 200 && tree.read(body) && tree.root()["content"]) body = completion(tree.root(), "text_completion", true);
    return inner_->read_whole(status, headers, std::move(body));
  }

  ApiError read_error(int status, const Headers& headers, std::string body) override { return inner_->read_error(status, headers, std::move(body)); }

 private:
  [[nodiscard]] std::string completion(JsonNode root, std::string_view object, bool stop) const {
    std::string out;
    JsonWriter json(out);
    json.object([&] {
      json.field("id", id_);
      json.field("object", object);
      json.field("created", created_.unix_s());
      json.field("model", root["model"].text());
      json.array("choices", [&] {
        json.object([&] {
          json.field("text", root["content"].text());
          json.field("index", 0);
          json.field("logprobs", json_null);
          if (stop)
            json.field("finish_reason", root["stop_type"].text() == "limit" ? "length" : "stop");
          else
            json.field("finish_reason", json_null);
        });
      });
      if (!stop) return;
      const std::int64_t input = root["tokens_evaluated"].integer().value_or(0), output = root["tokens_predicted"].integer().value_or(0);
      json.object("usage", [&] {
        json.field("prompt_tokens", input);
        json.field("completion_tokens", output);
        json.field("total_tokens", input + output);
      });
    });
    return out;
  }

  std::unique_ptr<ReplyTranslator> inner_;
  const std::string id_;
  const Instant created_;
  SseSplitter splitter_;
  std::vector<SseEvent> events_;
};

}  // namespace

Result<OutgoingBody, ApiError> request(const Request& fim, Edits edits) {
  std::string asked = demarc::apply(fim.body, std::move(edits));
  JsonTree tree;
  if (!tree.read(asked) || !tree.root()["prompt"].is(JsonType::string))
    return fail(ApiError{ErrorKind::bad_request, "with a suffix, expected one string", "prompt"});
  const JsonNode root = tree.root();
  OutgoingBody out{.target = std::string(kTarget), .headers = {{"content-type", "application/json"}}, .body = {}};
  JsonWriter json(out.body);
  json.object([&] {
    json.field("input_prefix", root["prompt"].text());
    json.field("input_suffix", root["suffix"].text());
    json.field("n_predict", root["max_tokens"].integer().value_or(kDefaultTokens));
    json.field("stream", fim.stream);
    json.field("cache_prompt", true);
    for (const std::string_view name : kSame)
      if (root[name]) json.raw_field(name, root[name].raw());
  });
  return out;
}

std::unique_ptr<ReplyTranslator> make_translator(const Request& fim, std::string id, Instant created) {
  return std::make_unique<Translator>(fim, std::move(id), created);
}

}  // namespace demarc::dialect::llama_infill
