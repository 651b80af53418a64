#include "models/fit.hpp"

#include <algorithm>

namespace demarc::models {
namespace {

constexpr std::uint64_t kKvElementBytes = 2;             // F16
constexpr std::uint64_t kComputeBytes = 256ULL << 20U;   // what llama.cpp allots for batches of 512 tokens: 100 to 300 MiB at these sizes
constexpr double kReadingSpeed = 8, kHardlyWorse = 0.2;  // tokens a second; perplexity
constexpr std::uint64_t kContextStep = 1'024, kMostContext = 1ULL << 24U;

std::uint64_t kv_bytes(const Shape& shape, std::uint64_t tokens) { return shape.kv_elements_per_token * kKvElementBytes * tokens; }

}  // namespace

Shape shape_of(const format::Gguf& head) {
  Shape shape{.parameters = head.parameters,
              .layers = head.layers,
              .kv_elements_per_token = head.kv_elements_per_token,
              .context_tokens = head.context_tokens};
  // All but a few hundredths of such a model are its experts, so the share of those that are used is the share of all.
  if (head.experts > 0 && head.experts_used > 0 && head.experts_used < head.experts)
    shape.active_parameters =
        static_cast<std::uint64_t>(static_cast<double>(head.parameters) * static_cast<double>(head.experts_used) / static_cast<double>(head.experts));
  return shape;
}

const std::vector<Quantisation>& quantisations() {
  static const std::vector<Quantisation> all = {{"F16", 16.0005, {}},       {"Q8_0", 8.5008, 0.0026},   {"Q6_K", 6.5633, 0.0217},
                                                {"Q5_K_M", 5.7036, 0.0569}, {"Q4_K_M", 4.8944, 0.1754}, {"Q4_K_S", 4.6672, 0.2689},
                                                {"Q3_K_M", 3.9960, 0.6569}, {"Q2_K", 3.1593, 3.5199}};
  return all;
}

const Quantisation* find_quantisation(std::string_view name) {
  const auto found = std::ranges::find(quantisations(), name, &Quantisation::name);
  return found == quantisations().end() ? nullptr : &*found;
}

std::uint64_t weights_bytes(const Shape& shape, const Quantisation& quantisation) {
  return static_cast<std::uint64_t>(static_cast<double>(shape.parameters) * quantisation.bits_per_weight / 8);
}

std::uint64_t memory_bytes(const Shape& shape, std::uint64_t weights, std::uint64_t context_tokens) {
  return weights + weights / 20 + kComputeBytes + kv_bytes(shape, std::min(context_tokens, kMostContext));
}

std::uint64_t longest_context(const Shape& shape, std::uint64_t weights, std::uint64_t available_bytes) {
  const std::uint64_t most = shape.context_tokens == 0 ? kMostContext : std::min(shape.context_tokens, kMostContext);
  const std::uint64_t bare = memory_bytes(shape, weights, 0), token = kv_bytes(shape, 1);
  if (bare > available_bytes) return 0;
  if (token == 0) return most;
  const std::uint64_t tokens = (available_bytes - bare) / token;
  return tokens >= most ? most : tokens / kContextStep * kContextStep;
}

std::optional<double> tokens_per_second(const Shape& shape, std::uint64_t weights, std::uint64_t context_tokens, std::uint64_t bytes_per_second) {
  if (bytes_per_second == 0 || weights == 0) return {};
  const double share = shape.active_parameters == 0 ? 1.0 : static_cast<double>(shape.active_parameters) / static_cast<double>(shape.parameters);
  return static_cast<double>(bytes_per_second) / (static_cast<double>(weights) * share + static_cast<double>(kv_bytes(shape, context_tokens)));
}

std::vector<Choice> choices(const Shape& shape, const Machine& machine, std::uint64_t context_tokens) {
  std::vector<Choice> all;
  for (const Quantisation& quantisation : quantisations()) {
    Choice choice{.quantisation = &quantisation, .weights = weights_bytes(shape, quantisation)};
    choice.memory = memory_bytes(shape, choice.weights, context_tokens);
    choice.longest_context = longest_context(shape, choice.weights, usable_bytes(machine));
    choice.tokens_per_second = tokens_per_second(shape, choice.weights, context_tokens, machine.bytes_per_second);
    choice.fits = choice.memory <= usable_bytes(machine);
    all.push_back(choice);
  }
  return all;
}

const Choice* best(const std::vector<Choice>& all) {
  const Choice *first = nullptr, *small = nullptr;
  for (const Choice& choice : all) {
    if (!choice.fits || !choice.quantisation->perplexity_rise) continue;
    if (choice.tokens_per_second.value_or(kReadingSpeed) >= kReadingSpeed &&
        (*choice.quantisation->perplexity_rise <= kHardlyWorse || small == nullptr))
      return &choice;
    if (first == nullptr) first = &choice;
    if (*choice.quantisation->perplexity_rise <= kHardlyWorse) small = &choice;
  }
  return small != nullptr ? small : first;
}

}  // namespace demarc::models
