// Logistic regression with L2, found by L-BFGS (Nocedal, Wright, Numerical Optimization, 2nd ed., algorithm 7.5): over labels that exclude each other
// (softmax), or each label by itself.
//
//   const Weights weights = fit_logistic(samples, subset, 77, Labels::one, {.l2 = 1e-4});
//   weights.apply(vector, logits);
//
// Pure, one thread; fit_logistic() asks `go_on` between its steps.
#pragma once

#include <functional>
#include <vector>

#include "text/samples.hpp"

namespace demarc::text {

struct Weights {
  std::size_t width = 0, labels = 0;
  std::vector<float> values;  // [labels][width + 1]; the last of each is added
  void apply(std::span<const float> vector, std::span<float> logits) const;
};

struct LogisticOptions {
  double l2 = 1e-4;  // of the mean loss; what is added goes free
  int most_steps = 100;
  double enough = 1e-5;  // the gradient's largest number at which it ends
};

// `subset`: which samples to learn from.
Weights fit_logistic(
    const Samples& samples, std::span<const std::size_t> subset, std::size_t labels, Labels kind, const LogisticOptions& options,
    const std::function<bool()>& go_on = [] { return true; });

}  // namespace demarc::text
