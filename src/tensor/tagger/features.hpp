// Features: what the tagger looks at beside each word, as buckets of a hash: the word and its neighbours, their beginnings, endings and shapes,
// whether a sentence begins, whether the same word stands elsewhere in small letters.
//
//   const Features features = features_of(split_words(text), 1 << 18);
//   for (const std::uint32_t bucket : features.of(word)) score += weights[bucket];
//
// The trainer (tools/train_names) and the tagger share this file, so they cannot differ. A change of it needs new weights. Pure; any thread.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "tensor/tagger/words.hpp"

namespace demarc::tensor::tagger {

struct Features {
  std::vector<std::uint32_t> buckets;
  std::vector<std::uint32_t> ends;  // of each word's buckets
  [[nodiscard]] std::span<const std::uint32_t> of(std::size_t word) const {
    const std::uint32_t from = word == 0 ? 0 : ends[word - 1];
    return std::span(buckets).subspan(from, ends[word] - from);
  }
};

// Words that `unknown` holds for are read by shape only: how the trainer teaches what surroundings say. `buckets` is a power of two.
Features features_of(const std::vector<Word>& words, std::uint32_t buckets, const std::function<bool(std::size_t)>& unknown = {});

}  // namespace demarc::tensor::tagger
