// LiteralSearch: where any of some hundred literals stands in a text, in one pass. What secrets are looked for by before a pattern decides.
//
//   const auto search = make_literal_search({{"sk-", LetterCase::exact}, {"password", LetterCase::any}}, best_search());
//   search->each(text, [&](std::size_t literal, std::size_t begin) { … });    // "Password" at 7: (1, 7)
//
// Two ways that tell the same places, in no order: an automaton (Vectorscan, 2 GB/s) where the processor can run it, else tables by hand (0.7 GB/s).
// Any thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace demarc::privacy {

enum class LetterCase : std::uint8_t { exact, any };  // of ASCII letters

struct Literal {
  std::string text;  // two bytes or more
  LetterCase letter_case = LetterCase::exact;
};

class LiteralSearch {
 public:
  using Visit = std::function<void(std::size_t literal, std::size_t begin)>;
  virtual ~LiteralSearch() = default;
  virtual void each(std::string_view text, const Visit& visit) const = 0;
};

enum class SearchBy : std::uint8_t { automaton, hand };
SearchBy best_search();  // what this processor allows

std::unique_ptr<const LiteralSearch> make_literal_search(const std::vector<Literal>& literals, SearchBy by);
std::unique_ptr<const LiteralSearch> make_hand_search(const std::vector<Literal>& literals);  // hand_search.cpp

}  // namespace demarc::privacy
