// Fit: which quantisation of a model this machine holds at which context, and how fast it will be: arithmetic, no guess that is not marked as one.
//
//   for (const Choice& choice : choices(shape, machine, 8'192)) …
//
// Pure; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "models/format/gguf.hpp"

namespace demarc::models {

// What of a model decides how much memory it takes. From its file's head, or the catalogue (the publisher's config.json).
struct Shape {
  std::uint64_t parameters = 0, layers = 0;
  std::uint64_t kv_elements_per_token = 0;  // over all layers
  std::uint64_t context_tokens = 0;         // the longest it was trained for; 0: not known
  std::uint64_t active_parameters = 0;      // of a mixture of experts: those that one token uses; 0: all
  [[nodiscard]] bool known() const { return parameters > 0 && layers > 0; }
};
Shape shape_of(const format::Gguf& head);

struct Machine {
  std::uint64_t memory_bytes = 0, free_bytes = 0;  // of RAM; free: what may be used without anything being swapped out
  unsigned cores = 1;
  std::uint64_t bytes_per_second = 0;  // that its cores together read from memory, measured; 0: not measured
};

struct Quantisation {
  std::string_view name;
  double bits_per_weight;                 // of Llama 3.1 8B: llama.cpp, tools/quantize/README.md
  std::optional<double> perplexity_rise;  // over F16, of Llama 3 8B on WikiText-2: llama.cpp, tools/quantize/quantize.cpp
};
inline constexpr std::string_view kQuantisationSource = "llama.cpp's own tables for Llama 3 8B";
const std::vector<Quantisation>& quantisations();  // most exact first
const Quantisation* find_quantisation(std::string_view name);

std::uint64_t weights_bytes(const Shape& shape, const Quantisation& quantisation);
// Keys and values in F16, and what is allotted to compute with: 256 MiB and 5 hundredths of the weights.
std::uint64_t memory_bytes(const Shape& shape, std::uint64_t weights, std::uint64_t context_tokens);
// At most shape.context_tokens, in steps of 1,024; 0: not even that.
std::uint64_t longest_context(const Shape& shape, std::uint64_t weights, std::uint64_t available_bytes);
// Each token reads the weights that it uses and the keys and values before it: no machine is faster than its memory. nullopt: not measured.
std::optional<double> tokens_per_second(const Shape& shape, std::uint64_t weights, std::uint64_t context_tokens, std::uint64_t bytes_per_second);

// A tenth of the memory that is free is left to everything else.
constexpr std::uint64_t usable_bytes(const Machine& machine) { return machine.free_bytes / 10 * 9; }

struct Choice {
  const Quantisation* quantisation = nullptr;
  std::uint64_t weights = 0, memory = 0, longest_context = 0;
  std::optional<double> tokens_per_second;  // an estimate, at that context
  bool fits = false;                        // memory at the context that was asked for
};
std::vector<Choice> choices(const Shape& shape, const Machine& machine, std::uint64_t context_tokens);
// The most exact that fits and writes as fast as people read (8 tokens a second); where none is so fast, the smallest that costs hardly any exactness
// (perplexity up by at most 0.2); where that does not fit, the most exact that does. Not F16: Q8_0 is as good. nullptr: none fits.
const Choice* best(const std::vector<Choice>& all);

}  // namespace demarc::models
