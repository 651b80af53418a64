// The second stage of a transcript, one piece of it (a sentence or a few): hesitations go without asking anybody; a language model is asked only
// where it helps, and then only which of a few ways each word is written in; a guard takes of its answer what changes nothing that was said.
//
//   PieceCleaning cleaning({.text = "uh so we meet on on monday", .language = "en"}, glossary);
//   std::string answer;
//   if (cleaning.asks() != Asks::nothing) answer = answer_of_the_model(cleaning.prompt());
//   CleanPiece clean = cleaning.finish(answer);       // "So we meet on Monday.", with its edits; "" as answer: nobody answered
//
// The model's answer is bound by a schema whose pattern lists, word for word, what may stand there: the word, with a capital, with a mark, a repeat
// or "mhm" left out, a term of the glossary or a word that sounds alike where the speech model was not sure. The guard does not rely on that: an
// upstream may know no schema, and a transcript may hold orders to the model. Digits, numbers in words, negations, dates, units and names (a capital
// inside a sentence) stay as they were said; only a term of the glossary may stand for a name that sounds like it. Pure; any thread, one object a
// thread.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/chat.hpp"
#include "speech/glossary.hpp"
#include "speech/languages.hpp"
#include "speech/piece.hpp"
#include "speech/said.hpp"

namespace demarc::speech {

struct PieceEdit {
  std::size_t begin = 0, end = 0;  // bytes of the piece's text; of a word that goes: with the space behind it, or before it at the end
  std::string with{};
  bool accepted = true;
  std::string why{};  // accepted: its kind; else what stands against it: "number", "name", …, "another_word", "added_word", "dropped_word", "mark"
};

struct Piece {
  std::string_view text;
  std::string_view before{}, after{};  // what stands around it; the model reads it and cannot change it
  bool knows_after = true;             // false: what follows is not heard yet, and this may end within a sentence
  std::string_view language{};         // ISO 639-1, "" if nobody knows
  std::vector<double> confidence{};    // of each word, 0 to 1; empty: nobody says
};

struct CleanPiece {
  std::string text;
  std::vector<PieceEdit> edits;  // in order; those that are accepted, applied to the piece, give `text`
  std::uint32_t reverted = 0;    // of all; at most kMostReverted of them are in `edits`
};

enum class Asks : std::uint8_t { nothing, confidence, punctuation, glossary };
std::string_view to_string(Asks why);

inline constexpr std::size_t kMostReverted = 32;  // listed, of one piece
inline constexpr std::size_t kMostWords = 400;    // of a piece that a model is asked about; the alignment grows with the square
inline constexpr std::size_t kLongestWord = 64;   // bytes, likewise

class PieceCleaning {
 public:
  PieceCleaning(Piece piece, const Glossary& glossary);  // what both refer to must outlive this

  [[nodiscard]] Asks asks() const { return asks_; }
  [[nodiscard]] Chat prompt() const;
  CleanPiece finish(std::string_view answer);

 private:
  void drop_hesitations();
  void write_terms();
  [[nodiscard]] Asks why_ask() const;
  [[nodiscard]] bool is_askable() const;
  [[nodiscard]] bool lacks_marks() const;
  void apply(const std::vector<Proposal>& proposals);
  [[nodiscard]] CleanPiece put_together();
  [[nodiscard]] std::string_view heard(std::size_t word) const {
    return piece_.text.substr(words_[word].begin, words_[word].end - words_[word].begin);
  }

  const Piece piece_;
  const Language& language_;
  const Glossary& glossary_;
  const std::vector<WordAt> words_;
  const bool begins_sentence_;
  std::vector<KeptWord> kept_;
  std::vector<Glossary::Heard> terms_;           // of kept_: what sounds like a term
  std::vector<std::string> why_;                 // by word: of its last change; "": none
  std::vector<std::optional<std::string>> now_;  // by word: what is written there; nullopt: nothing, it went or stands with the word before
  std::vector<std::size_t> reaches_;             // by word: one past the last word that `now_` stands for
  std::vector<PieceEdit> reverted_;
  std::uint32_t reverted_count_ = 0;
  Asks asks_ = Asks::nothing;
};

inline constexpr std::size_t kPieceWords = 60;

// Cuts a text into pieces of whole sentences of at most `most_words` words each (a longer sentence is cut between words). Bytes of the text. A piece
// ends before each of `breaks`, in order: what one person says is no repetition of what another said.
struct PieceAt {
  std::size_t begin = 0, end = 0;
  std::size_t first_word = 0, words = 0;
};
std::vector<PieceAt> cut_into_pieces(std::string_view text, std::size_t most_words = kPieceWords, std::span<const std::size_t> breaks = {});

}  // namespace demarc::speech
