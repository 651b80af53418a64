// From a model's numbers to confidences that mean what they say, and from a wished precision to the confidence below which to abstain.
//
//   const double temperature = fit_temperature(logits, samples);          // Guo et al., On Calibration of Modern Neural Networks, 2017
//   to_confidences(logits, temperature);                                  // softmax
//   const Threshold chosen = choose_threshold(judged, 0.95, 0.95);        // so that 95 % of what is answered is right, with 95 % certainty
//
// All of it is fitted to scores of texts that the scoring model did not learn from. Pure; any thread.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "text/samples.hpp"

namespace demarc::text {

double fit_temperature(const Scores& logits, const Samples& samples);  // 0.01 to 100
void to_confidences(std::span<float> logits, double temperature);      // softmax(logits / temperature), in place

// P(label) = sigmoid(a × logit + b): Platt, Probabilistic Outputs for Support Vector Machines, 1999.
struct Platt {
  double a = 1, b = 0;
  [[nodiscard]] float confidence(float logit) const;
};
Platt fit_platt(std::span<const float> logits, const std::vector<bool>& has);

// A text's best label: how sure, and whether it was right.
struct Judged {
  float confidence = 0;
  bool right = false;
};

struct Threshold {
  double value = 0;      // abstain below
  double precision = 0;  // measured, of what is answered
  double at_least = 0;   // its lower bound
  double coverage = 0;   // share that is answered
};
// The lowest threshold whose precision is at least `target` with `certainty`: by the lower end of Clopper and Pearson's interval (1934). nullopt:
// none is, however high.
std::optional<Threshold> choose_threshold(std::vector<Judged> judged, double target, double certainty);
double lower_bound(std::size_t right, std::size_t all, double certainty);

// How far confidence and share of right ones lie apart, in ten equal bins weighted by what is in them (expected calibration error).
struct Bin {
  std::size_t count = 0;
  double confidence = 0, right = 0;  // means
};
std::vector<Bin> reliability(std::span<const Judged> judged);
double calibration_error(std::span<const Bin> bins);

}  // namespace demarc::text
