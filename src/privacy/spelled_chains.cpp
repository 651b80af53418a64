// Characters one by one: "4 1 1 1", "a-d-a-@-…", "5 2 1 - 4 4 - 9 3 8 2".
#include <algorithm>
#include <array>

#include "base/strings.hpp"
#include "privacy/chars.hpp"
#include "privacy/stretch.hpp"

namespace demarc::privacy {
namespace {

constexpr auto kGap = [] {
  std::array<bool, 256> out{};
  for (std::size_t c = 0; c < 128; ++c) out[c] = is_gap(static_cast<char>(c));
  return out;
}();
bool parts(char c) { return kGap[static_cast<unsigned char>(c)]; }
bool is_single(std::string_view text, std::size_t at) {
  return at < text.size() && parts(after(text, at + 1)) && parts(before(text, at)) && (is_alnum(text[at]) || text[at] == '@');
}

// The next character of the chain behind the one at `at`; npos: it ends here.
std::size_t next_single(std::string_view text, std::size_t at) {
  for (std::size_t next = at + 2; next <= at + 1 + kLongestGap && next < text.size(); ++next) {
    if (is_single(text, next)) return next;
    if (!parts(text[next])) break;
  }
  return std::string_view::npos;
}

// What a gap says that the others do not: the hyphens of "5 2 1 - 4 4 - 9 3 8 2". The commonest character of gaps says nothing.
std::string_view mark_of(std::string_view gap, char common) {
  for (std::size_t i = 0; i < gap.size(); ++i)
    if (!is_blank(gap[i]) && gap[i] != common) return gap.substr(i, 1);
  return {};
}

// A blank if most gaps are blanks.
char commonest(std::string_view text, const std::vector<std::size_t>& at) {
  std::array<std::size_t, 128> seen{};
  for (std::size_t i = 0; i + 1 < at.size(); ++i) {
    const std::string_view mark = mark_of(text.substr(at[i] + 1, at[i + 1] - at[i] - 1), ' ');
    ++seen[static_cast<std::size_t>(mark.empty() ? ' ' : mark[0])];
  }
  return static_cast<char>(std::ranges::max_element(seen) - seen.begin());
}

Stretch chain_of(std::string_view text, std::size_t first) {
  std::vector<std::size_t> at{first};
  for (std::size_t next = next_single(text, first); next != std::string_view::npos && at.size() < kMostJoined; next = next_single(text, next))
    at.push_back(next);
  Stretch out{{first, at.back() + 1}, {}};
  if (at.size() < kFewest) return out;
  if (std::ranges::all_of(at, [&](std::size_t i) { return text[i] == '0' || text[i] == '1'; })) return out;  // bits
  const char common = commonest(text, at);
  if (first >= 2 && text[first - 1] == ' ' && text[first - 2] == '+') out.whole.begin = first - 2, out.pieces.push_back({{first - 1, first}, {}});
  for (std::size_t i = 0; i + 1 < at.size(); ++i) {
    const Span gap{at[i] + 1, at[i + 1]};
    out.pieces.push_back({gap, mark_of(text.substr(gap.begin, gap.size()), common)});
  }
  return out;
}

}  // namespace

void find_chains(std::string_view text, const Signs& signs, std::vector<Stretch>& out) {
  for (std::size_t at = signs.next(Sign::chain, 0); at < text.size();) {
    std::size_t behind = at + 1;
    if (is_single(text, at)) {
      Stretch chain = chain_of(text, at);
      behind = std::max(behind, chain.whole.end);
      if (!chain.pieces.empty()) out.push_back(std::move(chain));
    }
    at = signs.next(Sign::chain, behind);
  }
}

}  // namespace demarc::privacy
