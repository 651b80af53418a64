#include "privacy/shape.hpp"

#include <algorithm>

#include "base/check.hpp"
#include "privacy/chars.hpp"

namespace demarc::privacy {
namespace {

constexpr char upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; }
constexpr bool is_separator(char c) { return c == ' ' || c == '-' || c == '.' || c == '/'; }

std::uint8_t number_at(std::string_view notation, std::size_t& at) {
  int value = 0;
  while (at < notation.size() && is_digit(notation[at])) value = value * 10 + (notation[at++] - '0');
  CHECK(value < static_cast<int>(Shape::kLongest));
  return static_cast<std::uint8_t>(value);
}

}  // namespace

Shape::Shape(std::string_view notation) {
  for (std::size_t at = 0; at < notation.size(); ++at) {
    const char c = notation[at];
    if (c == '{') {
      CHECK(!items_.empty() && items_.back().kind <= Kind::hyphenated);
      items_.back().least = number_at(notation, ++at);
      CHECK(at < notation.size() && notation[at] == ',');
      items_.back().most = number_at(notation, ++at);
      CHECK(at < notation.size() && notation[at] == '}' && items_.back().least <= items_.back().most);
      continue;
    }
    const Kind kind = c == '9'   ? Kind::digit
                      : c == 'A' ? Kind::letter
                      : c == 'X' ? Kind::either
                      : c == 'W' ? Kind::hyphenated
                      : c == '?' ? Kind::any
                      : c == '~' ? Kind::separator
                                 : Kind::literal;
    CHECK(kind != Kind::literal || !is_alnum(c));
    items_.push_back({kind, c});
  }
  CHECK(!items_.empty() && items_.front().kind <= Kind::hyphenated);
  note_starts(Separators::absent);
  note_starts(Separators::present);
}

bool Shape::has_joint(char c) const {
  return std::ranges::any_of(items_, [&](const Item& item) {
    return item.kind == Kind::separator ? is_separator(c)
           : item.kind == Kind::literal ? item.literal == c
                                        : item.kind == Kind::hyphenated && c == '-';
  });
}

void Shape::note_starts(Separators separators) {
  std::size_t least = 0, most = 0;
  const Kind first = items_.front().kind;
  const auto note = [&](Follow follow) {
    for (std::size_t n = least; n <= most; ++n) {
      if (first != Kind::digit) starts_[static_cast<std::size_t>(follow)][0].set(n);
      if (first != Kind::letter) starts_[static_cast<std::size_t>(follow)][1].set(n);
    }
  };
  for (std::size_t i = 0; i < items_.size(); ++i) {
    const Item& item = items_[i];
    if (item.kind == Kind::separator && separators == Separators::absent) continue;
    if (item.kind == Kind::literal || item.kind == Kind::separator) {
      CHECK(i + 1 < items_.size());
      if (items_[i + 1].kind != Kind::letter) note(Follow::digit);
      if (items_[i + 1].kind != Kind::digit) note(Follow::letter);
      return;
    }
    if (item.kind == Kind::any) note(Follow::nothing);  // it may be a letter, and the word longer, or end it
    least += item.kind == Kind::hyphenated ? 1 : item.least, most += item.most;
    CHECK(most < kLongest);
    if (item.kind == Kind::hyphenated) break;
  }
  note(Follow::nothing);
}

bool Shape::match(std::string_view text, std::size_t begin, Match& match) const {
  std::size_t at = begin, size = 0;
  bool separated = false;  // whether the first ~ has been seen
  match.separator = 0;
  for (const Item& item : items_) {
    switch (item.kind) {
      case Kind::separator:
        if (!separated) {
          separated = true;
          if (at < text.size() && is_separator(text[at])) match.separator = text[at];
        }
        if (match.separator == 0) break;
        if (after(text, at) != match.separator) return false;
        ++at;
        break;
      case Kind::literal:
        if (at >= text.size() || text[at] != item.literal) return false;
        ++at;
        break;
      case Kind::any:
        if (at >= text.size()) return false;
        if (is_alnum(text[at])) match.buffer[size++] = upper(text[at]);
        ++at;
        break;
      case Kind::hyphenated: {
        const std::size_t from = at;
        while (at < text.size() && at - from < item.most &&
               (is_alnum(text[at]) || (text[at] == '-' && at > from && text[at - 1] != '-' && is_alnum(after(text, at + 1))))) {
          if (text[at] != '-') match.buffer[size++] = upper(text[at]);
          ++at;
        }
        if (at - from < item.least) return false;
        break;
      }
      case Kind::digit:
      case Kind::letter:
      case Kind::either:
        for (std::size_t n = 0; n < item.most; ++n, ++at) {
          const char c = at < text.size() ? text[at] : ' ';
          if (!(item.kind == Kind::digit ? is_digit(c) : item.kind == Kind::letter ? is_letter(c) : is_alnum(c))) {
            if (n < item.least) return false;
            break;
          }
          match.buffer[size++] = upper(c);
        }
        break;
    }
  }
  const char next = after(text, at);
  if (is_alnum(next) || next == '_') return false;
  match.end = at;
  match.compact = {match.buffer.data(), size};
  return true;
}

}  // namespace demarc::privacy
