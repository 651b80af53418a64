#include "text/calibrate.hpp"

#include <algorithm>
#include <cmath>

#include "base/check.hpp"

namespace demarc::text {
namespace {

constexpr std::size_t kBins = 10;

double loss_at(const Scores& logits, const Samples& samples, double temperature) {
  double loss = 0;
  for (std::size_t sample = 0; sample < samples.size(); ++sample) {
    const std::span<const float> row = logits.of(sample);
    const double most = std::ranges::max(row);
    double sum = 0;
    for (const float logit : row) sum += std::exp((logit - most) / temperature);
    loss += std::log(sum) - (row[samples.labels[sample].front()] - most) / temperature;
  }
  return loss;
}

// P(at most `right` - 1 of `all` | share) from the other side: P(at least `right`), summed in logarithms.
double at_least(std::size_t right, std::size_t all, double share) {
  if (share <= 0) return right == 0 ? 1 : 0;
  if (share >= 1) return 1;
  const auto n = static_cast<double>(all);
  double sum = 0;
  for (std::size_t k = right; k <= all; ++k) {
    const auto kd = static_cast<double>(k);
    sum += std::exp(std::lgamma(n + 1) - std::lgamma(kd + 1) - std::lgamma(n - kd + 1) + kd * std::log(share) + (n - kd) * std::log1p(-share));
  }
  return sum;
}

}  // namespace

double fit_temperature(const Scores& logits, const Samples& samples) {
  double low = std::log(0.01), high = std::log(100.0);
  const double golden = (std::sqrt(5.0) - 1) / 2;
  for (int step = 0; step < 40; ++step) {  // the loss has one valley in the inverse temperature, hence in its logarithm
    const double a = high - golden * (high - low), b = low + golden * (high - low);
    loss_at(logits, samples, std::exp(a)) < loss_at(logits, samples, std::exp(b)) ? high = b : low = a;
  }
  return std::exp((low + high) / 2);
}

void to_confidences(std::span<float> logits, double temperature) {
  const float most = std::ranges::max(logits);
  double sum = 0;
  for (float& logit : logits) logit = static_cast<float>(std::exp((logit - most) / temperature)), sum += logit;
  for (float& logit : logits) logit = static_cast<float>(logit / sum);
}

float Platt::confidence(float logit) const { return static_cast<float>(1.0 / (1.0 + std::exp(-(a * logit + b)))); }

Platt fit_platt(std::span<const float> logits, const std::vector<bool>& has) {
  CHECK(logits.size() == has.size());
  // Platt's own targets, which keep a few examples from being taken for certainty.
  const auto positives = static_cast<double>(std::ranges::count(has, true)), negatives = static_cast<double>(has.size()) - positives;
  const double high = (positives + 1) / (positives + 2), low = 1 / (negatives + 2);
  Platt out;
  for (int step = 0; step < 50; ++step) {  // Newton; the loss is convex
    double ga = 0, gb = 0, aa = 1e-9, ab = 0, bb = 1e-9;
    for (std::size_t i = 0; i < has.size(); ++i) {
      const double p = out.confidence(logits[i]), off = p - (has[i] ? high : low), curve = p * (1 - p), x = logits[i];
      ga += off * x, gb += off, aa += curve * x * x, ab += curve * x, bb += curve;
    }
    const double determinant = aa * bb - ab * ab;
    if (std::abs(determinant) < 1e-12) break;
    const double da = (bb * ga - ab * gb) / determinant, db = (aa * gb - ab * ga) / determinant;
    const double shorter = std::min(1.0, 5.0 / std::max({std::abs(da), std::abs(db), 1e-12}));
    out.a -= shorter * da, out.b -= shorter * db;
    if (std::abs(da) + std::abs(db) < 1e-8) break;
  }
  return out;
}

double lower_bound(std::size_t right, std::size_t all, double certainty) {
  if (right == 0 || all == 0) return 0;
  double low = 0, high = 1;
  for (int step = 0; step < 50; ++step) {
    const double middle = (low + high) / 2;
    at_least(right, all, middle) < 1 - certainty ? low = middle : high = middle;
  }
  return low;
}

std::optional<Threshold> choose_threshold(std::vector<Judged> judged, double target, double certainty) {
  std::ranges::sort(judged, std::greater<>(), &Judged::confidence);
  std::vector<std::size_t> right(judged.size() + 1, 0);
  for (std::size_t i = 0; i < judged.size(); ++i) right[i + 1] = right[i] + (judged[i].right ? 1 : 0);
  for (std::size_t all = judged.size(); all > 0; --all) {  // from the widest coverage on; the first that holds is the lowest threshold
    if (all < judged.size() && judged[all].confidence == judged[all - 1].confidence) continue;  // a threshold cannot part them
    const double precision = static_cast<double>(right[all]) / static_cast<double>(all);
    // As if the truth were the target: would so many right ones be too good to be chance? That is what the bound being above the target means.
    if (precision < target || at_least(right[all], all, target) > 1 - certainty) continue;
    return Threshold{judged[all - 1].confidence, precision, lower_bound(right[all], all, certainty),
                     static_cast<double>(all) / static_cast<double>(judged.size())};
  }
  return {};
}

std::vector<Bin> reliability(std::span<const Judged> judged) {
  std::vector<Bin> bins(kBins);
  for (const Judged& one : judged) {
    Bin& bin = bins[std::min(kBins - 1, static_cast<std::size_t>(std::max(0.0F, one.confidence) * kBins))];
    ++bin.count, bin.confidence += one.confidence, bin.right += one.right ? 1 : 0;
  }
  for (Bin& bin : bins)
    if (bin.count > 0) bin.confidence /= static_cast<double>(bin.count), bin.right /= static_cast<double>(bin.count);
  return bins;
}

double calibration_error(std::span<const Bin> bins) {
  double sum = 0, all = 0;
  for (const Bin& bin : bins) sum += static_cast<double>(bin.count) * std::abs(bin.confidence - bin.right), all += static_cast<double>(bin.count);
  return all == 0 ? 0 : sum / all;
}

}  // namespace demarc::text
