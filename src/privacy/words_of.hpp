// WordsOf: the words of a text, to ask whether a stand-in for something else happens to stand in it. Says yes too often rather than too rarely: all
// the words of a candidate count, wherever they stand. Immutable; any thread.
#pragma once

#include <cstdint>
#include <string_view>
#include <unordered_set>

#include "base/strings.hpp"
#include "privacy/chars.hpp"

namespace demarc::privacy {

class WordsOf {
 public:
  explicit WordsOf(std::string_view text) {
    for_each(text, [this](std::uint64_t word) { return words_.insert(word), true; });
  }
  [[nodiscard]] bool has_all(std::string_view candidate) const {
    return for_each(candidate, [this](std::uint64_t word) { return words_.contains(word); });
  }

 private:
  template <class Take>  // until it says no
  static bool for_each(std::string_view text, Take take) {
    for (std::size_t at = 0; at < text.size(); ++at) {
      if (!is_alnum(text[at])) continue;
      std::uint64_t word = 0xcbf29ce484222325U;  // FNV-1a
      for (; at < text.size() && is_alnum(text[at]); ++at) word = (word ^ static_cast<unsigned char>(ascii_lower(text[at]))) * 0x100000001b3U;
      if (!take(word)) return false;
    }
    return true;
  }
  std::unordered_set<std::uint64_t> words_;
};

}  // namespace demarc::privacy
