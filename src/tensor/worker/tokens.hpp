// WordPiece: a text as the token ids of a BERT model, each with the bytes of the text that it stands for.
//
//   const WordPiece words = TRY(WordPiece::read("vocab.txt", Letters::lower));
//   for (const Token& token : words.tokenize("Ada Lovelace")) …     // {id, begin, end, word}; without [CLS] and [SEP]
//
// The rules are BERT's (clean, split at spaces and punctuation, lower case without accents where the model wants that, longest pieces first), checked
// against the `tokenizers` library. Immutable once read; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.hpp"
#include "base/strings.hpp"

namespace demarc::tensor::worker {

enum class Letters : std::uint8_t { lower, as_they_are };

struct Token {
  std::int64_t id = 0;
  std::uint32_t begin = 0, end = 0;  // bytes of the text
  std::uint32_t word = 0;            // pieces of one word share it; counts up
};

class WordPiece {
 public:
  static Result<WordPiece, std::string> read(const std::string& path, Letters letters);
  static Result<WordPiece, std::string> make(const std::vector<std::string>& vocabulary, Letters letters);

  [[nodiscard]] std::vector<Token> tokenize(std::string_view utf8) const;
  [[nodiscard]] std::int64_t begin_id() const { return begin_; }  // [CLS]
  [[nodiscard]] std::int64_t end_id() const { return end_; }      // [SEP]
  [[nodiscard]] std::int64_t padding_id() const { return padding_; }
  [[nodiscard]] std::size_t size() const { return ids_.size(); }
  // The number of the first whole word: what stands before are marks and single letters. Vocabularies of this kind list words by how often they
  // occur.
  [[nodiscard]] std::int64_t first_word() const { return first_word_; }

 private:
  struct Word;
  void add_pieces(const Word& word, std::uint32_t index, std::vector<Token>& out) const;

  std::unordered_map<std::string, std::int64_t, TransparentHash, std::equal_to<>> ids_;
  Letters letters_ = Letters::lower;
  std::int64_t begin_ = 0, end_ = 0, unknown_ = 0, padding_ = 0, first_word_ = 0;
};

}  // namespace demarc::tensor::worker
