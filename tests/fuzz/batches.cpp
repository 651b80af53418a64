// Any bytes as a batch's input: the same pieces however they are cut, each inside the bytes, apart and in order; and as orders: refused, or read.
#include "dialect/batches.hpp"

#include <algorithm>

#include "fuzz.hpp"

FUZZ(batches) {
  fuzz::Choices choices(bytes);
  const std::size_t cut = 1 + choices.byte();
  const dialect::BatchLimits limits{.lines = 20, .line_bytes = 4'096};
  dialect::BatchInput whole("/v1/embeddings", limits), cut_up("/v1/embeddings", limits);
  whole.feed(bytes), whole.end();
  for (std::string_view rest = bytes; !rest.empty(); rest.remove_prefix(std::min(cut, rest.size()))) cut_up.feed(rest.substr(0, cut));
  cut_up.end();
  CHECK(whole.pieces == cut_up.pieces && whole.errors == cut_up.errors);
  CHECK(whole.errors.size() <= dialect::kMostBatchErrors && (!whole.pieces.empty() || !whole.errors.empty()));
  std::int64_t last = 0;
  for (const Piece& piece : whole.pieces) {
    CHECK(last <= piece.offset && piece.offset + piece.bytes <= static_cast<std::int64_t>(bytes.size()));
    last = piece.offset + piece.bytes;
    const std::string body =
        dialect::read_batch_body(std::string(bytes.substr(static_cast<std::size_t>(piece.offset), static_cast<std::size_t>(piece.bytes))));
    CHECK(body.starts_with('{') && body.ends_with('}'));
    CHECK(std::ranges::count(dialect::result_line(piece, {.status = 200, .content_type = "application/json", .body = body}), '\n') == 1);
  }
  (void)dialect::read_batch_order(std::string(bytes));
  if (const auto order = dialect::read_files_order(std::string(bytes))) (void)dialect::read_options(order->options);
}
