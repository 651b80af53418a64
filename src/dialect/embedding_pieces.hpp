// A long list of texts to embed as several short ones, and their answers as one again: so that an engine which takes one request after the other lets
// others in between.
//
//   std::vector<std::string> bodies = cut_embeddings(body, {.texts = 32, .bytes = 8'192});     // empty: it is short enough, or no list of texts
//   std::optional<std::string> answer = join_embeddings(std::move(answers));                   // nullopt: one of them is no answer of that form
//
// The vectors pass as they stand, numbers or base64; `index` counts on, `usage` adds up, all else is the first answer's. Pure; any thread.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace demarc::dialect {

struct EmbeddingPiece {  // at most; a text longer than `bytes` is a piece by itself
  std::size_t texts = 32, bytes = 8'192;
};
std::vector<std::string> cut_embeddings(const std::string& body, EmbeddingPiece most);
std::optional<std::string> join_embeddings(std::vector<std::string> answers);

}  // namespace demarc::dialect
