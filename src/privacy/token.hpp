// Tokens: the words of one conversation that stand for values (placeholders and surrogates), as a set that can be searched in a stream.
//
//   TokenMatch match = tokens.match(rest, {.form = TextForm::plain, .before = ' ', .last = false});
//   match.kind         // none: nothing begins here; partial: what follows decides; full: match.token stands here, match.length bytes long
//
// A placeholder is known in small letters, with look-alikes (O/0, I/L/1), full-width, with invisible characters, and with a space, hyphen, underscore
// or backslash between two characters. Where the type word was translated (capitals: PERSONNEX7Q2K9M4TC) or dropped, the X and the nine characters
// are enough, if they are those of one token only. A surrogate is known by its letters and digits, whatever spaces and hyphens stand between, as a
// word of its own. Immutable; any thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "privacy/url_state.hpp"

namespace demarc::privacy {

// Bytes of one as it may be written in an answer: every character and what is forgiven between two as a JSON escape.
inline constexpr std::size_t kTokenMax = 2048;

// A value that is overwritten when it is dropped. Does not move in memory.
class Wiped {
 public:
  explicit Wiped(std::string_view value) : value_(value) {}
  explicit Wiped(std::string&& value) : value_(std::move(value)) {}
  ~Wiped();
  Wiped(const Wiped&) = delete;
  Wiped& operator=(const Wiped&) = delete;
  [[nodiscard]] std::string_view view() const { return value_; }

 private:
  std::string value_;
};

enum class Style : std::uint8_t { placeholder, surrogate };
enum class Restorable : std::uint8_t { yes, never };

struct Token {
  std::string word;    // as it was made
  std::string folded;  // by which it is found: fold_placeholder() or fold_surrogate() of it
  std::string type;
  std::shared_ptr<const Wiped> value;
  Restorable restorable = Restorable::yes;
  Style style = Style::placeholder;
};

enum class MatchKind : std::uint8_t { none, partial, full };

struct TokenMatch {
  MatchKind kind = MatchKind::none;
  std::size_t length = 0;        // full: bytes of the text that it takes
  const Token* token = nullptr;  // full
};

struct MatchAt {
  TextForm form = TextForm::plain;
  unsigned char before = ' ';  // the byte before, read through its escapes
  bool last = false;           // nothing follows: nothing is partial
};

class Tokens {
 public:
  using List = std::vector<std::shared_ptr<const Token>>;
  explicit Tokens(List tokens);
  [[nodiscard]] TokenMatch match(std::string_view text, const MatchAt& at) const;  // at the text's beginning
  [[nodiscard]] bool may_begin(char c) const { return first_[static_cast<unsigned char>(c)]; }
  [[nodiscard]] bool empty() const { return placeholders_.empty() && surrogates_.empty(); }
  [[nodiscard]] std::size_t size() const { return placeholders_.size() + surrogates_.size(); }

 private:
  [[nodiscard]] TokenMatch placeholder(std::string_view text, const MatchAt& at) const;
  [[nodiscard]] TokenMatch renamed(std::string_view text, const MatchAt& at) const;
  [[nodiscard]] TokenMatch surrogate(std::string_view text, const MatchAt& at) const;

  List placeholders_;  // by `folded`
  List by_ending_;     // of the placeholders, those whose X and digits no other has; by them
  List surrogates_;    // by `folded`
  bool first_[256] = {};
};

// Its letters, digits and marks in small letters, without spaces and hyphens.
std::string fold_surrogate(std::string_view text);

}  // namespace demarc::privacy
