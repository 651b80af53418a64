// Windows: how a text that is longer than a model reads well is cut, and which window is asked about which token.
//
//   for (const Window& window : windows_over(tokens.size()))     // each [begin, end) goes through the network,
//     … keep the answers about [from, to)                        // and says only this
//
// Windows overlap, and a token belongs to the one in which it stands farther from an edge: so each has context on both sides. The sizes are for
// models of names, which lose recall in inputs near their limit. Pure; any thread.
#pragma once

#include <cstddef>
#include <vector>

namespace demarc::tensor::worker {

struct Window {
  std::size_t begin = 0, end = 0;  // tokens read
  std::size_t from = 0, to = 0;    // tokens answered for
  [[nodiscard]] std::size_t size() const { return end - begin; }
};

inline constexpr std::size_t kWindowTokens = 158, kWindowOverlap = 32;

std::vector<Window> windows_over(std::size_t tokens, std::size_t longest = kWindowTokens, std::size_t overlap = kWindowOverlap);

}  // namespace demarc::tensor::worker
