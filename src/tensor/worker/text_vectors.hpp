// TextVectors: vectors of texts that come again and again (a request's labels and examples), through the Batcher when they are new, from memory when
// they are not.
//
//   TextVectors known(model, batcher);
//   auto vectors = known.of(texts, work_class, still_wanted);      // in their order
//
// Holds kMost of them, then begins anew. Any thread.
#pragma once

#include <map>

#include "tensor/worker/batcher.hpp"
#include "tensor/worker/refusal.hpp"
#include "tensor/worker/sentence_model.hpp"

namespace demarc::tensor::worker {

enum class Remember : std::uint8_t { no, yes };

class TextVectors {
 public:
  TextVectors(const SentenceModel& model, Batcher& batcher) : model_(model), batcher_(batcher) {}

  using Vectors = std::vector<std::vector<float>>;
  // A text longer than the model reads is read in chunks. `tokens` grows by what went through the network.
  Result<Vectors, std::pair<Batcher::Stop, std::string>> of(const std::vector<std::string>& texts, Remember remember, WorkClass work_class,
                                                            const std::function<bool()>& still_wanted, std::size_t& tokens);

 private:
  static constexpr std::size_t kMost = 20'000;
  const SentenceModel& model_;
  Batcher& batcher_;
  Mutex mutex_;
  std::map<std::string, std::vector<float>, std::less<>> known_ GUARDED_BY(mutex_);
};

}  // namespace demarc::tensor::worker
