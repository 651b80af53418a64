#include "dialect/errors.hpp"
#include "gateway/answer_names.hpp"
#include "gateway/clean_stream.hpp"
#include "gateway/clean_transcript.hpp"
#include "gateway/client_stream.hpp"
#include "gateway/filtered_chunk.hpp"
#include "gateway/names_gate.hpp"
#include "gateway/relay.hpp"

namespace demarc::gateway {
namespace {

// What makes an answer begin; the rest is held back so that a failure before it can still move on.
bool is_content(ChunkKind kind) { return kind == ChunkKind::content || kind == ChunkKind::finish || kind == ChunkKind::usage; }

// How a stream from the upstream came to its end.
enum class StreamEnd : std::uint8_t { clean, upstream_error, broken, client_gone, unread };

class StreamRelay {
 public:
  explicit StreamRelay(Attempt& attempt)
      : attempt_(attempt), context_(attempt.context()), out_(context_.client, std::chrono::milliseconds(context_.limits().hold_ms), [this] {
          std::string bytes;
          attempt_.printer().print_keep_alive(bytes);
          return bytes;
        }) {}

  Task<RelayResult> run(Ends ends_if_failed) {
    ++context_.services.streams;
    if (attempt_.spec().engine == EngineKind::speech && wants_cleaning(*context_.request))
      cleaning_.emplace(context_, attempt_.spec().tier, glossary_of(context_));
    if (context_.snapshot->names && context_.inherited == nullptr) {
      if (masks_names(*context_.snapshot))
        gate_.emplace([this](std::span<const std::string> texts) { return read_answer(context_, texts); }, context_.snapshot->policy.mask_in_answers);
      else
        attempt_.filter().keep(privacy::Names::kMostAskedBytes);
    }
    const StreamEnd end = co_await relay();
    RelayResult result = co_await conclude(end, ends_if_failed);
    co_await out_.close();
    --context_.services.streams;
    co_return result;
  }

 private:
  Task<StreamEnd> relay() {
    for (;;) {
      const auto piece = co_await attempt_.reply().read();
      if (context_.client_gone()) co_return StreamEnd::client_gone;
      if (!piece) {
        reason_ = to_string(piece.error());
        co_return StreamEnd::broken;
      }
      if (piece->empty()) {
        reason_ = "ended_early";
        co_return attempt_.translator().clean_end() ? StreamEnd::clean : StreamEnd::broken;
      }
      chunks_.clear();
      auto fed = attempt_.translator().feed_stream(*piece, chunks_);
      std::string& bytes = bytes_;
      bytes.clear();
      bool content = false;
      for (Chunk& chunk : chunks_) {
        if (chunk.kind == ChunkKind::error) {
          error_ = chunk.error;
          reason_ = "error_in_stream";
        }
        if (chunk.kind == ChunkKind::error) continue;
        content = content || is_content(chunk.kind);
        if (!co_await print(chunk, bytes)) co_return StreamEnd::unread;
      }
      if (!bytes.empty()) {
        if (!std::exchange(has_headers_, true)) out_.set_headers(stream_headers());
        if (!content && !out_.begun()) {
          out_.hold(bytes);
        } else {
          attempt_.saw_first_content();
          if (const auto written = co_await out_.write(bytes); !written) co_return StreamEnd::client_gone;
        }
      }
      if (!fed) {
        error_ = std::move(fed).error();
        reason_ = "garbage";
      }
      if (error_) co_return StreamEnd::upstream_error;
    }
  }

  // False: the model that the policy wants to read it first cannot.
  Task<bool> print(Chunk& chunk, std::string& bytes) {
    if (chunk.usage) attempt_.saw_usage(*chunk.usage);
    if (chunk.finish) attempt_.saw_finish(*chunk.finish);
    attempt_.saw_model(chunk.model);
    for (const Delta& delta : chunk.deltas) attempt_.saw_text(delta.text);
    if (cleaning_) co_await cleaning_->clean(chunk);
    if (gate_) co_return co_await print_gated(chunk, bytes);
    print_filtered(chunk, attempt_.filter(), attempt_.printer(), texts_, bytes);
    co_return true;
  }

  // As print_filtered(), with the gate behind the filter.
  Task<bool> print_gated(const Chunk& chunk, std::string& bytes) {
    AnswerFilter& filter = attempt_.filter();
    filter.saw_tools(chunk.tools);
    texts_.clear();
    for (const Delta& delta : chunk.deltas) {
      texts_.push_back(filter.feed(delta.channel, delta.text));
      if (!co_await gate_->feed(delta.channel, texts_.back())) co_return false;
    }
    for (const Channel& channel : chunk.closed) {
      std::string rest = filter.flush(channel);
      if (!co_await gate_->flush(channel, rest)) co_return false;
      dialect::print_held(attempt_.printer(), chunk, channel, rest, texts_, bytes);
    }
    attempt_.printer().print_chunk(chunk, texts_, bytes);
    co_return true;
  }

