#include "gateway/jobs/run.hpp"

#include <algorithm>
#include <charconv>

#include "gateway/serve_request.hpp"

namespace demarc::gateway {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kTick{250};            // how long a stop may wait for a pause to notice it
constexpr std::int64_t kLongestPause_s = 60;  // of what a Retry-After asks for

HttpRequest base_request(const Job& job) {
  HttpRequest http{.method = "POST", .target = job.endpoint, .headers = {{"demarc-class", "batch"}}, .body = {}, .remote = "job"};
  if (!job.sensitivity.empty()) http.headers.add("demarc-sensitivity", job.sensitivity);
  if (!job.workload.empty()) http.headers.add("demarc-workload", job.workload);
  return http;
}

// Whether the answer says that the same request may succeed later: a full queue, an engine that loads, a provider's rate limit. No budget left: not.
std::optional<std::int64_t> come_again_s(const InnerExchange& exchange) {
  if (exchange.status() != 429 && exchange.status() != 503) return {};
  if (exchange.headers().get("x-should-retry") == "false") return {};
  std::int64_t seconds = 1;
  const std::string_view text = exchange.headers().get("retry-after");
  std::from_chars(text.data(), text.data() + text.size(), seconds);
  return std::clamp<std::int64_t>(seconds, 1, kLongestPause_s);
}

}  // namespace

void Run::stop(Why why) {
  if (why_ != Why::none) return;
  why_ = why;
  const auto cut_off = under_way_;
  for (InnerExchange* exchange : cut_off) exchange->cancellation().cancel();
}

// Said once until the next success: a full disk is tried again and again.
void Run::trouble(const std::string& what) {
  if (!in_trouble_) keeper_.say(id_ + " cannot go on and is tried again every " + std::to_string(kDiskPause.count() / 1000) + " s: " + what);
  in_trouble_ = true;
}

Task<void> Run::pause(milliseconds time) {
  for (; time.count() > 0 && why_ == Why::none; time -= kTick) co_await loop_.sleep(std::min(time, kTick));
}

Task<void> Run::go() {
  const auto self = shared_from_this();
  if (co_await load() && (job_.state != JobState::validating || co_await validate())) {
    co_await work();
    if (why_ != Why::shutdown) co_await end();
  }
  keeper_.over(id_);
}

Task<bool> Run::load() {
  auto found = co_await on_side([this] { return keeper_.store().job(id_); });
  if (!found) keeper_.say(id_ + " cannot be read: " + found.error().message);
  if (!found || !*found || is_over((*found)->state)) co_return false;
  job_ = **std::move(found);
  if (job_.state == JobState::cancelling) stop(Why::cancelled);
  co_return true;
}

Task<bool> Run::validate() {
  const auto& limits = keeper_.services().snapshots.current()->config.limits;
  const dialect::BatchLimits most{.lines = limits.batch_lines, .line_bytes = static_cast<std::size_t>(limits.body_mib) << 20};
  const Instant now = loop_.clock().now();
  auto errors = co_await on_side([&]() -> Result<std::vector<JobError>, std::string> {
    dialect::BatchInput input(job_.endpoint, most);
    auto reader = ShelfReader::open(keeper_.shelf(), job_.input_file);
    if (!reader) return fail(job_.input_file + ": " + std::string(to_string(reader.error())));
    for (;;) {
      const auto bytes = reader->next();
      if (!bytes) return fail(job_.input_file + ": " + std::string(to_string(bytes.error())));
      if (bytes->empty()) break;
      input.feed(*bytes);
    }
    input.end();
    if (!input.errors.empty()) return std::move(input.errors);
    for (Piece& piece : input.pieces) piece.file = job_.input_file;
    if (auto begun = keeper_.store().begin(id_, input.pieces, now); !begun) return fail(begun.error().message);
    return std::vector<JobError>();
  });
  if (!errors) errors = std::vector<JobError>{{.code = "input_file_unreadable", .message = "The input file cannot be read: " + errors.error()}};
  if (!errors->empty()) {
    job_.errors = *std::move(errors);
    if (why_ == Why::none) why_ = Why::refused;
    if (why_ != Why::shutdown) co_await end();
    co_return false;
  }
  co_return co_await load();
}

Task<void> Run::work() {
  const auto lanes = static_cast<std::size_t>(keeper_.services().snapshots.current()->config.limits.job_pieces);
  std::list<Started<int>> running;
  for (std::size_t i = 0; i < lanes; ++i) running.emplace_back(lane());
  for (auto& one : running) co_await one.join();
}

