// Values in forms: "4111+1111+1111+1111", where URL coding writes a space as a plus.
#include <algorithm>

#include "privacy/chars.hpp"
#include "privacy/stretch.hpp"

namespace demarc::privacy {
namespace {

constexpr std::size_t kNear = 64;  // bytes before the first plus in which a digit may stand
bool in_word(char c) { return is_alnum(c) || c == '-' || c == '_' || c == '.'; }

}  // namespace

void find_pluses(std::string_view text, const Signs& signs, std::vector<Stretch>& out) {
  for (std::size_t at = signs.next(Sign::plus, 0); at < text.size();) {
    Stretch stretch{{at, at + 1}, {}};
    std::size_t end = at;
    while (end < text.size() && text[end] == '+' && stretch.pieces.size() < kMostJoined) {
      stretch.pieces.push_back({{end, end + 1}, " "});
      for (++end; end < text.size() && in_word(text[end]);) ++end;
    }
    stretch.whole.end = end;
    const std::size_t from = at > kNear ? at - kNear : 0;
    if (std::ranges::any_of(text.substr(from, end - from), is_digit)) out.push_back(std::move(stretch));
    at = signs.next(Sign::plus, end);
  }
}

}  // namespace demarc::privacy
