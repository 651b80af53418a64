// Dictionary: a set of terms, millions if need be, and where one of them stands in a text as whole words.
//
//   DictionaryBuilder builder(LetterCase::any);
//   builder.add("Project Nightjar");
//   const Dictionary terms = std::move(builder).build();
//   terms.each(text, [&](std::size_t begin, std::size_t end) { … });      // the longest that begins at a place; then on behind it
//
// A term begins and ends where a word does: letters of any alphabet, digits and '_' make words, everything else stands alone. Blanks count as one,
// whatever and however many they are. Letter case of ASCII and Latin-1 is all that LetterCase::any forgives. A term has at most kLongestTerm bytes.
// Memory: the terms themselves, 7 bytes a term and 2 a word. Built once; any thread may ask.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "privacy/literal_search.hpp"

namespace demarc::privacy {

class Dictionary {
 public:
  static constexpr std::size_t kLongestTerm = 200;
  using Visit = std::function<void(std::size_t begin, std::size_t end)>;

  void each(std::string_view text, const Visit& visit) const;
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] std::size_t memory_bytes() const;

 private:
  friend class DictionaryBuilder;
  explicit Dictionary(LetterCase letter_case) : letter_case_(letter_case) {}
  [[nodiscard]] std::size_t longest_at(std::string_view text, std::size_t begin) const;  // its end; 0: none begins here
  [[nodiscard]] bool holds(std::uint64_t hash, std::string_view piece) const;

  LetterCase letter_case_;
  std::size_t size_ = 0;
  std::string terms_;                 // each after a byte that says its length
  std::vector<std::uint32_t> slots_;  // by hash: place in terms_ plus one; 0: empty. Open addressing
  std::vector<std::uint64_t> known_;  // bits by hash of what terms begin with, up to the end of any of their words
  std::array<bool, 256> starts_{};    // first bytes of terms
};

class DictionaryBuilder {
 public:
  explicit DictionaryBuilder(LetterCase letter_case) : made_(letter_case) {}
  enum class Added : std::uint8_t { yes, empty, too_long, too_many };  // too_many: 4 GiB of terms
  Added add(std::string_view term);
  Dictionary build() &&;

 private:
  Dictionary made_;
  std::vector<std::uint64_t> beginnings_;  // hashes
};

}  // namespace demarc::privacy