// One piece after the other, until none waits or the job is stopped.
Task<int> Run::lane() {
  std::optional<Piece> piece = co_await settle(nullptr, {});
  while (piece) {
    const auto answer = co_await ask(*piece);
    if (!answer) break;
    piece = co_await settle(&*piece, *answer);
  }
  co_return 0;
}

// The line of a finished piece durable, then the row, together with the start of the next one. While the disk fails, nothing else happens here.
Task<std::optional<Piece>> Run::settle(const Piece* done, const dialect::PieceAnswer& answer) {
  const std::string line = done != nullptr ? dialect::result_line(*done, answer) : std::string();
  const bool good = answer.status / 100 == 2;
  const std::int64_t amount = done != nullptr ? std::exchange(amount_[done->number], 0) : 0;
  for (;;) {
    if (why_ == Why::none && loop_.clock().now() >= job_.expires) stop(Why::expired);
    const bool more = why_ == Why::none;
    auto next = co_await on_side([&]() -> Result<std::optional<Piece>, std::string> {
      store::FinishedPiece finished;
      if (done != nullptr) {
        std::int64_t& end = good ? job_.output_bytes : job_.error_bytes;
        const auto appended = keeper_.shelf().append(good ? job_.output_file : job_.error_file, static_cast<std::uint64_t>(end), line);
        if (!appended) return fail(std::string(to_string(appended.error())));
        const auto before = std::exchange(end, static_cast<std::int64_t>(*appended));
        finished = {.number = done->number, .succeeded = good, .output_bytes = job_.output_bytes, .error_bytes = job_.error_bytes};
        finished.amount = amount;
        if (!more) {
          auto written = keeper_.store().finished(id_, finished);
          if (!written) return end = before, fail(written.error().message);
          return std::optional<Piece>();
        }
        auto taken = keeper_.store().next(id_, &finished);
        if (!taken) return end = before, fail(taken.error().message);
        return *std::move(taken);
      }
      if (!more) return std::optional<Piece>();
      return keeper_.store().next(id_, nullptr).map_error([](StoreError error) { return std::move(error.message); });
    });
    if (next) {
      in_trouble_ = false;
      if (done != nullptr) co_await on_side([&] { return drop_parts(*done), 0; });
      co_return *std::move(next);
    }
    trouble(next.error());
    if (why_ == Why::shutdown) co_return std::nullopt;
    co_await loop_.sleep(kDiskPause);
  }
}

std::optional<JobError> Run::who_may_not(Caller& caller) {
  const auto keys = keeper_.services().keyring->current();
  auto found = access::caller_of_key(*keys, job_.owner, loop_.clock().now());
  if (!found) return JobError{.code = "key_not_active", .message = found.error().message};
  caller = *std::move(found);
  if (auto may = access::require_scope(caller, "inference"); !may) return JobError{.code = "key_not_active", .message = may.error().message};
  return {};
}

Task<std::optional<HttpRequest>> Run::request_of(const Piece& piece, const PieceParts* parts) {
  auto bytes = co_await on_side(
      [&] { return keeper_.shelf().read(piece.file, static_cast<std::uint64_t>(piece.offset), static_cast<std::size_t>(piece.bytes)); });
  if (!bytes) co_return std::nullopt;
  HttpRequest http = base_request(job_);
  Asked asked = parts == nullptr ? Asked{"application/json", dialect::read_batch_body(*std::move(bytes))}
                                 : parts->next(piece.custom_id, *std::move(bytes), keeper_.services().snapshots.current()->config.limits);
  http.headers.add("content-type", asked.content_type);
  http.body = std::move(asked.body);
  co_return http;
}

dialect::PieceAnswer Run::no_answer(const Piece& piece, int status, std::string why) const {
  return {.status = status, .request_id = id_ + "_" + std::to_string(piece.number), .content_type = "text/plain", .body = std::move(why)};
}

// Files are large: only so many bytes of all jobs are held at once, but always one piece.
Task<bool> Run::make_room(std::int64_t bytes) {
  while (why_ == Why::none && !keeper_.hold(bytes)) co_await pause(kTick);
  co_return why_ == Why::none;
}

Task<std::optional<dialect::PieceAnswer>> Run::ask(const Piece& piece) {
  if (!co_await make_room(piece.bytes)) co_return std::nullopt;
  auto answer = job_.kind == JobKind::batch ? co_await send(piece, nullptr) : co_await in_parts(piece);
  keeper_.let_go(piece.bytes);
  co_return answer;
}

