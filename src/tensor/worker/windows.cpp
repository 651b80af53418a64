#include "tensor/worker/windows.hpp"

#include <algorithm>

#include "base/check.hpp"

namespace demarc::tensor::worker {

std::vector<Window> windows_over(std::size_t tokens, std::size_t longest, std::size_t overlap) {
  CHECK(longest > overlap);
  std::vector<Window> out;
  for (std::size_t begin = 0; begin < tokens;) {
    const std::size_t end = std::min(begin + longest, tokens);
    const bool last = end == tokens;
    out.push_back({begin, end, begin == 0 ? 0 : begin + overlap / 2, last ? tokens : end - overlap + overlap / 2});
    if (last) break;
    begin = end - overlap;
  }
  return out;
}

}  // namespace demarc::tensor::worker
