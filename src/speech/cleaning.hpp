// Cleaning: a whole transcript's way through its second stage, piece by piece; whoever has a language model asks it in between.
//
//   Cleaning cleaning(transcript, {"Kubernetes"});
//   for (std::size_t i = 0; i < cleaning.size(); ++i)
//     if (cleaning.asks(i) != Asks::nothing) cleaning.answered(i, answer_of_the_model(cleaning.prompt(i)));      // in any order, side by side
//   cleaning.finish(transcript);
//
// Pieces of which nobody answers are cleaned as far as no model is needed. finish() sets clean_text, edits, reverted and cleaning; segments read
// clean, `text` stays as heard. What a model reads beside a piece is the text as heard. Not shared between threads.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/transcript.hpp"
#include "speech/clean.hpp"

namespace demarc::speech {

class Cleaning {
 public:
  Cleaning(const Transcript& transcript, const std::vector<std::string>& glossary);
  [[nodiscard]] std::size_t size() const { return pieces_.size(); }
  [[nodiscard]] Asks asks(std::size_t piece) const { return pieces_[piece].cleaning->asks(); }
  [[nodiscard]] Chat prompt(std::size_t piece) const { return pieces_[piece].cleaning->prompt(); }
  [[nodiscard]] std::size_t begin_of(std::size_t piece) const { return pieces_[piece].at.begin; }  // byte of the text
  void asked() { ++tally_.asked; }
  void answered(std::size_t piece, std::string answer);
  void finish(Transcript& transcript);

 private:
  struct PieceWork {
    PieceAt at;
    std::unique_ptr<PieceCleaning> cleaning;
    std::string answer{};
  };
  const std::string text_;  // the pieces look into it
  const std::string language_;
  const Glossary glossary_;
  std::vector<PieceWork> pieces_;
  TranscriptCleaning tally_;
};

// How sure the speech model was of each word of the text: its words say so, else their segments; a word of which nobody says anything is 1.
std::vector<double> confidence_of_words(const Transcript& transcript);

std::string apply_edits(std::string_view text, const std::vector<TranscriptEdit>& edits, std::size_t begin, std::size_t end);

}  // namespace demarc::speech
