// The body of POST /v1/rerank in Cohere's and Jina's shape, how a document is scored, and the answer.
//
//   {"query": "how long do refunds take", "documents": ["a text", {"text": "another"}], "top_n": 3, "return_documents": true}
//   {"model": …, "results": [{"index": 1, "relevance_score": 0.71, "document": {"text": "another"}}, …], "usage": {…}}
//
// The score is late interaction (ColBERT: Khattab, Zaharia, SIGIR 2020) over the token vectors of an embedding model: each word of the query finds
// the word of the document that is nearest in meaning, and the weighted mean of these likenesses is the score. Rare words weigh more: by their place
// in the vocabulary, which lists words by how often they occur, so that a document's score does not depend on what else is in the request. No model
// trained to rerank is at work: the answer says so ("method"). Pure; any thread.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tensor/worker/refusal.hpp"
#include "tensor/worker/sentence_words.hpp"

namespace demarc::tensor::worker {

inline constexpr std::size_t kMaxDocuments = 1'000;

struct RerankRequest {
  std::vector<std::int64_t> query;
  std::vector<std::vector<std::int64_t>> documents;  // token numbers; a long document in several pieces, of which the best counts
  std::vector<std::size_t> document_of_piece;
  std::vector<std::string> texts;  // where they are to be returned
  std::size_t count = 0, top_n = 0, tokens = 0;
};
Result<RerankRequest, Refusal> read_rerank(std::string_view body, const SentenceWords& model);

// Of marks and the commonest words, beside 1 more for the rarest: chosen on one half of the questions, and told on the other, by
// bench/rerank_weight.py (docs/measured.md).
inline constexpr float kLeastWeight = 0.2F;

class Relevance {
 public:
  // `vectors`: of the query's tokens, [its length][width].
  Relevance(const SentenceWords& model, std::span<const std::int64_t> query, std::span<const float> vectors, float least_weight = kLeastWeight);
  [[nodiscard]] float score(std::span<const float> document) const {
    return weigh(likenesses(document));
  }  // 0 to 1; [length][width], with [CLS] and [SEP]
  // Its two halves: how near each word of the query comes to a word of the document, and the weighted mean of that.
  [[nodiscard]] std::vector<float> likenesses(std::span<const float> document) const;
  [[nodiscard]] float weigh(std::span<const float> likenesses) const;

 private:
  std::size_t width_;
  std::vector<float> query_, weights_;  // the query's words, each of length 1; weights add up to 1
};

std::string print_rerank(const RerankRequest& request, const std::vector<float>& scores, std::string_view model);

}  // namespace demarc::tensor::worker