Task<std::optional<dialect::PieceAnswer>> Run::send(const Piece& piece, const PieceParts* parts) {
  const auto patience = milliseconds(keeper_.services().snapshots.current()->config.limits.job_patience_ms);
  const Monotonic began = loop_.now();
  while (why_ == Why::none) {
    Errand errand{.caller = {}, .job = {.id = id_, .piece = piece.number, .run = piece.run}};
    if (auto refused = who_may_not(errand.caller)) {
      if (!refusal_) refusal_ = std::move(refused);
      stop(Why::refused);
      break;
    }
    auto http = co_await request_of(piece, parts);
    if (!http) co_return no_answer(piece, 500, "The file of this piece cannot be read.");
    if (why_ != Why::none) break;
    InnerExchange exchange(loop_, *std::move(http));
    const auto mine = under_way_.insert(under_way_.end(), &exchange);
    co_await serve_request(exchange, keeper_.services(), *dialect::find_dialect("POST", job_.endpoint), nullptr, &errand);
    under_way_.erase(mine);
    if (exchange.cancellation().cancelled()) break;
    if (exchange.status() == 0) co_return no_answer(piece, 502, "The request had no answer.");
    const auto again_s = come_again_s(exchange);
    if (again_s && loop_.now() - began + std::chrono::seconds(*again_s) <= patience) {
      co_await pause(std::chrono::seconds(*again_s));
      continue;
    }
    co_return dialect::PieceAnswer{.status = exchange.status(),
                                   .request_id = std::string(exchange.headers().get("demarc-request-id")),
                                   .content_type = std::string(exchange.headers().get("content-type")),
                                   .body = exchange.body()};
  }
  co_return std::nullopt;
}

// What was never run of an expired batch is told line by line, as OpenAI does; then the last state and the files, in one transaction.
Task<void> Run::end() {
  const Instant now = loop_.clock().now();
  if (refusal_) job_.errors.push_back(*refusal_);
  const auto close = [&]() -> Result<void, std::string> {
    const auto text = [](const StoreError& error) { return error.message; };
    if (why_ == Why::none) {
      if (auto said = keeper_.store().finalizing(id_, now); !said) return fail(text(said.error()));
    }
    const auto at = keeper_.store().job(id_);  // the counts; and whether it was cancelled meanwhile
    if (!at || !*at) return fail(at ? "it is gone" : text(at.error()));
    Job last = **at;
    last.errors = job_.errors;
    last.finalizing = why_ == Why::none ? std::optional(now) : last.finalizing;
    const auto left = keeper_.store().unfinished_pieces(id_);
    if (!left) return fail(text(left.error()));
    if (why_ == Why::expired) {
      std::string lines;
      for (const Piece& piece : *left)
        lines += dialect::unrun_line(id_, piece, "batch_expired", "This request could not be executed before the completion window expired.");
      if (!lines.empty()) {
        const auto end = keeper_.shelf().append(last.error_file, static_cast<std::uint64_t>(last.error_bytes), lines);
        if (!end) return fail(std::string(to_string(end.error())));
        last.error_bytes = static_cast<std::int64_t>(*end), last.failed += static_cast<std::int64_t>(left->size());
      }
    }
    last.state = why_ == Why::expired   ? JobState::expired
                 : why_ == Why::refused ? JobState::failed
                 : last.cancelling      ? JobState::cancelled
                                        : JobState::completed;
    if (last.state == JobState::cancelled && left->empty() && why_ == Why::none) last.state = JobState::completed;
    last.ended = loop_.clock().now();
    std::vector<StoredFile> files;
    const std::int64_t keep_days = keeper_.services().snapshots.current()->config.files.keep_days;
    const auto keep = [&](std::string& id, std::int64_t& end, const char* what) -> Result<void, std::string> {
      if (end == 0) return static_cast<void>(keeper_.shelf().remove(id)), id.clear(), Result<void, std::string>();
      const auto bytes = keeper_.shelf().plain_bytes(id, static_cast<std::uint64_t>(end));
      if (!bytes) return fail(std::string(to_string(bytes.error())));
      files.push_back({.id = id,
                       .owner = last.owner,
                       .filename = id_ + "_" + what + ".jsonl",
                       .purpose = "batch_output",
                       .bytes = *bytes,
                       .created = now,
                       .expires = Instant{now.unix_ns + keep_days * 86'400 * 1'000'000'000}});
      return {};
    };
    for (const Piece& piece : *left) drop_parts(piece);
    TRY(keep(last.output_file, last.output_bytes, "output"));
    TRY(keep(last.error_file, last.error_bytes, "error"));
    if (auto ended = keeper_.store().end(last, files); !ended) return fail(text(ended.error()));
    return {};
  };
  for (;;) {
    const auto closed = co_await on_side(close);
    if (closed) break;
    trouble(closed.error());
    if (why_ == Why::shutdown) co_return;
    co_await loop_.sleep(kDiskPause);
  }
}

}  // namespace demarc::gateway
