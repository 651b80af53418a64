// A file as a piece of a job: asked for part by part (a range of a recording, some pages of a document), each a request, so that a crash loses one of
// them and no more.
#include "gateway/jobs/run.hpp"

namespace demarc::gateway {
namespace {

// What earlier runs kept. Where that cannot be read any more, the file begins anew.
std::unique_ptr<PieceParts> read_parts(const Shelf& shelf, const Job& job, Piece& piece) {
  auto parts = parts_of(job, piece);
  if (piece.parts_bytes == 0) return parts;
  auto reader = ShelfReader::open(shelf, parts_id(job.id, piece.number));
  bool is_good = reader.ok();
  while (is_good && reader->at() < static_cast<std::uint64_t>(piece.parts_bytes)) {
    auto answer = reader->next();
    is_good = answer && !answer->empty() && parts->add(*std::move(answer));
  }
  if (is_good) return parts;
  piece.parts_bytes = 0;
  return parts_of(job, piece);
}

}  // namespace

void Run::drop_parts(const Piece& piece) {
  if (job_.kind != JobKind::batch) static_cast<void>(keeper_.shelf().remove(parts_id(id_, piece.number)));
}

Task<std::optional<dialect::PieceAnswer>> Run::in_parts(const Piece& given) {
  Piece piece = given;
  const auto parts = co_await on_side([&] { return read_parts(keeper_.shelf(), job_, piece); });
  for (;;) {
    auto answer = co_await send(piece, parts.get());
    if (!answer || answer->status / 100 != 2) co_return answer;
    const std::int64_t before = parts->amount();
    if (auto added = parts->add(answer->body); !added) co_return no_answer(piece, 502, added.error());
    const std::int64_t amount = parts->amount() - before;
    if (parts->has_more()) {
      if (!co_await keep_part(piece, std::move(answer->body), amount)) co_return std::nullopt;
      continue;
    }
    amount_[piece.number] = amount;
    answer->body = parts->print();
    answer->content_type = parts->content_type();
    co_return answer;
  }
}

// Durable before the next part is asked for. While the disk fails, nothing else happens here.
Task<bool> Run::keep_part(Piece& piece, std::string answer, std::int64_t amount) {
  for (;;) {
    auto kept = co_await on_side([&]() -> Result<std::int64_t, std::string> {
      const auto end = keeper_.shelf().append(parts_id(id_, piece.number), static_cast<std::uint64_t>(piece.parts_bytes), answer);
      if (!end) return fail(std::string(to_string(end.error())));
      const auto parts_bytes = static_cast<std::int64_t>(*end);
      if (auto row = keeper_.store().keep_part(id_, piece.number, {.parts_bytes = parts_bytes, .amount = amount}); !row)
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
