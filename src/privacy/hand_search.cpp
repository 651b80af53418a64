// LiteralSearch by hand: a table by the first two bytes of a literal, then a set of third bytes, then the literal itself.
#include <algorithm>
#include <array>
#include <bitset>

#include "base/check.hpp"
#include "base/strings.hpp"
#include "privacy/chars.hpp"
#include "privacy/literal_search.hpp"

namespace demarc::privacy {
namespace {

class HandSearch final : public LiteralSearch {
 public:
  explicit HandSearch(const std::vector<Literal>& literals) : literals_(literals) {
    for (std::size_t i = 0; i < literals_.size(); ++i) {
      if (literals_[i].letter_case == LetterCase::any) literals_[i].text = to_lower(literals_[i].text);
      list(i);
    }
  }

  void each(std::string_view text, const Visit& visit) const override {
    for (std::size_t at = 0; at + 1 < text.size(); ++at) {
      const std::uint16_t number = bucket_of_[pair_of(text[at], text[at + 1])];
      if (number == 0 || !buckets_[number].third.test(static_cast<unsigned char>(after(text, at + 2)))) continue;
      for (const std::size_t literal : buckets_[number].literals) {
        if (stands_at(text, at, literals_[literal])) visit(literal, at);
      }
    }
  }

 private:
  struct Bucket {            // of literals that begin with the same two bytes
    std::bitset<256> third;  // what may follow those
    std::vector<std::size_t> literals;
  };

  static std::size_t pair_of(char a, char b) { return static_cast<std::size_t>(static_cast<unsigned char>(a)) << 8U | static_cast<unsigned char>(b); }

  void list(std::size_t number) {
    const Literal& literal = literals_[number];
    CHECK(literal.text.size() >= 2);
    const auto spellings = [&](char c) {
      return literal.letter_case == LetterCase::any && is_letter(c) ? std::string{c, static_cast<char>(c - 32)} : std::string{c};
    };
    for (const char a : spellings(literal.text[0])) {
      for (const char b : spellings(literal.text[1])) {
        std::uint16_t& bucket = bucket_of_[pair_of(a, b)];
        if (bucket == 0) {
          bucket = static_cast<std::uint16_t>(buckets_.size());
          CHECK(buckets_.size() < 65536);
          buckets_.emplace_back();
        }
        buckets_[bucket].literals.push_back(number);
        if (literal.text.size() == 2) buckets_[bucket].third.set();
        if (literal.text.size() > 2)
          for (const char c : spellings(literal.text[2])) buckets_[bucket].third.set(static_cast<unsigned char>(c));
      }
    }
  }

  static bool stands_at(std::string_view text, std::size_t at, const Literal& literal) {
    if (at + literal.text.size() > text.size()) return false;
    for (std::size_t i = 0; i < literal.text.size(); ++i) {
      const char c = text[at + i];
      if (c != literal.text[i] && !(literal.letter_case == LetterCase::any && ascii_lower(c) == literal.text[i])) return false;
    }
    return true;
  }

  std::vector<Literal> literals_;                 // in small letters where the case is any
  std::vector<Bucket> buckets_{1};                // number 0 stays empty
  std::array<std::uint16_t, 65536> bucket_of_{};  // by the first two bytes of a literal
};

}  // namespace

std::unique_ptr<const LiteralSearch> make_hand_search(const std::vector<Literal>& literals) { return std::make_unique<HandSearch>(literals); }

}  // namespace demarc::privacy
