// Values of which only the digits stand apart: "DE8 9 3 7 0 4", "fe8.0::6eda:7.4ff", "2 7 Nov 1 9 6 6".
#include <algorithm>
#include <array>

#include "privacy/chars.hpp"
#include "privacy/stretch.hpp"

namespace demarc::privacy {
namespace {

constexpr std::string_view kGaps = " .-/";
constexpr std::size_t kNear = 24;     // bytes from one gap to the next of the same value
constexpr std::size_t kReach = 128;   // the same within one word; of its first and last word
constexpr std::size_t kSure = 3;      // gaps; fewer need a word that is more than digits
constexpr std::size_t kShortest = 8;  // letters and digits of such a word; more where the gap is a mark, as in "libfoo-1.2"
constexpr std::size_t kShortestMarked = 16;

bool in_value(char c) { return is_alnum(c) || std::string_view("@_-+/=:.").find(c) != std::string_view::npos; }

// Whether a digit, the gap and a digit stand at `at`, neither digit beside another one.
bool is_parted(std::string_view text, std::size_t at, char gap) {
  return is_digit(text[at]) && after(text, at + 1) == gap && is_digit(after(text, at + 2)) && !is_digit(before(text, at)) &&
         !is_digit(after(text, at + 3));
}

// The next of the same gap; npos: none is near, or digits stand together before it.
std::size_t next_parted(std::string_view text, std::size_t behind, char gap) {
  bool one_word = true;
  for (std::size_t at = behind; at < text.size() && at - behind < (one_word ? kReach : kNear); ++at) {
    if (is_parted(text, at, gap)) return at;
    if (is_digit(text[at]) && is_digit(after(text, at + 1))) break;
    if (text[at] == '\n') break;
    one_word = one_word && in_value(text[at]);
  }
  return std::string_view::npos;
}

// The words at its ends belong to it, as far as their digits stand alone.
Span with_words(std::string_view text, Span inside) {
  const auto together = [&](std::size_t at) { return is_digit(text[at]) && is_digit(after(text, at + 1)); };
  Span out = inside;
  while (out.begin > 0 && inside.begin - out.begin < kReach && in_value(text[out.begin - 1]) && !together(out.begin - 1)) --out.begin;
  while (out.end < text.size() && out.end - inside.end < kReach && in_value(text[out.end]) && !together(out.end - 1)) ++out.end;
  return out;
}

bool is_value(std::string_view text, const Stretch& stretch, char gap) {
  const std::string_view whole = text.substr(stretch.whole.begin, stretch.whole.size());
  const bool address = whole.find('@') != std::string_view::npos;
  if (address) return gap == ' ';  // "pkg@1.2.3" is a version
  if (stretch.pieces.size() >= kSure) return true;
  const auto count = static_cast<std::size_t>(std::ranges::count_if(whole, is_alnum));
  const bool pairs = std::ranges::count(whole, ':') >= 2 || std::ranges::count(whole, '-') >= 4;  // MAC and IPv6 addresses
  return count >= (gap == ' ' || pairs ? kShortest : kShortestMarked) && std::ranges::any_of(whole, is_letter);
}

// The same without any blank: groups of letters and digits stood apart before, "FR0 3 8 9 BEP8 1IBJ".
Stretch without_blanks(std::string_view text, const Stretch& stretch) {
  Stretch out{stretch.whole, {}, Stretch::Beside::own};
  for (std::size_t end = out.whole.end;
       end + 1 < text.size() && text[end] == ' ' && end - stretch.whole.end < kReach;) {  // words with digits behind it
    const Span word = with_words(text, {end + 1, end + 1});
    if (std::ranges::none_of(text.substr(word.begin, word.size()), is_digit) || is_digit(after(text, word.end))) break;
    out.whole.end = end = word.end;
  }
  for (std::size_t at = out.whole.begin; at < out.whole.end; ++at)
    if (text[at] == ' ') out.pieces.push_back({{at, at + 1}, {}});
  return out;
}

}  // namespace

void find_digit_gaps(std::string_view text, const Signs& signs, std::vector<Stretch>& out) {
  std::array<std::size_t, kGaps.size()> done{};
  for (std::size_t at = signs.next(Sign::digit_gap, 0); at < text.size(); at = signs.next(Sign::digit_gap, at + 1)) {
    const char gap = text[at + 1];
    const std::size_t kind = kGaps.find(gap);
    if (kind == std::string_view::npos || at < done[kind]) continue;
    Stretch stretch{{}, {}, Stretch::Beside::own};
    std::size_t last = at;
    for (std::size_t next = at; next != std::string_view::npos && stretch.pieces.size() < kMostJoined; next = next_parted(text, next + 2, gap)) {
      stretch.pieces.push_back({{next + 1, next + 2}, {}});
      last = next;
    }
    stretch.whole = with_words(text, {at, last + 3});
    done[kind] = last + 2;
    if (!is_value(text, stretch, gap)) continue;
    Stretch bare = gap == ' ' ? without_blanks(text, stretch) : Stretch{};
    const bool more = bare.pieces.size() > stretch.pieces.size();
    out.push_back(std::move(stretch));
    if (more) out.push_back(std::move(bare));
  }
}

}  // namespace demarc::privacy
