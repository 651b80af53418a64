#include "privacy/token.hpp"

#include <openssl/crypto.h>

#include <algorithm>

#include "base/strings.hpp"
#include "privacy/chars.hpp"
#include "privacy/placeholder.hpp"
#include "privacy/unit.hpp"

namespace demarc::privacy {
namespace {

using Iterator = Tokens::List::const_iterator;
constexpr std::size_t kGap = 3;  // what is forgiven between two characters: a space or hyphen, and an escape or invisible ones

std::string_view whole(const Token& token) { return token.folded; }
std::string_view ending(const Token& token) { return std::string_view(token.folded).substr(token.folded.size() - kPlaceholderDigits - 1); }

// Those of a sorted list that agree with what was read so far.
class Narrowing {
 public:
  using Key = std::string_view (*)(const Token&);
  Narrowing(const Tokens::List& sorted, Key key) : low_(sorted.begin()), high_(sorted.end()), key_(key) {}
  bool take(char c) {
    const auto at = [this](const auto& token) { return depth_ < key_(*token).size() ? static_cast<int>(key_(*token)[depth_]) : -1; };
    low_ = std::lower_bound(low_, high_, c, [&](const auto& token, char want) { return at(token) < want; });
    high_ = std::upper_bound(low_, high_, c, [&](char want, const auto& token) { return want < at(token); });
    ++depth_;
    return low_ != high_;
  }
  [[nodiscard]] bool complete() const { return low_ != high_ && key_(**low_).size() == depth_; }
  [[nodiscard]] const Token* first() const { return low_->get(); }
  [[nodiscard]] std::size_t depth() const { return depth_; }
  // Of those that are complete, the one that was made just so: "LEE" and "Lee" may both stand for something.
  [[nodiscard]] const Token* complete_as(std::string_view text) const {
    for (auto at = low_; at != high_ && key_(**at).size() == depth_; ++at)
      if ((*at)->word == text) return at->get();
    return first();
  }

 private:
  Iterator low_, high_;
  Key key_;
  std::size_t depth_ = 0;
};

// What may stand between two characters of a placeholder.
class Gap {
 public:
  explicit Gap(std::size_t spacing) : most_spacing_(spacing) {}
  bool take(const Unit& unit) {
    if (unit.kind == UnitKind::spacing) return ++units_ <= kGap && ++spacing_ <= most_spacing_;
    return (unit.kind == UnitKind::backslash || unit.kind == UnitKind::invisible) && ++units_ <= kGap;
  }
  void end() { units_ = spacing_ = 0; }