  // The model reads the answer when it is whole, before the books are closed; if it was not read on its way.
  Task<void> read_names() {
    if (gate_) co_return attempt_.saw_names(gate_->found());
    if (!context_.snapshot->names || context_.inherited != nullptr) co_return;  // it is kept for somebody else
    const auto kept = attempt_.filter().kept();
    if (!kept) co_return;
    if (kept->bytes > privacy::Names::kMostAskedBytes) co_return attempt_.saw_names({.unread = true});
    std::vector<std::string> texts;
    for (const auto& [channel, text] : kept->by_channel) texts.push_back(text);
    attempt_.saw_names(co_await read_answer(context_, texts));
  }

  Task<RelayResult> conclude(StreamEnd end, Ends ends_if_failed) {
    switch (end) {
      case StreamEnd::clean: co_return co_await served();
      case StreamEnd::client_gone:
        attempt_.drop_reply();  // first the connection, so that the engine is free at once; then the books
        co_await attempt_.settle(AttemptOutcome::cancelled, std::string(context_.why_cancelled()), Ends::request);
        co_return RelayResult{Relayed::over, context_.superseded && !out_.begun() ? context_.cancelled_error() : ApiError{}};
      case StreamEnd::unread:
        error_ = unread_answer();
        reason_ = "unread_answer";
        attempt_.saw_names(gate_->found());
        break;
      case StreamEnd::upstream_error:
      case StreamEnd::broken: break;
    }
    attempt_.drop_reply();
    if (!error_) error_ = ApiError{ErrorKind::upstream_failed, "The upstream " + attempt_.spec().name + " broke off its answer (" + reason_ + ")."};
    const bool ends = out_.begun() || end == StreamEnd::unread;
    const bool again = end == StreamEnd::broken && !ends && attempt_.tries_alone(ends_if_failed);
    if (end == StreamEnd::broken) attempt_.broke_off();
    const Ends now = again ? Ends::attempt : ends_if_failed;
    const bool log_ok = co_await attempt_.settle(AttemptOutcome::error, reason_, ends ? Ends::request : now);
    if (again && log_ok) co_return RelayResult{Relayed::again, std::move(*error_)};
    const bool may_go_on = log_ok && end != StreamEnd::unread;  // another upstream's answer could not be read either
    if (!out_.begun()) co_return RelayResult{may_go_on ? Relayed::next : Relayed::over, std::move(*error_)};
    std::string bytes;  // the dialect's own error event, and no end marker: nothing pretends that the answer was complete
    attempt_.printer().print_error(*error_, context_.id, bytes);
    static_cast<void>(co_await out_.finish(bytes, {}));
    co_return RelayResult{Relayed::over, {}};
  }

  Task<RelayResult> served() {
    co_await read_names();
    if (!co_await attempt_.settle(AttemptOutcome::served, "", Ends::request)) {
      const ApiError error{ErrorKind::unavailable, "The audit log cannot be written."};
      if (!out_.begun()) co_return RelayResult{Relayed::over, error};
      std::string bytes;
      attempt_.printer().print_error(error, context_.id, bytes);
      static_cast<void>(co_await out_.finish(bytes, {}));
      co_return RelayResult{Relayed::over, {}};
    }
    std::string bytes;
    attempt_.printer().print_end(attempt_.receipt_comment(), bytes);
    if (!out_.begun()) out_.set_headers(stream_headers());  // by now they know the cost
    static_cast<void>(co_await out_.finish(bytes, {}));
    co_return RelayResult{};
  }

  Headers stream_headers() const {
    Headers headers = attempt_.headers();
    headers.add("content-type", "text/event-stream");
    headers.add("cache-control", "no-cache");
    headers.add(std::string(dialect::request_id_header(context_.dialect.family)), context_.id);
    for (const auto& [name, value] : attempt_.reply().headers())
      if (dialect::passes_to_client(name)) headers.add(name, value);
    return headers;
  }

  Attempt& attempt_;
  RequestContext& context_;
  ClientStream out_;
  std::optional<CleanStream> cleaning_;  // of a transcript
  std::optional<NamesGate> gate_;        // where the policy hides names
  bool has_headers_ = false;
  std::string bytes_;  // of one piece, for the client: reused
  std::vector<Chunk> chunks_;
  std::vector<std::string> texts_;
  std::optional<ApiError> error_;
  std::string reason_;
};

}  // namespace

Task<RelayResult> relay_stream(Attempt& attempt, Ends ends_if_failed) {
  StreamRelay relay(attempt);
  co_return co_await relay.run(ends_if_failed);
}

}  // namespace demarc::gateway
