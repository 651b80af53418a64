// Whatever a language model answers about a piece: it is refused, or each finding is a stretch of whole characters of that piece. Pieces are the
// text.
#include "privacy/review.hpp"

#include "base/strings.hpp"
#include "fuzz.hpp"
#include "privacy/utf8.hpp"

FUZZ(review) {
  const std::size_t bar = bytes.find('|');
  const std::string piece = with_values(bytes.substr(0, bar));
  const std::string_view answer = bar == std::string_view::npos ? std::string_view() : bytes.substr(bar + 1);
  if (!is_utf8(piece)) return;
  if (const auto found = privacy::read_review(piece, answer)) {
    for (const Finding& finding : *found) {
      CHECK(finding.begin < finding.end && finding.end <= piece.size());
      CHECK(!privacy::is_utf8_tail(piece[finding.begin]) && (finding.end == piece.size() || !privacy::is_utf8_tail(piece[finding.end])));
    }
  }
  std::string text = piece;
  while (!piece.empty() && text.size() < 3 * privacy::kReviewPiece) text += std::string(text);
  std::size_t at = 0;
  for (const Span span : privacy::review_pieces(text)) {
    CHECK(span.begin == at && span.begin < span.end && span.size() <= privacy::kReviewPiece);
    CHECK(!privacy::is_utf8_tail(text[span.begin]));
    at = span.end;
  }
  CHECK(at == text.size());
}
