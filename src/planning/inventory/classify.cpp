#include "planning/inventory/classify.hpp"

#include <algorithm>
#include <cmath>

namespace demarc::planning {
namespace {

constexpr std::array<std::string_view, kFeatures> kNames = {"bounded_output", "fixed_schema", "short_context", "steady_volume", "high_volume",
                                                            "no_hurry",       "sensitive",    "few_tools",     "tolerant"};
constexpr std::array<std::string_view, 3> kSides = {"boring", "strategic", "unknown"};

// 1 at or below `low`, 0 at or above `high`, straight in the logarithm between.
double falling(double value, double low, double high) {
  return std::clamp((std::log(high) - std::log(std::max(value, 1e-9))) / (std::log(high) - std::log(low)), 0.0, 1.0);
}

std::string told(double value, int places = 0) {
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%.*f", places, value);
  return text.data();
}

double logistic(double x) { return 1 / (1 + std::exp(-x)); }

}  // namespace

const Weights kStartWeights = {{1.6, 1.4, 1.2, 0.6, 0.6, 0.6, 1.0, 0.6, 0.8}, 0};

std::string_view to_string(Feature feature) { return kNames[static_cast<std::size_t>(feature)]; }
std::string_view to_string(Side side) { return kSides[static_cast<std::size_t>(side)]; }
std::optional<Feature> parse_feature(std::string_view name) {
  for (std::size_t i = 0; i < kFeatures; ++i)
    if (kNames[i] == name) return static_cast<Feature>(i);
  return {};
}

Classified classify(const Workload& w, const Hints& hints, const Weights& weights) {
  Classified out;
  const auto add = [&](Feature feature, double value, std::string says) {
    if (hints.contains(feature)) return;  // what people say wins over what is inferred
    out.reasons.push_back({feature, value, weights.of[static_cast<std::size_t>(feature)], std::move(says)});
  };
  if (w.output_p95)
    add(Feature::bounded_output, falling(static_cast<double>(*w.output_p95), 300, 1500),
        "95 % of answers have at most " + std::to_string(*w.output_p95) + " tokens");
  else if (w.output_mean > 0)
    add(Feature::bounded_output, falling(w.output_mean + w.reasoning_mean, 150, 700),
        "answers have " + told(w.output_mean + w.reasoning_mean) + " tokens in the mean");
  if (w.input_p95)
    add(Feature::short_context, falling(static_cast<double>(*w.input_p95), 8000, 32'000),
        "95 % of prompts have at most " + std::to_string(*w.input_p95) + " tokens");
  else if (w.input_mean > 0)
    add(Feature::short_context, falling(w.input_mean + w.cached_mean + w.write_5m_mean + w.write_1h_mean, 4000, 16'000),
        "prompts have " + told(w.input_mean + w.cached_mean + w.write_5m_mean + w.write_1h_mean) + " tokens in the mean");
  if (w.days >= 5)
    add(Feature::steady_volume, falling(w.daily_variation, 0.3, 1.5), "daily volume varies by " + told(w.daily_variation * 100) + " %");
  if (w.requests > 0) add(Feature::high_volume, 1 - falling(w.requests_per_month, 1000, 100'000), told(w.requests_per_month) + " requests a month");
  if (w.batch_share > 0) add(Feature::no_hurry, std::min(1.0, w.batch_share * 2), told(w.batch_share * 100) + " % are sent as batches");
  for (const auto& [feature, value] : hints)
    out.reasons.push_back({feature, value, weights.of[static_cast<std::size_t>(feature)], value >= 0.5 ? "stated" : "stated not to be"});

  double sum = weights.bias, known = 0, all = 0;
  for (const double weight : weights.of) all += std::abs(weight);
  for (const Reason& reason : out.reasons) sum += reason.weight * (reason.value * 2 - 1), known += std::abs(reason.weight);
  out.score = logistic(sum), out.evidence = all > 0 ? known / all : 0;
  std::ranges::sort(out.reasons,
                    [](const Reason& a, const Reason& b) { return std::abs(a.weight * (a.value * 2 - 1)) > std::abs(b.weight * (b.value * 2 - 1)); });
  // Too little known, or too near the middle: a person decides.
  const bool sure = out.evidence >= 0.4 && std::abs(out.score - 0.5) >= 0.15;
  out.side = !sure ? Side::unknown : out.score > 0.5 ? Side::boring : Side::strategic;
  return out;
}

Weights learned(const Weights& start, const std::vector<Correction>& corrections) {
  constexpr double kNear = 2;  // how strongly the start weights hold
  Weights out = start;
  if (corrections.empty()) return out;
  for (int step = 0; step < 400; ++step) {
    Weights slope;
    for (std::size_t i = 0; i < kFeatures; ++i) slope.of[i] = kNear * (out.of[i] - start.of[i]);
    slope.bias = kNear * (out.bias - start.bias);
    for (const Correction& c : corrections) {
      double sum = out.bias;
      for (const auto& [feature, value] : c.features) sum += out.of[static_cast<std::size_t>(feature)] * (value * 2 - 1);
      const double off = logistic(sum) - (c.side == Side::boring ? 1 : 0);
      for (const auto& [feature, value] : c.features) slope.of[static_cast<std::size_t>(feature)] += off * (value * 2 - 1);
      slope.bias += off;
    }
    const double rate = 0.5 / (kNear + static_cast<double>(corrections.size()));
    for (std::size_t i = 0; i < kFeatures; ++i)
      out.of[i] = std::max(0.0, out.of[i] - rate * slope.of[i]);  // a feature may lose its weight, not turn round
    out.bias -= rate * slope.bias;
  }
  return out;
}

}  // namespace demarc::planning
