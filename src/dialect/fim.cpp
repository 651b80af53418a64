#include "dialect/fim.hpp"

#include <array>

#include "core/json/writer.hpp"
#include "dialect/fim_piece.hpp"
#include "dialect/llama_infill.hpp"
#include "dialect/openai_completions.hpp"
#include "dialect/sse.hpp"

namespace demarc::dialect::fim {
namespace {

// Settings that mean the same in all forms, and those that only /infill knows. An engine's slot is ours to choose, grammars are not for editors.
constexpr std::array<std::string_view, 3> kSame = {"temperature", "top_p", "stop"};
constexpr std::array<std::string_view, 2> kPenalties = {"presence_penalty", "frequency_penalty"};  // which Mistral refuses
constexpr std::array<std::string_view, 9> kInfillOnly = {
    "top_k", "min_p", "samplers", "n_indent", "t_max_prompt_ms", "t_max_predict_ms", "repeat_penalty", "repeat_last_n", "dry_multiplier"};
constexpr std::int64_t kDefaultTokens = 128;  // OpenAI's default of 16 is too short for a line; without a limit /infill goes on to the context's end
// Of what stood in the cache before and stands elsewhere now (the suffix, when a character is typed before it), runs of so many tokens are moved and
// not read again.
constexpr std::int64_t kReusedRun_tokens = 64;
constexpr std::array<std::string_view, 7> kNeeded = {"content",          "model",          "stop", "stop_type", "tokens_predicted",
                                                     "tokens_evaluated", "timings/cache_n"};

struct Asked {
  std::string prefix, line, suffix;  // line: what of the cursor's line stands before it, where it is said apart
  JsonNode extra;
  std::int64_t most_tokens = kDefaultTokens;
};

Result<Asked, ApiError> read_asked(Form form, JsonNode root) {
  const bool infill = form == Form::infill;
  const JsonNode prefix = root[infill ? "input_prefix" : "prompt"], suffix = root[infill ? "input_suffix" : "suffix"], line = root["prompt"];
  if (!prefix.is(JsonType::string))
    return fail(ApiError{ErrorKind::bad_request, "with a suffix, expected one string", infill ? "input_prefix" : "prompt"});
  if (suffix && !suffix.is(JsonType::string)) return fail(ApiError{ErrorKind::bad_request, "expected a string", infill ? "input_suffix" : "suffix"});
  if (infill && line && !line.is(JsonType::string)) return fail(ApiError{ErrorKind::bad_request, "expected a string", "prompt"});
  Asked asked{
      .prefix = prefix.text(), .line = infill ? line.text() : "", .suffix = suffix.text(), .extra = infill ? root["input_extra"] : JsonNode{}};
  const auto most = root[infill ? "n_predict" : "max_tokens"].integer();
  if (most && *most >= 0) asked.most_tokens = *most;
  return asked;
}

// Of each piece of another file its text and name; llama.vim also says when it was seen.
Result<void, ApiError> write_extra(JsonWriter& json, JsonNode extra) {
  if (!extra) return {};
  bool fine = extra.is(JsonType::array);
  json.array("input_extra", [&] {
    for (const JsonNode piece : extra) {
      fine = fine && piece["text"].is(JsonType::string) && (!piece["filename"] || piece["filename"].is(JsonType::string));
      json.object([&] {
        json.field("text", piece["text"].text());
        if (piece["filename"]) json.field("filename", piece["filename"].text());
      });
    }
  });
  if (!fine) return fail(ApiError{ErrorKind::bad_request, R"(expected a list of {"text": string, "filename": string})", "input_extra"});
  return {};
}

template <std::size_t n>
void copy(JsonWriter& json, JsonNode root, const std::array<std::string_view, n>& names) {
  for (const std::string_view name : names)
    if (root[name]) json.raw_field(name, root[name].raw());
}

void write_ours(JsonWriter& json, std::span<const Extra> extra) {
  json.array("input_extra", [&] {
    for (const Extra& piece : extra) json.object([&] { json.field("text", piece.text), json.field("filename", piece.filename); });
  });
}

Result<void, ApiError> write_infill(JsonWriter& json, const Request& fim, Form client, JsonNode root, const Asked& asked,
                                    std::span<const Extra> ours) {
  Result<void, ApiError> extra;
  json.object([&] {
    json.field("input_prefix", asked.prefix);
    json.field("input_suffix", asked.suffix);
    if (!asked.line.empty()) json.field("prompt", asked.line);
    if (asked.extra.size() == 0 && !ours.empty())
      write_ours(json, ours);
    else
      extra = write_extra(json, asked.extra);
    json.field("n_predict", asked.most_tokens);
    json.field("stream", fim.stream);
    json.field("cache_prompt", true);
    json.field("n_cache_reuse", kReusedRun_tokens);
    copy(json, root, kSame);
    copy(json, root, kPenalties);
    if (client == Form::infill) copy(json, root, kInfillOnly);
    const JsonNode seed = client == Form::mistral ? root["random_seed"] : root["seed"];
    if (seed) json.raw_field("seed", seed.raw());
    if (client == Form::infill && !root["response_fields"].is(JsonType::array)) return;
    json.array("response_fields", [&] {
      for (const std::string_view name : kNeeded) json.value(name);
      for (const JsonNode name : root["response_fields"])
        if (name.is(JsonType::string)) json.value(name.text());
    });
  });
  return extra;
}

void write_body(JsonWriter& json, const Request& fim, Form client, Form upstream, JsonNode root, const Asked& asked, std::string_view model) {
  json.object([&] {
    json.field("model", model);
    json.field("prompt", asked.prefix + asked.line);
    json.field("suffix", asked.suffix);
    json.field("max_tokens", asked.most_tokens);
    json.field("stream", fim.stream);
    if (fim.stream && upstream == Form::completions) json.object("stream_options", [&] { json.field("include_usage", true); });
    copy(json, root, kSame);
    if (upstream == Form::completions) copy(json, root, kPenalties);
    const JsonNode seed = client == Form::mistral ? root["random_seed"] : root["seed"];
    if (seed) json.raw_field(upstream == Form::mistral ? "random_seed" : "seed", seed.raw());
  });
}

// Each event of the upstream is said anew as the client's dialect would say it, and read by that dialect's own translator.
class Translator final : public ReplyTranslator {
 public:
  Translator(const Request& fim, Form upstream, std::string id, Instant created)
      : client_(form_of(fim)),
        upstream_(upstream),
        inner_(dialect_named(fim.dialect)->translator(fim, Passage::same_dialect)),
        id_(std::move(id)),
        created_(created) {}

