// NearbyWords: which of many lists of words and phrases stand beside a place of a text, and how near. Identifiers whose digits prove nothing are told
// by them.
//
//   NearbyWords words;
//   words.add("date of birth", 7);                          // list number 7
//   for (const auto& near : words.around(text, begin, end)) // in no order: {lists, words_between}
//
// Words are runs of letters of any alphabet, small and capital alike (ASCII and Latin-1). Looked at are the six before, as far as the sentence goes,
// the four after in the same clause, and the label (a JSON key: "dateOfBirth", "date_of_birth") as words that stand before. A phrase has at most four
// words. Filled once; any thread may ask.
#pragma once

#include <bitset>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/strings.hpp"
#include "privacy/detector.hpp"

namespace demarc::privacy {

class NearbyWords {
 public:
  static constexpr std::size_t kLists = 128;
  using Lists = std::bitset<kLists>;
  struct Near {
    Lists lists;
    std::size_t words_between = 0;
  };

  void add(std::string_view phrase, std::size_t list);
  [[nodiscard]] std::vector<Near> around(const Text& text, std::size_t begin, std::size_t end) const;

 private:
  struct Words;
  void note(const Words& words, std::size_t from, std::size_t distance, std::vector<Near>& out) const;

  static std::size_t quick(std::string_view word);
  std::bitset<4096> first_words_;  // by quick(): whether any phrase may begin with such a word
  std::unordered_map<std::string, Lists, TransparentHash, std::equal_to<>> phrases_;
};

}  // namespace demarc::privacy
