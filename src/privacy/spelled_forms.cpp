// Values in forms: "4111+1111+1111+1111", where URL coding writes a space as a plus.
#include <algorithm>

#include "privacy/blocks.hpp"
#include "privacy/chars.hpp"
#include "privacy/stretch.hpp"

namespace demarc::privacy {
namespace {

constexpr std::size_t kNear = 64;  // bytes before the first plus in which a digit may stand
bool in_word(char c) { return is_alnum(c) || c == '-' || c == '_' || c == '.'; }

std::size_t next_plus(std::string_view text, std::size_t at) {
  return walk_blocks(text, at, [](Bytes c) { return c == '+'; }, [&](std::size_t first, Bits bits) { return first_bit(bits, first, at); });
}

}  // namespace

void find_pluses(std::string_view text, std::vector<Stretch>& out) {
  for (std::size_t at = next_plus(text, 0); at < text.size();) {
    Stretch stretch{{at, at + 1}, {}};
    std::size_t end = at;
    while (end < text.size() && text[end] == '+' && stretch.pieces.size() < kMostJoined) {
      stretch.pieces.push_back({{end, end + 1}, " "});
      for (++end; end < text.size() && in_word(text[end]);) ++end;
    }
    stretch.whole.end = end;
    const std::size_t from = at > kNear ? at - kNear : 0;
    if (std::ranges::any_of(text.substr(from, end - from), is_digit)) out.push_back(std::move(stretch));
    at = next_plus(text, end);
  }
}

}  // namespace demarc::privacy
