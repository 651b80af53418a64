// Batches: which pieces go through the network in one run. A run costs something by itself, and a short piece beside a long one is filled up with
// padding, which costs as much as text does.
//
//   std::size_t first = 0;
//   for (const std::size_t end : batch_ends(lengths)) run(first, end), first = end;    // lengths ascending, in tokens
//
// Which pieces share a run changes nothing about what is found in them. Pure; any thread.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace demarc::tensor::worker {

inline constexpr std::size_t kBatchTokens = 2'048;  // padding included: a few MiB of activations, some hundred milliseconds
inline constexpr std::size_t kRunTokens = 16;       // what a run costs beside its tokens, in tokens: bench/names_speed.py

// One past the last piece of each batch. A piece that is longer than kBatchTokens has a batch of its own.
std::vector<std::size_t> batch_ends(std::span<const std::size_t> lengths);

}  // namespace demarc::tensor::worker
