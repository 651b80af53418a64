#include "speech/same_text.hpp"

#include <algorithm>
#include <limits>

namespace demarc::speech {
namespace {

constexpr bool is_white(unsigned char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

bool counts(std::string_view text, std::size_t at, Ignore ignore) {
  const auto c = static_cast<unsigned char>(text[at]);
  if (ignore == Ignore::white_space) return !is_white(c);
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c >= 0x80;
}

char folded(char c, Ignore ignore) { return ignore == Ignore::punctuation && c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

}  // namespace

std::optional<SameText> SameText::match(std::string_view text, const std::vector<std::string_view>& pieces, Ignore ignore) {
  if (text.size() > std::numeric_limits<std::uint32_t>::max()) return {};
  SameText same;
  same.text_ = text, same.pieces_ = pieces;
  std::size_t at = 0;
  const auto skip = [&] {
    while (at < text.size() && !counts(text, at, ignore)) ++at;
  };
  for (const std::string_view piece : pieces) {
    same.piece_letters_.push_back(same.letters_.size());
    for (std::size_t i = 0; i < piece.size(); ++i) {
      if (!counts(piece, i, ignore)) continue;
      skip();
      if (at == text.size() || folded(text[at], ignore) != folded(piece[i], ignore)) return {};
      same.letters_.push_back({static_cast<std::uint32_t>(at++), static_cast<std::uint32_t>(i)});
    }
  }
  same.piece_letters_.push_back(same.letters_.size());
  skip();
  if (at < text.size()) return {};
  return same;
}

// Signs at the ends ("+49 …") count for nothing in the match, but belong to the value: they go along where both tellings have them.
std::vector<SameText::Stretch> SameText::in_pieces(std::size_t begin, std::size_t end) const {
  const auto before = [](const Letter& letter, std::size_t byte) { return letter.in_text < byte; };
  const auto first = static_cast<std::size_t>(std::lower_bound(letters_.begin(), letters_.end(), begin, before) - letters_.begin());
  const auto last = static_cast<std::size_t>(std::lower_bound(letters_.begin(), letters_.end(), end, before) - letters_.begin());
  std::vector<Stretch> out;
  if (first == last) return out;
  std::size_t piece = static_cast<std::size_t>(std::upper_bound(piece_letters_.begin(), piece_letters_.end(), first) - piece_letters_.begin()) - 1;
  for (std::size_t at = first; at < last; ++piece) {
    const std::size_t stop = std::min(last, piece_letters_[piece + 1]);
    if (at == stop) continue;  // a piece of which nothing counts
    out.push_back({piece, letters_[at].in_piece, std::size_t{letters_[stop - 1].in_piece} + 1});
    at = stop;
  }
  Stretch& front = out.front();
  for (std::size_t in_text = letters_[first].in_text; in_text > begin && front.begin > 0; --in_text, --front.begin)
    if (text_[in_text - 1] != pieces_[front.piece][front.begin - 1]) break;
  Stretch& back = out.back();
  for (std::size_t in_text = letters_[last - 1].in_text + 1; in_text < end && back.end < pieces_[back.piece].size(); ++in_text, ++back.end)
    if (text_[in_text] != pieces_[back.piece][back.end]) break;
  return out;
}

SameText::Stretch SameText::in_text(std::size_t piece, std::size_t begin, std::size_t end) const {
  const auto from = letters_.begin() + static_cast<std::ptrdiff_t>(piece_letters_[piece]);
  const auto to = letters_.begin() + static_cast<std::ptrdiff_t>(piece_letters_[piece + 1]);
  const auto before = [](const Letter& letter, std::size_t byte) { return letter.in_piece < byte; };
  const auto first = std::lower_bound(from, to, begin, before), last = std::lower_bound(from, to, end, before);
  if (first == last) return {piece, 0, 0};
  return {piece, first->in_text, std::size_t{std::prev(last)->in_text} + 1};
}

}  // namespace demarc::speech
