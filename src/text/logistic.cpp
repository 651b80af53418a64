#include "text/logistic.hpp"

#include <algorithm>
#include <cmath>
#include <deque>

#include "base/check.hpp"

namespace demarc::text {
namespace {

using Point = std::vector<double>;

double dot(const Point& a, const Point& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

// The mean loss, and its gradient.
class Loss {
 public:
  Loss(const Samples& samples, std::span<const std::size_t> subset, std::size_t labels, Labels kind, double l2)
      : samples_(samples), subset_(subset), labels_(labels), kind_(kind), l2_(l2) {}

  double operator()(const Point& at, Point& gradient) const {
    Weights weights{.width = samples_.width, .labels = labels_, .values = {at.begin(), at.end()}};
    const std::size_t row = samples_.width + 1;
    std::vector<float> logits(labels_), sums(at.size(), 0.0F);
    double loss = 0;
    for (const std::size_t sample : subset_) {
      const std::span<const float> vector = samples_.vector(sample);
      weights.apply(vector, logits);
      loss += kind_ == Labels::one ? exclusive(logits, samples_.labels[sample].front()) : separate(logits, samples_.labels[sample]);
      for (std::size_t label = 0; label < labels_; ++label) {  // logits hold the residuals now
        const float residual = logits[label];
        if (std::abs(residual) < 1e-7F) continue;
        float* const sum = &sums[label * row];
        for (std::size_t i = 0; i < vector.size(); ++i) sum[i] += residual * vector[i];
        sum[vector.size()] += residual;
      }
    }
    const double scale = 1.0 / static_cast<double>(subset_.size());
    loss *= scale;
    for (std::size_t i = 0; i < at.size(); ++i) {
      const bool is_free = i % row == samples_.width;
      gradient[i] = sums[i] * scale + (is_free ? 0 : l2_ * at[i]);
      if (!is_free) loss += 0.5 * l2_ * at[i] * at[i];
    }
    return loss;
  }

 private:
  static double exclusive(std::span<float> logits, std::uint32_t label) {
    const float most = std::ranges::max(logits);
    double sum = 0;
    const double own = logits[label] - most;
    for (float& logit : logits) logit = std::exp(logit - most), sum += logit;
    for (float& logit : logits) logit = static_cast<float>(logit / sum);
    logits[label] -= 1;
    return std::log(sum) - own;
  }
  static double separate(std::span<float> logits, const std::vector<std::uint32_t>& labels) {
    double loss = 0;
    for (std::uint32_t label = 0; label < logits.size(); ++label) {
      const bool has = std::ranges::binary_search(labels, label);
      const double logit = logits[label], towards = has ? logit : -logit;
      loss += towards > 0 ? std::log1p(std::exp(-towards)) : std::log1p(std::exp(towards)) - towards;
      logits[label] = static_cast<float>(1.0 / (1.0 + std::exp(-logit)) - (has ? 1 : 0));
    }
    return loss;
  }

  const Samples& samples_;
  const std::span<const std::size_t> subset_;
  const std::size_t labels_;
  const Labels kind_;
  const double l2_;
};

struct Step {
  Point moved, turned;  // between two points, and between their gradients
  double scale;
};

Point direction(const Point& gradient, const std::deque<Step>& steps) {
  Point out = gradient;
  std::vector<double> alphas(steps.size());
  for (std::size_t i = steps.size(); i-- > 0;) {
    alphas[i] = steps[i].scale * dot(steps[i].moved, out);
    for (std::size_t j = 0; j < out.size(); ++j) out[j] -= alphas[i] * steps[i].turned[j];
  }
  if (!steps.empty()) {
    const double first = dot(steps.back().moved, steps.back().turned) / dot(steps.back().turned, steps.back().turned);
    for (double& value : out) value *= first;
  }
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const double beta = steps[i].scale * dot(steps[i].turned, out);
    for (std::size_t j = 0; j < out.size(); ++j) out[j] += (alphas[i] - beta) * steps[i].moved[j];
  }
  for (double& value : out) value = -value;
  return out;
}

}  // namespace

void Weights::apply(std::span<const float> vector, std::span<float> logits) const {
  CHECK(vector.size() == width && logits.size() == labels);
  for (std::size_t label = 0; label < labels; ++label) {
    const float* const row = &values[label * (width + 1)];
    float sums[8] = {};  // independent, so that the compiler may use vector instructions
    std::size_t i = 0;
    for (; i + 8 <= width; i += 8)
      for (std::size_t lane = 0; lane < 8; ++lane) sums[lane] += row[i + lane] * vector[i + lane];
    float sum = row[width];
    for (; i < width; ++i) sum += row[i] * vector[i];
    for (const float lane : sums) sum += lane;
    logits[label] = sum;
  }
}

Weights fit_logistic(const Samples& samples, std::span<const std::size_t> subset, std::size_t labels, Labels kind, const LogisticOptions& options,
                     const std::function<bool()>& go_on) {
  constexpr std::size_t kRemembered = 8;
  CHECK(!subset.empty() && labels > 0);
  const Loss loss(samples, subset, labels, kind, options.l2);
  Point at(labels * (samples.width + 1), 0.0), gradient(at.size()), next(at.size()), next_gradient(at.size());
  double here = loss(at, gradient);
  std::deque<Step> steps;
  for (int step = 0; step < options.most_steps && go_on(); ++step) {
    if (std::abs(*std::ranges::max_element(gradient, {}, [](double value) { return std::abs(value); })) < options.enough) break;
    const Point towards = direction(gradient, steps);
    const double slope = dot(gradient, towards);
    double length = steps.empty() ? std::min(1.0, 1.0 / std::sqrt(dot(gradient, gradient))) : 1.0, there = here;
    bool is_lower = false;
    for (int tried = 0; tried < 20 && !is_lower; ++tried, length *= 0.5) {  // backtracking to Armijo's condition
      for (std::size_t i = 0; i < at.size(); ++i) next[i] = at[i] + length * towards[i];
      there = loss(next, next_gradient);
      is_lower = there <= here + 1e-4 * length * slope;
    }
    if (!is_lower) break;
    Step made{.moved = next, .turned = next_gradient, .scale = 0};
    for (std::size_t i = 0; i < at.size(); ++i) made.moved[i] -= at[i], made.turned[i] -= gradient[i];
    if (const double curve = dot(made.moved, made.turned); curve > 1e-12) {
      made.scale = 1.0 / curve;
      steps.push_back(std::move(made));
      if (steps.size() > kRemembered) steps.pop_front();
    }
    std::swap(at, next), std::swap(gradient, next_gradient);
    here = there;
  }
  return {.width = samples.width, .labels = labels, .values = {at.begin(), at.end()}};
}

}  // namespace demarc::text