  Result<void, ApiError> feed_stream(std::string_view bytes, std::vector<Chunk>& out) override {
    events_.clear();
    if (!splitter_.feed(bytes, events_)) return fail(ApiError{ErrorKind::upstream_failed, "The upstream sent an event that is too large."});
    for (SseEvent& event : events_) {
      if (event.data == "[DONE]") {
        TRY(finish(out));
        continue;
      }
      JsonTree tree;
      if (!tree.read(event.data)) return fail(ApiError{ErrorKind::upstream_failed, "The upstream sent what is not JSON."});
      const JsonNode root = tree.root();
      if (root["error"]) {
        TRY(inner_->feed_stream("data: " + event.data + "\n\n", out));
        continue;
      }
      TRY(take(read_piece(upstream_, root, Extent::event, half_), out));
    }
    return {};
  }

  [[nodiscard]] bool clean_end() const override { return inner_->clean_end(); }

  Result<Reply, ApiError> read_whole(int status, const Headers& headers, std::string body) override {
    JsonTree tree;
    if (status == 200 && tree.read(body) && !tree.root()["error"])
      body = write_piece(client_, read_piece(upstream_, tree.root(), Extent::whole, half_), {id_, created_}, Extent::whole);
    auto reply = inner_->read_whole(status, headers, std::move(body));
    if (!reply) return fail(foreign(std::move(reply).error()));
    return reply;
  }

