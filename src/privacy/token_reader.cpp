#include "privacy/token_reader.hpp"

#include "privacy/unit.hpp"

namespace demarc::privacy {

TokenReader::Step TokenReader::next(std::string_view rest, bool last) {
  std::size_t plain = 0;
  while (plain < rest.size() && !tokens_.may_begin(rest[plain])) url_.take(rest[plain++], form_);
  if (plain > 0) return {plain};

  const TokenMatch match = tokens_.match(rest, {.form = form_, .before = url_.last(), .last = last});
  if (match.kind == MatchKind::partial) return {};
  if (match.kind == MatchKind::full) {
    const Step step{match.length, match.token, url_.inside()};
    take(rest.substr(0, step.size));
    url_.pass_token();
    return step;
  }
  const Unit unit = next_unit(rest, form_);
  if (unit.size == 0 && !last) return {};
  const Step step{unit.size == 0 ? rest.size() : unit.size};
  take(rest.substr(0, step.size));
  return step;
}

}  // namespace demarc::privacy
