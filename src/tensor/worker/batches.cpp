#include "tensor/worker/batches.hpp"

#include <algorithm>

#include "base/check.hpp"

namespace demarc::tensor::worker {

std::vector<std::size_t> batch_ends(std::span<const std::size_t> lengths) {
  CHECK(std::ranges::is_sorted(lengths));
  std::vector<std::size_t> ends;
  std::size_t first = 0;
  for (std::size_t i = 1; i < lengths.size(); ++i) {
    const std::size_t rows = i - first, padding = rows * (lengths[i] - lengths[i - 1]);  // what this piece adds to those before it
    if (padding <= kRunTokens && (rows + 1) * lengths[i] <= kBatchTokens) continue;
    ends.push_back(i);
    first = i;
  }
  if (!lengths.empty()) ends.push_back(lengths.size());
  return ends;
}

}  // namespace demarc::tensor::worker
