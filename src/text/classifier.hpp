// Classifier: a trained classifier of texts by their vectors, and the file that it is: what it was trained on, how well it did on what it had not
// seen, and from which confidence on it answers. Made by train() (train.hpp), read by whoever classifies with it.
//
//   const Classifier classifier = TRY(Classifier::read(json));
//   const Verdict verdict = classifier.judge(vector);           // scores by label; chosen labels; none: it abstains
//   std::string json = classifier.print();
//
// The file is JSON; its format stands in docs/reference/classification.md. Bytes from outside: every length is checked. Immutable; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "text/calibrate.hpp"
#include "text/logistic.hpp"

namespace demarc::text {

inline constexpr std::size_t kMaxLabels = 1'000, kMaxLabelBytes = 256, kMaxWidth = 8'192, kMaxClassifierBytes = std::size_t{48} << 20;

struct Lineage {                    // what it was made of
  std::string model, model_digest;  // whose vectors
  std::string data, data_sha256;    // the file's name
  std::size_t rows = 0, folds = 0;
  double l2 = 0;
  std::string made;  // when, RFC 3339
};

struct Quality {  // on texts that it had not learnt from, by cross-validation
  double accuracy = 0, macro_f1 = 0, calibration_error = 0;
  double target_precision = 0, certainty = 0;  // what the threshold was chosen for; 0: none was
  double precision = 0, coverage = 0;          // with the threshold
};

struct Verdict {
  std::vector<float> confidences;     // by label
  std::vector<std::uint32_t> chosen;  // the best one, or of several those that are sure enough; empty: it abstains
  float confidence = 0;               // of the best
};

struct Classifier {
  Labels kind = Labels::one;
  std::vector<std::string> labels;
  Weights weights;
  double temperature = 1;          // Labels::one
  std::vector<Platt> platts;       // Labels::several
  std::vector<double> thresholds;  // one, or one a label; 0: never abstains
  Lineage lineage;
  Quality quality;

  // The error is for people.
  static Result<Classifier, std::string> read(std::string_view json);
  [[nodiscard]] std::string print() const;
  [[nodiscard]] Verdict judge(std::span<const float> vector) const;
};

}  // namespace demarc::text
