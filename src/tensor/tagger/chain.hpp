// Chain: the probabilities of a linear-chain conditional random field, by the forward-backward algorithm.
//
//   Chain chain = read_chain(scores, transitions);        // scores: words × labels
//   chain.of[word * kLabels + label]                      // the probability that the word bears the label, all labellings weighed
//
// Pure; any thread.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

namespace demarc::tensor::tagger {

// O, then beginning and inside of each type.
inline constexpr std::array<std::string_view, 4> kTypes = {"PERSON", "ORGANIZATION", "LOCATION", "STREET_ADDRESS"};
inline constexpr std::size_t kLabels = 1 + 2 * kTypes.size();
constexpr std::size_t begins(std::size_t type) { return 1 + 2 * type; }
constexpr std::size_t goes_on(std::size_t type) { return 2 + 2 * type; }

// From each label (kLabels: the beginning of the text) to each.
using Transitions = std::array<float, (kLabels + 1) * kLabels>;

struct Chain {
  std::vector<float> of;     // words × labels
  std::vector<float> pairs;  // words × labels × labels, the label before and this one; only if asked for
};

Chain read_chain(std::span<const float> scores, const Transitions& transitions, bool with_pairs = false);

}  // namespace demarc::tensor::tagger
