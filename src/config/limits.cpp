#include "config/limits.hpp"

#include <algorithm>
#include <array>

namespace demarc::config {
namespace {

using L = Limits;

// name, field, default, least, most, meaning
constexpr std::array kOwnLimits = {
    LimitSpec{"body_mib", &L::body_mib, 32, 1, 1024, "largest request body, uploads apart"},
    LimitSpec{"header_kib", &L::header_kib, 64, 4, 1024, "largest head of a request or of an upstream's reply"},
    LimitSpec{"json_depth", &L::json_depth, 64, 8, 512, "deepest nesting of a JSON body"},
    LimitSpec{"connections", &L::connections, 8192, 1, 1'000'000, "open client connections; more are closed at once"},
    LimitSpec{"streams", &L::streams, 4096, 1, 1'000'000, "requests in flight; more get 503 with Retry-After"},
    LimitSpec{"buffered_mib", &L::buffered_mib, 1024, 16, 1'048'576, "memory for bodies of all requests in flight together"},
    LimitSpec{"header_timeout_ms", &L::header_timeout_ms, 10'000, 100, 600'000, "time for a client to send a request's head"},
    LimitSpec{"body_idle_ms", &L::body_idle_ms, 30'000, 100, 600'000, "longest pause while a client sends a body or does not read its answer"},
    LimitSpec{"keep_alive_ms", &L::keep_alive_ms, 75'000, 100, 3'600'000, "how long an idle client connection stays open"},
    LimitSpec{"connect_ms", &L::connect_ms, 10'000, 50, 600'000, "time to reach an upstream, TLS handshake and proxy included"},
    LimitSpec{"first_byte_ms", &L::first_byte_ms, 600'000, 100, 86'400'000,
              "time from a sent request to the head of the upstream's reply, and in the queue of an engine of ours; one that gets on has total_ms"},
    LimitSpec{"idle_ms", &L::idle_ms, 300'000, 100, 86'400'000, "longest pause between two bytes of an upstream's reply"},
    LimitSpec{"total_ms", &L::total_ms, 3'600'000, 1'000, 86'400'000, "longest life of one attempt"},
    LimitSpec{"drain_ms", &L::drain_ms, 30'000, 0, 3'600'000, "time that requests in flight get when the server stops"},
    LimitSpec{"hold_ms", &L::hold_ms, 10'000, 0, 600'000,
              "how long a stream's first events wait for content, so that a failure before it can move on"},
    LimitSpec{"attempts", &L::attempts, 4, 1, 16, "attempts of one request, the first included"},
    LimitSpec{"subcalls", &L::subcalls, 500, 0, 100'000,
              "model calls that demarc may make for one request; a longer transcript stays raw behind them"},
    LimitSpec{"queued", &L::queued, 256, 1, 1'000'000, "requests that wait for one engine; more get 429 with Retry-After"},
    LimitSpec{"clean_ms", &L::clean_ms, 60'000, 10, 3'600'000,
              "time for a language model to answer about one piece of a transcript, waiting included; past it the piece is cleaned without"},
    LimitSpec{"code_ms", &L::code_ms, 150, 1, 60'000,
              "how long fill-in-the-middle waits for what other files of its repository say; past it it goes without"},
    LimitSpec{"examine_ms", &L::examine_ms, 2'000, 10, 600'000, "time for the detectors; past it findings are unknown"},
    LimitSpec{"examine_mib", &L::examine_mib, 32, 1, 1024, "most text that the detectors read of one request; past it findings are unknown"},
    LimitSpec{"count_ms", &L::count_ms, 500, 10, 60'000,
              "time for local models to count the tokens of a request that may be too long for them; past it the estimate from bytes stands"},
    LimitSpec{"engine_start_ms", &L::engine_start_ms, 120'000, 100, 3'600'000,
              "time for an engine to load its model before it is killed and tried again"},
    LimitSpec{"files_mib", &L::files_mib, 16'384, 1, 67'108'864, "uploaded files and jobs' results together"},
    LimitSpec{"files_key_mib", &L::files_key_mib, 4'096, 1, 67'108'864, "the same of one key"},
    LimitSpec{"batch_lines", &L::batch_lines, 50'000, 1, 1'000'000, "requests of one batch"},
    LimitSpec{"jobs", &L::jobs, 4, 1, 64, "jobs (batches; recordings, documents, pictures) at work at once; the others wait in the order they came"},
    LimitSpec{"jobs_key", &L::jobs_key, 100, 1, 100'000, "jobs of one key that are not over; more get 429"},
    LimitSpec{"job_pieces", &L::job_pieces, 4, 1, 256, "requests of one job in flight at once"},
    LimitSpec{"job_part_s", &L::job_part_s, 900, 5, 86'400,
              "seconds of a recording after which a job keeps what it has: a crash sends it back no further"},
    LimitSpec{"job_part_pages", &L::job_part_pages, 20, 1, 1'000, "the same in pages of a document"},
    LimitSpec{"job_patience_ms", &L::job_patience_ms, 600'000, 0, 86'400'000,
              "how long a piece of a job is tried again while the answer is that there is no room, or nobody to serve it"},
    LimitSpec{"engine_hang_ms", &L::engine_hang_ms, 30'000, 500, 3'600'000,
              "how long an engine with work in flight may make no progress and neither use nor wait for a processor before it is killed"},
    LimitSpec{"engine_stuck_ms", &L::engine_stuck_ms, 1'800'000, 1'000, 86'400'000, "the same while it uses the processor, but nothing comes of it"},
    LimitSpec{"room_ms", &L::room_ms, 60'000, 0, 86'400'000, "how long a request waits for memory for its model; then it gets 503 with Retry-After"},
    LimitSpec{"audio_mib", &L::audio_mib, 200, 1, 4096, "largest upload (multipart/form-data): audio, a file for a job"},
};

// Those of documents stand behind them.
constexpr auto kLimits = [] {
  std::array<LimitSpec, kOwnLimits.size() + kDocumentLimits.size()> all{};
  std::ranges::copy(kOwnLimits, all.begin());
  std::ranges::transform(kDocumentLimits, all.begin() + kOwnLimits.size(), [](const DocumentLimit& one) {
    return LimitSpec{one.name, one.field, DocumentLimits{}.*one.field, one.min, one.max, one.meaning};
  });
  return all;
}();
static_assert(sizeof(Limits) == kLimits.size() * sizeof(std::int64_t), "every field of Limits has one line in the table");

}  // namespace

Limits::Limits() {  // NOLINT(cppcoreguidelines-pro-type-member-init): the table has every field
  for (const LimitSpec& spec : kLimits) this->*spec.field = spec.default_value;
}

std::span<const LimitSpec> limit_specs() { return kLimits; }

}  // namespace demarc::config