  ApiError read_error(int status, const Headers& headers, std::string body) override {
    return foreign(inner_->read_error(status, headers, std::move(body)));
  }

 private:
  static ApiError foreign(ApiError error) { return error.raw_body.clear(), error; }  // its shape is not the client's

  // The last piece waits for the usage, which may come after it.
  Result<void, ApiError> take(FimPiece piece, std::vector<Chunk>& out) {
    if (piece.usage) usage_ = piece.usage;
    if (piece.finish) {
      last_ = std::move(piece);
      return upstream_ == Form::infill ? finish(out) : Result<void, ApiError>{};
    }
    if (piece.text.empty() || last_) return {};
    return say(piece, out);
  }

  Result<void, ApiError> finish(std::vector<Chunk>& out) {
    if (!last_) return {};  // without a finish there was no proper end
    last_->usage = usage_;
    TRY(say(*std::exchange(last_, {}), out));
    if (client_ == Form::infill) return {};
    return inner_->feed_stream("data: [DONE]\n\n", out);
  }

  Result<void, ApiError> say(const FimPiece& piece, std::vector<Chunk>& out) {
    return inner_->feed_stream("data: " + write_piece(client_, piece, {id_, created_}, Extent::event) + "\n\n", out);
  }

  const Form client_, upstream_;
  std::unique_ptr<ReplyTranslator> inner_;
  const std::string id_;
  const Instant created_;
  SseSplitter splitter_;
  std::vector<SseEvent> events_;
  HalfPair half_;
  std::optional<FimPiece> last_;
  std::optional<Usage> usage_;
};

}  // namespace

Form form_of(const Request& request) {
  if (request.dialect == llama_infill::kName) return Form::infill;
  return request.dialect == "mistral.fim" ? Form::mistral : Form::completions;
}

Form form_of(Provider provider) { return provider == Provider::mistral ? Form::mistral : Form::completions; }

std::optional<Around> around_of(const Request& fim) {
  std::string body = fim.body;
  JsonTree tree;
  if (!tree.read(body)) return {};
  const auto asked = read_asked(form_of(fim), tree.root());
  if (!asked) return {};
  return Around{.prefix = asked->prefix + asked->line, .suffix = asked->suffix, .brings_extra = asked->extra.size() > 0};
}

Result<OutgoingBody, ApiError> request(const Request& fim, Edits edits, Form upstream, std::string_view model, std::span<const Extra> extra) {
  std::string body = demarc::apply(fim.body, std::move(edits));
  JsonTree tree;
  if (!tree.read(body)) return fail(ApiError{ErrorKind::bad_request, "not JSON any more"});
  const JsonNode root = tree.root();
  const Form client = form_of(fim);
  const Asked asked = TRY(read_asked(client, root));
  OutgoingBody out{.target = {}, .headers = {{"content-type", "application/json"}}, .body = {}};
  out.headers.add("accept", fim.stream ? "text/event-stream" : "application/json");
  JsonWriter json(out.body);
  switch (upstream) {
    case Form::infill:
      out.target = llama_infill::kTarget;
      TRY(write_infill(json, fim, client, root, asked, extra));
      return out;
    case Form::completions: out.target = "/completions"; break;
    case Form::mistral: out.target = "/fim/completions"; break;
  }
  if (asked.extra.size() > 0)
    return fail(ApiError{ErrorKind::bad_request, "only an engine of this gateway can take pieces of other files", "input_extra"});
  write_body(json, fim, client, upstream, root, asked, model);
  return out;
}

std::unique_ptr<ReplyTranslator> make_translator(const Request& fim, Form upstream, std::string id, Instant created) {
  if (form_of(fim) == upstream) return dialect_named(fim.dialect)->translator(fim, Passage::same_dialect);
  return std::make_unique<Translator>(fim, upstream, std::move(id), created);
}

}  // namespace demarc::dialect::fim
