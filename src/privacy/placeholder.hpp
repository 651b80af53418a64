// Placeholder: the word that stands for a value while it is away: type, "X", nine characters of Crockford's base 32: EMAILX7Q2K9M4TC.
//
// Plain capitals and digits, because models keep an opaque word verbatim far more often than anything in brackets or braces. The nine characters are
// 45 bits of a keyed digest (vault.hpp). When read back, small letters, the look-alikes O/0 and I/L/1, and one space, hyphen, underscore or backslash
// between two characters are forgiven; nothing else is.
//
// Tokens is an immutable set of them that can be searched in a stream: match() says whether one begins here, might begin here, or does not.
// Any thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace demarc::privacy {

inline constexpr std::size_t kPlaceholderDigits = 9;
inline constexpr std::size_t kPlaceholderWord = 24;                                              // longest type word
inline constexpr std::size_t kPlaceholderMax = 2 * (kPlaceholderWord + 1 + kPlaceholderDigits);  // bytes of one as it may be written in an answer

std::string placeholder_word(std::string_view type);  // "EMAIL_ADDRESS" → "EMAIL", "MEDICAL_RECORD_NUMBER" → "MEDICALRECORDNUMBER"

// A value that is overwritten when it is dropped. Does not move in memory.
class Wiped {
 public:
  explicit Wiped(std::string_view value) : value_(value) {}
  ~Wiped();
  Wiped(const Wiped&) = delete;
  Wiped& operator=(const Wiped&) = delete;
  [[nodiscard]] std::string_view view() const { return value_; }

 private:
  std::string value_;
};

enum class Restorable : std::uint8_t { yes, never };

struct Token {
  std::string placeholder;  // as it was made
  std::string folded;       // fold() of it, by which it is found
  std::string type;
  std::shared_ptr<const Wiped> value;
  Restorable restorable = Restorable::yes;
};

enum class MatchKind : std::uint8_t { none, partial, full };

struct TokenMatch {
  MatchKind kind = MatchKind::none;
  std::size_t length = 0;        // full: bytes of the text that it takes
  const Token* token = nullptr;  // full
};

class Tokens {
 public:
  explicit Tokens(std::vector<std::shared_ptr<const Token>> tokens);
  [[nodiscard]] TokenMatch match(std::string_view text) const;  // at the text's beginning
  [[nodiscard]] bool may_begin(char c) const { return first_[static_cast<unsigned char>(c)]; }
  [[nodiscard]] bool empty() const { return sorted_.empty(); }
  [[nodiscard]] std::size_t size() const { return sorted_.size(); }

 private:
  std::vector<std::shared_ptr<const Token>> sorted_;  // by `folded`
  bool first_[256] = {};
};

std::string fold_placeholder(std::string_view text);

}  // namespace demarc::privacy
