// SentenceWords: texts as what a model of vectors takes, without the model: token numbers between [CLS] and [SEP], and how many of them there may be.
//
//   const SentenceWords words(TRY(WordPiece::make(vocabulary, Letters::lower)), 512, 384);
//   const std::vector<std::int64_t> ids = words.encode("a text");
//
// What reads requests needs no more than this. Immutable; any thread.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "tensor/worker/tokens.hpp"

namespace demarc::tensor::worker {

class SentenceWords {
 public:
  // `longest_input`: tokens, with [CLS] and [SEP]; `width`: numbers of a vector.
  SentenceWords(WordPiece words, std::size_t longest_input, std::size_t width)
      : words_(std::move(words)), longest_input_(longest_input), width_(width) {}

  [[nodiscard]] std::vector<std::int64_t> encode(std::string_view text) const;
  // Token numbers that a caller gives, between [CLS] and [SEP] where they do not stand already; empty: one of them is in no vocabulary.
  [[nodiscard]] std::vector<std::int64_t> enclose(std::vector<std::int64_t> ids) const;

  [[nodiscard]] std::size_t width() const { return width_; }
  [[nodiscard]] std::size_t longest_input() const { return longest_input_; }
  [[nodiscard]] std::size_t words() const { return words_.size(); }
  [[nodiscard]] std::int64_t first_word() const { return words_.first_word(); }
  [[nodiscard]] std::int64_t padding_id() const { return words_.padding_id(); }

 private:
  WordPiece words_;
  std::size_t longest_input_, width_;
};

// To length 1; a vector of nothing but zeros stays one.
void normalise(std::span<float> vector);

}  // namespace demarc::tensor::worker
