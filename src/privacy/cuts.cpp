#include "privacy/cuts.hpp"

#include <algorithm>

#include "base/check.hpp"
#include "privacy/chars.hpp"

namespace demarc::privacy {
namespace {

bool ends_sentence(std::string_view text, std::size_t at) {  // behind text[at - 1]
  const char last = text[at - 1];
  if (last == '\n') return true;
  const bool space = at < text.size() && (text[at] == ' ' || text[at] == '\t' || text[at] == '\n');
  return space && (last == '.' || last == '!' || last == '?' || last == ';');
}

bool begins_character(std::string_view text, std::size_t at) { return at == text.size() || (static_cast<unsigned char>(text[at]) & 0xC0U) != 0x80; }

// The last place within (from, to] where a sentence ends, else a word, else a character.
std::size_t best_end(std::string_view text, std::size_t from, std::size_t to) {
  for (std::size_t at = to; at > from; --at)
    if (ends_sentence(text, at)) return at;
  for (std::size_t at = to; at > from; --at)
    if (text[at - 1] == ' ') return at;
  while (!begins_character(text, to)) --to;
  return to;
}

// Where the next piece begins: behind the last end of a sentence or word that leaves no more than `overlap`, so that no word is cut.
std::size_t next_begin(std::string_view text, std::size_t from, std::size_t to) {
  for (std::size_t at = from; at < to; ++at)
    if (ends_sentence(text, at)) return at;
  for (std::size_t at = from; at < to; ++at)
    if (text[at - 1] == ' ') return at;
  while (!begins_character(text, from)) ++from;
  return from;
}

constexpr std::size_t kShortWord = 4;  // "Prof."

bool is_abbreviation(std::string_view text, std::size_t at) {  // text[at - 1] is a point
  std::size_t begin = at - 1;
  while (begin > 0 && is_letter(text[begin - 1])) --begin;
  const std::size_t length = at - 1 - begin;
  return length > 0 && length <= kShortWord && text[begin] <= 'Z';
}

}  // namespace

std::size_t Sentences::end_of_first(bool last) const {
  const std::size_t most = std::min(held_.size(), kMost);
  for (std::size_t at = looked_at_ + 1; at <= most; ++at)
    if (ends_sentence(held_, at) && !(held_[at - 1] == '.' && is_abbreviation(held_, at))) return at;
  looked_at_ = most == 0 ? 0 : most - 1;  // what follows the last byte was not seen yet
  if (held_.size() > kMost) return best_end(held_, kMost / 2, kMost);
  return last ? held_.size() : 0;
}

std::optional<Sentences::Unit> Sentences::next(bool last) {
  const std::size_t end = end_of_first(last);
  if (end == 0) return std::nullopt;
  looked_at_ = 0;
  Unit unit{.text = before_ + held_.substr(0, end), .from = before_.size()};
  std::size_t keep = unit.text.size() - std::min(unit.text.size(), kBefore);
  while (!begins_character(unit.text, keep)) ++keep;
  before_ = unit.text.substr(keep);
  held_.erase(0, end);
  return unit;
}

std::vector<Cut> cut(std::string_view text, const CutSizes& sizes) {
  CHECK(sizes.overlap > 0 && sizes.most >= 4 * sizes.overlap);
  std::vector<Cut> out;
  std::size_t begin = 0;
  while (text.size() - begin > sizes.most) {
    const std::size_t end = best_end(text, begin + sizes.most / 2, begin + sizes.most);
    out.push_back({begin, end});
    begin = next_begin(text, end - sizes.overlap, end);
  }
  out.push_back({begin, text.size()});
  return out;
}

}  // namespace demarc::privacy
