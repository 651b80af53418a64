#include "tensor/worker/classify.hpp"

#include <algorithm>
#include <array>
#include <tuple>

#include "tensor/tagger/tagger.hpp"
#include "tensor/worker/batches.hpp"
#include "tensor/worker/windows.hpp"

namespace demarc::tensor::worker {
namespace {

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

// What is asked of the tagger, by the tagger's types.
struct TaggerRules {
  tagger::Least least;
  std::array<std::string, tagger::kTypes.size()> types;
};

// Splits the rules: the network's stay in `rules`. The error names the kind that the tagger does not have.
Result<TaggerRules, ClassifyError> take_tagger_rules(std::vector<KindRule>& rules) {
  constexpr std::string_view kPrefix = "tagger/";
  TaggerRules out;
  out.least.fill(2);
  std::vector<KindRule> rest;
  for (KindRule& rule : rules) {
    if (!rule.kind.starts_with(kPrefix)) {
      rest.push_back(std::move(rule));
      continue;
    }
    const auto at = std::ranges::find(tagger::kTypes, std::string_view(rule.kind).substr(kPrefix.size())) - tagger::kTypes.begin();
    if (at == std::ssize(tagger::kTypes)) return fail(ClassifyError{ClassifyError::Kind::unknown_kind, "the tagger has no label for " + rule.kind});
    const auto type = static_cast<std::size_t>(at);
    out.least[type] = rule.at_least, out.types[type] = rule.type;
  }
  rules = std::move(rest);
  return out;
}

}  // namespace

Result<std::unique_ptr<Classifier>, std::string> Classifier::load(const std::string& folder, std::size_t threads) {
  ModelCard card = TRY(read_model_card(folder));
  WordPiece words = TRY(WordPiece::read(folder + "/vocab.txt", card.letters));
  auto network = TRY(Network::load(card.weights, {.width = card.labels.size(), .threads = threads}));
  return std::unique_ptr<Classifier>(new Classifier(std::move(card), std::move(words), std::move(network)));
}

Result<std::unique_ptr<Classified>, ClassifyError> Classifier::classify(const std::vector<std::string_view>& texts, std::vector<KindRule> rules,
                                                                        const std::function<bool()>& proceed) const {
  const TaggerRules ours = TRY(take_tagger_rules(rules));
  auto wanted = Wanted::make(card_.labels, rules);
  if (!wanted) return fail(ClassifyError{ClassifyError::Kind::unknown_kind, wanted.error()});
  auto out = std::make_unique<Classified>(Classified{.wanted = std::move(*wanted),
                                                     .tagger_types = {ours.types.begin(), ours.types.end()},
                                                     .spans = std::vector<std::vector<NamedSpan>>(texts.size())});

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
  std::vector<std::size_t> lengths;
  for (const Piece& piece : pieces) lengths.push_back(piece.window.size() + 2);  // with what stands at its ends
  std::size_t first = 0;
  for (const std::size_t end : batch_ends(lengths)) {
    if (!proceed()) return fail(ClassifyError{ClassifyError::Kind::stopped, "cancelled, or past the deadline"});
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
  for (std::size_t t = 0; t < texts.size(); ++t) {
    out->spans[t] = spans_of(texts[t], scores[t]);
    for (const tagger::Tagged& found : tagger::built_in().read(texts[t], ours.least))
      out->spans[t].push_back(
          {.type = out->tagger_types[found.type], .begin = found.begin, .end = found.end, .score = found.score, .by_tagger = true});
  }
  return out;
}

}  // namespace demarc::tensor::worker
