// What the parts of the clean-up hand to each other about one piece of a transcript (clean.hpp says what they do with it). Values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "speech/glossary.hpp"
#include "speech/languages.hpp"

namespace demarc::speech {

enum class EditKind : std::uint8_t { punctuation, letter_case, filler, repeat, glossary, homophone };
std::string_view to_string(EditKind kind);

inline constexpr double kLowConfidence = 0.5;  // of a word below that something else may have been said that sounds alike

// A word that the deterministic part kept.
struct KeptWord {
  std::size_t word = 0;   // index in the piece
  std::string written{};  // as it is now
  std::string said{};
  double confidence = 1;         // of the speech model
  bool starts_sentence = false;  // as heard
  Lock lock = Lock::none;
};

// What a model wants of kept words [first, first + count): `with` in their place ("": they go). `kind` only if accepted, `why_not` only if not.
struct Proposal {
  std::size_t first = 0, count = 0;  // count 0: something before `first` that was not said
  std::string with{};
  bool accepted = false;
  EditKind kind = EditKind::punctuation;
  std::string why_not{};
};

// Marks that the clean-up may set and move; quotation marks and brackets stay as they are.
inline constexpr std::string_view kMarks = ".,?!;:";
bool has_only_marks(std::string_view behind);  // "", ",", "?!", "…"

// Between numbers, and between a number and its unit, a mark changes what is meant ("twenty five", "twenty, five").
bool keeps_marks(const std::vector<KeptWord>& words, std::size_t at, const Language& language);

}  // namespace demarc::speech
