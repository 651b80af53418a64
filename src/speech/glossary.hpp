// Glossary: the terms of a workload, as they are to be written, and where in a transcript something was heard that sounds like one.
//
//   Glossary glossary({"Kubernetes", "Dr. Alvarez"}, language("en"));
//   for (const Glossary::Heard& heard : glossary.heard_in(words)) …      // words 3 to 4, "cooper netties": term 0
//
// Bounded: kMostTerms of kLongestTerm bytes each; what is past that is left out. So are terms that hold a locked word ("Type 45"): nobody may put a
// number where none was said. Immutable; any thread.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "speech/languages.hpp"
#include "speech/said.hpp"
#include "speech/sounds.hpp"

namespace demarc::speech {

class Glossary {
 public:
  static constexpr std::size_t kMostTerms = 1'000, kLongestTerm = 64, kMostWords = 4;

  Glossary() = default;
  Glossary(const std::vector<std::string>& terms, const Language& language);

  struct Heard {
    std::size_t first = 0, count = 0;  // of the words
    std::string_view term;
    bool is_same = false;  // said alike letter for letter: only its writing may differ
  };
  // In order, none over another: the likest go first, of equals the longer. Nothing that is locked for another reason than being a name.
  [[nodiscard]] std::vector<Heard> heard_in(std::span<const std::string_view> written) const;
  // How many letters `term` is apart from these words, if it is of the glossary and sounds like them.
  [[nodiscard]] std::optional<std::size_t> apart(std::string_view term, std::span<const std::string_view> written) const;
  [[nodiscard]] bool empty() const { return terms_.empty(); }

 private:
  struct Term {
    std::string written, joined;  // joined: what is said of it, without spaces
    std::size_t words = 0;
    std::array<Sound, 2> sounds;
  };
  [[nodiscard]] static std::array<Sound, 2> sounds_of(std::string_view joined, const Language& language);
  [[nodiscard]] static bool near(const std::array<Sound, 2>& a, const std::array<Sound, 2>& b);

  const Language* language_ = nullptr;  // null: no terms
  std::vector<Term> terms_;
};

}  // namespace demarc::speech
