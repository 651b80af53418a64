// classify: many texts through the network in as few runs as their lengths allow, and each through the tagger.
//
//   Classifier classifier = TRY(Classifier::load(settings.model_path, settings.threads));
//   auto found = classifier.classify(texts, rules, patience);      // one list of spans a text
//
// Windows of all texts are sorted by length and packed into batches of a bounded number of tokens, so that padding is rare and memory is bounded.
// `proceed` is asked before each batch. Any thread; runs share the network's threads.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "tensor/worker/labels.hpp"
#include "tensor/worker/network.hpp"
#include "tensor/worker/spans.hpp"
#include "tensor/worker/tokens.hpp"

namespace demarc::tensor::worker {

struct ClassifyError {
  enum class Kind : std::uint8_t { unknown_kind, stopped, engine };
  Kind kind;
  std::string message;  // no contents
};

struct Classified {
  Wanted wanted;                              // owns the names of the network's types
  std::vector<std::string> tagger_types{};    // and of the tagger's
  std::vector<std::vector<NamedSpan>> spans;  // by text
};

class Classifier {
 public:
  static Result<std::unique_ptr<Classifier>, std::string> load(const std::string& folder, std::size_t threads);

  [[nodiscard]] Result<std::unique_ptr<Classified>, ClassifyError> classify(const std::vector<std::string_view>& texts, std::vector<KindRule> rules,
                                                                            const std::function<bool()>& proceed) const;
  [[nodiscard]] const ModelCard& card() const { return card_; }

 private:
  Classifier(ModelCard card, WordPiece words, std::unique_ptr<Network> network)
      : card_(std::move(card)), words_(std::move(words)), network_(std::move(network)) {}
  ModelCard card_;
  WordPiece words_;
  std::unique_ptr<Network> network_;
};

}  // namespace demarc::tensor::worker
