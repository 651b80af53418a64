#include "privacy/blank.hpp"

#include "privacy/url_state.hpp"

namespace demarc::privacy {
namespace {

constexpr char kBlank = 'X';

TokenMatch match_at(const Tokens& tokens, std::string_view rest) { return tokens.may_begin(rest[0]) ? tokens.match(rest) : TokenMatch{}; }

}  // namespace

std::vector<Span> find_tokens(const Tokens& tokens, std::string_view text) {
  std::vector<Span> out;
  if (tokens.empty()) return out;
  UrlState url;
  for (std::size_t at = 0; at < text.size();) {
    const TokenMatch match = match_at(tokens, text.substr(at));
    const std::size_t taken = match.kind == MatchKind::full ? match.length : 1;
    if (match.kind == MatchKind::full && match.token->restorable == Restorable::yes && !url.inside()) out.push_back({at, at + taken});
    for (char c : text.substr(at, taken)) url.take(c, TextForm::plain);
    at += taken;
  }
  return out;
}

std::string blank_tokens(const Tokens& tokens, std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const TokenMatch match = tokens.empty() ? TokenMatch{} : match_at(tokens, text.substr(at));
    const bool full = match.kind == MatchKind::full;
    out.append(full ? match.length : 1, full ? kBlank : text[at]);
    at += full ? match.length : 1;
  }
  return out;
}

}  // namespace demarc::privacy
