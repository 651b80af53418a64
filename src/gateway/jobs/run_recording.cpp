// A recording as a piece of a job: transcribed range by range, each range a request, so that a crash loses one of them and no more.
#include "dialect/transcript_parts.hpp"
#include "gateway/jobs/run.hpp"

namespace demarc::gateway {
namespace {

using dialect::TranscriptParts;

// What a caller says about a job's recordings; without a conversation of theirs all ranges of one recording are one, so that placeholders agree.
std::vector<dialect::FormField> options_of(const Job& job, const Piece& piece) {
  std::vector<dialect::FormField> options = dialect::read_options(job.options);
  const auto has = [&](std::string_view name) { return std::ranges::any_of(options, [&](const auto& field) { return field.first == name; }); };
  if (has("redact") && !has("conversation")) options.emplace_back("conversation", parts_id(job.id, piece.number));
  return options;
}

// What earlier runs kept. Where that cannot be read any more, the recording begins anew.
TranscriptParts read_parts(const Shelf& shelf, const Job& job, Piece& piece) {
  TranscriptParts parts(options_of(job, piece));
  if (piece.parts_bytes == 0) return parts;
  auto reader = ShelfReader::open(shelf, parts_id(job.id, piece.number));
  bool is_good = reader.ok();
  while (is_good && reader->at() < static_cast<std::uint64_t>(piece.parts_bytes)) {
    auto answer = reader->next();
    is_good = answer && !answer->empty() && parts.add(*std::move(answer));
  }
  if (is_good) return parts;
  piece.parts_bytes = 0;
  return TranscriptParts(options_of(job, piece));
}

}  // namespace

void Run::drop_parts(const Piece& piece) {
  if (job_.kind == JobKind::transcription) static_cast<void>(keeper_.shelf().remove(parts_id(id_, piece.number)));
}

Task<std::optional<dialect::PieceAnswer>> Run::transcribe(const Piece& given) {
  Piece piece = given;
  TranscriptParts parts = co_await on_side([&] { return read_parts(keeper_.shelf(), job_, piece); });
  for (;;) {
    const std::int64_t part_s = keeper_.services().snapshots.current()->config.limits.job_part_s;
    auto answer = co_await send(piece, parts.form_of_next(part_s));
    if (!answer || answer->status / 100 != 2) co_return answer;
    const std::int64_t before_ms = parts.duration_ms();
    if (auto added = parts.add(answer->body); !added) co_return no_answer(piece, 502, added.error());
    const std::int64_t heard_ms = parts.duration_ms() - before_ms;
    if (parts.next_ms()) {
      if (!co_await keep_part(piece, std::move(answer->body), heard_ms)) co_return std::nullopt;
      continue;
    }
    heard_ms_[piece.number] = heard_ms;
    answer->body = parts.print();
    answer->content_type = parts.content_type();
    co_return answer;
  }
}

// Durable before the next range is asked for. While the disk fails, nothing else happens here.
Task<bool> Run::keep_part(Piece& piece, std::string answer, std::int64_t heard_ms) {
  for (;;) {
    auto kept = co_await on_side([&]() -> Result<std::int64_t, std::string> {
      const auto end = keeper_.shelf().append(parts_id(id_, piece.number), static_cast<std::uint64_t>(piece.parts_bytes), answer);
      if (!end) return fail(std::string(to_string(end.error())));
      const auto parts_bytes = static_cast<std::int64_t>(*end);
      if (auto row = keeper_.store().keep_part(id_, piece.number, {.parts_bytes = parts_bytes, .heard_ms = heard_ms}); !row)
        return fail(row.error().message);
      return parts_bytes;
    });
    if (kept) {
      piece.parts_bytes = *kept;
      co_return true;
    }
    trouble(kept.error());
    if (why_ != Why::none) co_return false;
    co_await pause(kDiskPause);
  }
}

}  // namespace demarc::gateway
