#include "tensor/tagger/chain.hpp"

#include <algorithm>
#include <cmath>

#include "base/check.hpp"

namespace demarc::tensor::tagger {
namespace {

using Row = std::array<double, kLabels>;

// Each row is scaled to a sum of 1, so that no text is too long for a double.
void scale(Row& row) {
  double sum = 0;
  for (const double value : row) sum += value;
  for (double& value : row) value /= sum;
}

}  // namespace

Chain read_chain(std::span<const float> scores, const Transitions& transitions, bool with_pairs) {
  CHECK(scores.size() % kLabels == 0);
  const std::size_t words = scores.size() / kLabels;
  std::array<double, (kLabels + 1) * kLabels> step{};
  for (std::size_t i = 0; i < step.size(); ++i) step[i] = std::exp(static_cast<double>(transitions[i]));

  std::vector<Row> own(words), forward(words), backward(words);
  for (std::size_t w = 0; w < words; ++w) {
    const auto row = scores.subspan(w * kLabels, kLabels);
    const float most = *std::ranges::max_element(row);
    for (std::size_t y = 0; y < kLabels; ++y) own[w][y] = std::exp(static_cast<double>(row[y] - most));
  }
  for (std::size_t w = 0; w < words; ++w) {
    for (std::size_t y = 0; y < kLabels; ++y) {
      double sum = w == 0 ? step[kLabels * kLabels + y] : 0;
      if (w > 0)
        for (std::size_t x = 0; x < kLabels; ++x) sum += forward[w - 1][x] * step[x * kLabels + y];
      forward[w][y] = sum * own[w][y];
    }
    scale(forward[w]);
  }
  for (std::size_t w = words; w-- > 0;) {
    for (std::size_t x = 0; x < kLabels; ++x) {
      double sum = w + 1 == words ? 1 : 0;
      if (w + 1 < words)
        for (std::size_t y = 0; y < kLabels; ++y) sum += step[x * kLabels + y] * own[w + 1][y] * backward[w + 1][y];
      backward[w][x] = sum;
    }
    scale(backward[w]);
  }
  Chain out;
  out.of.resize(words * kLabels);
  if (with_pairs) out.pairs.assign(words * kLabels * kLabels, 0);
  for (std::size_t w = 0; w < words; ++w) {
    Row row{};
    for (std::size_t y = 0; y < kLabels; ++y) row[y] = forward[w][y] * backward[w][y];
    scale(row);
    for (std::size_t y = 0; y < kLabels; ++y) out.of[w * kLabels + y] = static_cast<float>(row[y]);
    if (!with_pairs || w == 0) continue;
    double sum = 0;
    std::array<double, kLabels * kLabels> pairs{};
    for (std::size_t x = 0; x < kLabels; ++x)
      for (std::size_t y = 0; y < kLabels; ++y)
        sum += pairs[x * kLabels + y] = forward[w - 1][x] * step[x * kLabels + y] * own[w][y] * backward[w][y];
    for (std::size_t i = 0; i < pairs.size(); ++i) out.pairs[w * pairs.size() + i] = static_cast<float>(pairs[i] / sum);
  }
  return out;
}

}  // namespace demarc::tensor::tagger
