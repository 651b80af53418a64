// Spans: from a model's numbers about tokens to what is named where.
//
//   Wanted wanted = TRY(Wanted::make(card.labels, {{"GIVEN_NAME", "PERSON", 0.2F}, {"SURNAME", "PERSON", 0.2F}}));
//   WordScores scores(tokens, wanted.types());
//   scores.add(token_index, logits);                        // one row of the network's output
//   for (const Span& span : spans_of(text, scores.words(), wanted)) …       // {type, begin, end, score}
//
// Several labels may stand for one type: their probabilities add up, so a name whose parts the model cannot tell apart is still a name. Pieces of a
// word are averaged; words at or above the type's threshold that only spaces or name punctuation part are one span. Pure; any thread.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "tensor/worker/tokens.hpp"

namespace demarc::tensor::worker {

// "Count the model's `kind` as `type` where its probability is at least `at_least`." Of several rules of one type the lowest counts.
struct KindRule {
  std::string kind, type;
  float at_least = 0.5F;
};

class Wanted {
 public:
  // Fails if a rule names a kind that the model does not have, or nothing is wanted.
  static Result<Wanted, std::string> make(const std::vector<std::string>& labels, const std::vector<KindRule>& rules);

  struct Type {
    std::string name;
    float at_least = 1;
  };
  [[nodiscard]] const std::vector<Type>& types() const { return types_; }
  // Adds the probabilities of one token, by type.
  void add_probabilities(std::span<const float> logits, std::span<float> by_type) const;

 private:
  static constexpr std::uint16_t kNone = 0xFFFF;
  std::vector<Type> types_;
  std::vector<std::uint16_t> type_of_label_;
};

struct Word {
  std::uint32_t begin = 0, end = 0;  // bytes
  std::uint32_t pieces = 0;
};

class WordScores {
 public:
  WordScores(const std::vector<Token>& tokens, const Wanted& wanted);
  void add(std::size_t token, std::span<const float> logits);

  [[nodiscard]] const std::vector<Word>& words() const { return words_; }
  [[nodiscard]] float score(std::size_t word, std::size_t type) const {
    return sums_[word * wanted_.types().size() + type] / static_cast<float>(words_[word].pieces);
  }
  [[nodiscard]] const Wanted& wanted() const { return wanted_; }

 private:
  const std::vector<Token>& tokens_;
  const Wanted& wanted_;
  std::vector<Word> words_;
  std::vector<float> sums_;  // words × types
};

struct NamedSpan {
  std::string_view type;             // of Wanted
  std::uint32_t begin = 0, end = 0;  // bytes of the text
  float score = 0;
  bool by_tagger = false;  // else by the network
};

// Sorted by where they begin; spans of different types may overlap.
std::vector<NamedSpan> spans_of(std::string_view text, const WordScores& scores);

}  // namespace demarc::tensor::worker
