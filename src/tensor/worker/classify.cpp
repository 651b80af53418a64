#include "tensor/worker/classify.hpp"

#include <algorithm>
#include <tuple>

#include "tensor/worker/windows.hpp"

namespace demarc::tensor::worker {
namespace {

constexpr std::size_t kBatchTokens = 2'048;  // padding included: a few MiB of activations, some hundred milliseconds

struct Piece {
  std::size_t text;
  Window window;
};

Batch pack(std::span<const Piece> pieces, const std::vector<std::vector<Token>>& tokens, const WordPiece& words) {
  Batch batch;
  batch.rows = pieces.size();
  batch.length = pieces.back().window.size() + 2;  // sorted: the longest
  batch.ids.assign(batch.rows * batch.length, words.padding_id());
  batch.mask.assign(batch.rows * batch.length, 0);
  for (std::size_t row = 0; row < pieces.size(); ++row) {
    const auto& [text, window] = pieces[row];
    std::size_t at = row * batch.length;
    const auto put = [&](std::int64_t id) { batch.ids[at] = id, batch.mask[at++] = 1; };
    put(words.begin_id());
    for (std::size_t i = window.begin; i < window.end; ++i) put(tokens[text][i].id);
    put(words.end_id());
  }
  return batch;
}

}  // namespace

Result<std::unique_ptr<Classifier>, std::string> Classifier::load(const std::string& folder, std::size_t threads) {
  ModelCard card = TRY(read_model_card(folder));
  WordPiece words = TRY(WordPiece::read(folder + "/vocab.txt", card.letters));
  auto network = TRY(Network::load(card.weights, {.labels = card.labels.size(), .threads = threads}));
  return std::unique_ptr<Classifier>(new Classifier(std::move(card), std::move(words), std::move(network)));
}

Result<std::unique_ptr<Classified>, ClassifyError> Classifier::classify(const std::vector<std::string_view>& texts,
                                                                        const std::vector<KindRule>& rules,
                                                                        const std::function<bool()>& proceed) const {
  auto wanted = Wanted::make(card_.labels, rules);
  if (!wanted) return fail(ClassifyError{ClassifyError::Kind::unknown_kind, wanted.error()});
  auto out = std::make_unique<Classified>(std::move(*wanted), std::vector<std::vector<NamedSpan>>(texts.size()));

  std::vector<std::vector<Token>> tokens;
  std::vector<WordScores> scores;
  std::vector<Piece> pieces;
  tokens.reserve(texts.size()), scores.reserve(texts.size());  // scores point into tokens
  for (std::size_t t = 0; t < texts.size(); ++t) {
    tokens.push_back(words_.tokenize(texts[t]));
    scores.emplace_back(tokens.back(), out->wanted);
    const std::size_t longest = std::min(kWindowTokens, card_.longest_input - 2);
    for (const Window& window : windows_over(tokens.back().size(), longest, std::min(kWindowOverlap, longest / 2))) pieces.push_back({t, window});
  }
  std::ranges::sort(pieces, {}, [](const Piece& piece) { return std::tuple(piece.window.size(), piece.text, piece.window.begin); });

  const std::size_t labels = card_.labels.size();
  for (std::size_t first = 0; first < pieces.size();) {
    if (!proceed()) return fail(ClassifyError{ClassifyError::Kind::stopped, "cancelled, or past the deadline"});
    std::size_t end = first + 1;
    while (end < pieces.size() && (end - first + 1) * (pieces[end].window.size() + 2) <= kBatchTokens) ++end;
    const std::span batch_pieces(pieces.data() + first, end - first);
    const Batch batch = pack(batch_pieces, tokens, words_);
    const auto logits = network_->run(batch);
    if (!logits) return fail(ClassifyError{ClassifyError::Kind::engine, logits.error()});
    for (std::size_t row = 0; row < batch_pieces.size(); ++row) {
      const auto& [text, window] = batch_pieces[row];
      for (std::size_t i = window.from; i < window.to; ++i) {
        const std::size_t at = row * batch.length + 1 + (i - window.begin);
        scores[text].add(i, std::span(logits->data() + at * labels, labels));
      }
    }
    first = end;
  }
  for (std::size_t t = 0; t < texts.size(); ++t) out->spans[t] = spans_of(texts[t], scores[t]);
  return out;
}

}  // namespace demarc::tensor::worker