 private:
  std::size_t most_spacing_, units_ = 0, spacing_ = 0;
};

TokenMatch open_end(const MatchAt& at) { return {at.last ? MatchKind::none : MatchKind::partial}; }

TokenMatch walk(Narrowing narrowing, std::string_view text, const MatchAt& where, std::size_t spacing = 1) {
  Gap gap(spacing);
  for (std::size_t at = 0; at < text.size();) {
    const Unit unit = next_unit(text.substr(at), where.form);
    if (unit.kind == UnitKind::cut) return open_end(where);
    at += unit.size;
    if (unit.kind != UnitKind::alnum) {
      if (narrowing.depth() == 0 || !gap.take(unit)) return {};
      continue;
    }
    gap.end();
    if (!narrowing.take(fold_placeholder(static_cast<char>(unit.code)))) return {};
    if (narrowing.complete()) return {MatchKind::full, at, narrowing.first()};
  }
  return open_end(where);
}

// Other letters and then the token's own type word: a text that ended in capitals where the placeholder was put in. Those letters are the text's.
bool is_glued_to(const Token& token, std::string_view letters) {
  const std::string_view word = std::string_view(token.folded).substr(0, token.folded.size() - kPlaceholderDigits - 1);
  return letters.size() > word.size() && letters.ends_with(word);
}

bool is_word(unsigned char c) { return is_alnum(static_cast<char>(c)); }

}  // namespace

Wiped::~Wiped() { OPENSSL_cleanse(value_.data(), value_.size()); }

std::string fold_surrogate(std::string_view text) {
  std::string out;
  out.reserve(text.size());  // it may be a value: no copy is left behind by growing
  for (std::size_t at = 0; at < text.size();) {
    const Unit unit = next_unit(text.substr(at), TextForm::plain);
    const std::size_t size = std::max<std::size_t>(unit.size, 1);
    if (unit.kind == UnitKind::alnum)
      out += ascii_lower(static_cast<char>(unit.code));
    else if (unit.kind == UnitKind::other || unit.kind == UnitKind::cut)
      out += text.substr(at, size);
    at += size;
  }
  return out;
}

Tokens::Tokens(List tokens) {
  for (auto& token : tokens) (token->style == Style::surrogate ? surrogates_ : placeholders_).push_back(std::move(token));
  const auto by_folded = [](const auto& a, const auto& b) { return a->folded < b->folded; };
  std::sort(placeholders_.begin(), placeholders_.end(), by_folded);
  std::sort(surrogates_.begin(), surrogates_.end(), by_folded);
  by_ending_ = placeholders_;
  const auto by_end = [](const auto& a, const auto& b) { return ending(*a) < ending(*b); };
  std::sort(by_ending_.begin(), by_ending_.end(), by_end);
  for (auto at = by_ending_.begin(); at != by_ending_.end();) {
    const auto next = std::upper_bound(at, by_ending_.end(), *at, by_end);
    at = next - at > 1 ? by_ending_.erase(at, next) : next;
  }
  for (const auto& token : placeholders_)
    for (int c = 0; c < 128; ++c) first_[c] = first_[c] || token->folded[0] == fold_placeholder(static_cast<char>(c));
  for (const auto& token : surrogates_)
    for (int c = 0; c < 128; ++c) first_[c] = first_[c] || token->folded[0] == ascii_lower(static_cast<char>(c));
  if (empty()) return;
  first_['X'] = first_['x'] = first_['\\'] = true;
  for (int c = 'A'; c <= 'Z'; ++c) first_[c] = true;
  for (int c = 0x80; c < 256; ++c) first_[c] = true;  // full-width ones, capitals of other scripts
}

TokenMatch Tokens::match(std::string_view text, const MatchAt& at) const {
  const bool inside_word = is_word(at.before);
  const Unit first = next_unit(text, at.form);
  if (first.kind == UnitKind::cut) return open_end(at);
  if (first.kind != UnitKind::alnum && first.kind != UnitKind::other) return {};
  // Glued to a word before it, a placeholder is known by its capitals only and without spaces in it; so the letters of prose are not held back.
  TokenMatch found;
  if (!inside_word || is_capital(first.code)) found = placeholder(text, at);
  if (found.kind != MatchKind::none) return found;
  if (!inside_word) found = renamed(text, at);
  if (found.kind == MatchKind::full || inside_word) return found;
  const TokenMatch standing_in = surrogate(text, at);
  return standing_in.kind != MatchKind::none && found.kind == MatchKind::none ? standing_in : found;
}

// No placeholder is the beginning of another: the last nine characters differ.
TokenMatch Tokens::placeholder(std::string_view text, const MatchAt& at) const {
  return walk({placeholders_, whole}, text, at, is_word(at.before) ? 0 : 1);
}

// Capitals that are no type word of this conversation, or none, and then an X and nine characters that are.
TokenMatch Tokens::renamed(std::string_view text, const MatchAt& where) const {
  if (by_ending_.empty()) return {};
  bool open = false;
  std::size_t at = 0;
  std::string read;
  for (std::size_t letters = 0;; ++letters) {
    if (at == text.size()) return open_end(where);
    const Unit unit = next_unit(text.substr(at), where.form);
    if (unit.kind == UnitKind::cut) return open_end(where);
    if (unit.code == 'X' || (unit.code == 'x' && letters == 0)) {
      TokenMatch match = walk({by_ending_, ending}, text.substr(at), where);
      if (match.kind == MatchKind::full && is_glued_to(*match.token, read)) return {};
      if (match.kind == MatchKind::full) return match.length += at, match;
      open = open || match.kind == MatchKind::partial;
    }
    const bool foreign = where.before >= 0x80;  // in the middle of a word of another script
    if (letters == kPlaceholderWord || !is_capital(unit.code) || foreign) return {open ? MatchKind::partial : MatchKind::none};
    read += unit.code < 0x80 ? fold_placeholder(static_cast<char>(unit.code)) : '?';
    at += unit.size;
  }
}

// The longest that stands here as a word of its own.
TokenMatch Tokens::surrogate(std::string_view text, const MatchAt& where) const {
  Narrowing narrowing(surrogates_, whole);
  Gap gap(1);
  TokenMatch best;
  for (std::size_t at = 0; !surrogates_.empty();) {
    const bool ended = at == text.size();
    if (ended && !where.last) return {MatchKind::partial};
    const Unit unit = ended ? Unit{UnitKind::spacing, ' ', 0} : next_unit(text.substr(at), where.form);
    if (unit.kind == UnitKind::cut && !where.last) return {MatchKind::partial};
    if (narrowing.depth() > 0 && narrowing.complete() && unit.kind != UnitKind::alnum && !is_cased(unit.code))
      best = {MatchKind::full, at, narrowing.complete_as(text.substr(0, at))};
    if (ended || unit.kind == UnitKind::cut) return best;
    const bool skipped = unit.kind == UnitKind::spacing || unit.kind == UnitKind::backslash || unit.kind == UnitKind::invisible;
    if (skipped) {
      if (narrowing.depth() == 0 || !gap.take(unit)) return best;
      at += unit.size;
      continue;
    }
    gap.end();
    const std::string_view bytes = text.substr(at, unit.size);
    const std::string one = unit.code < 0x80 ? std::string(1, ascii_lower(static_cast<char>(unit.code))) : std::string(bytes);
    for (char c : one)
      if (!narrowing.take(c)) return best;
    at += unit.size;
  }
  return best;
}

}  // namespace demarc::privacy
