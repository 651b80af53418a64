// train(): a classifier from labelled vectors, and how well it does, by cross-validation: every text is judged once by weights that have not seen it;
// confidence and threshold are fitted to these judgements, and the weights of the file then learn from all texts.
//
//   const Trained trained = TRY(train(samples, labels, Labels::one, {.target_precision = 0.95}, on_progress));
//   write(trained.classifier.print()); write(report_html(trained)); write(report_json(trained));     // report.hpp
//
// Folds are stratified and the same for the same data. Runs on as many threads as there are cores; call it from one.
#pragma once

#include <functional>

#include "text/classifier.hpp"

namespace demarc::text {

struct TrainOptions {
  std::size_t folds = 5;
  double target_precision = 0;  // 0: answers always
  double certainty = 0.95;
  std::vector<double> l2 = {1e-3, 1e-4, 1e-5};  // tried on one fold each; the best is taken
};

struct ByLabel {
  std::size_t count = 0;  // of texts that have it
  double precision = 0, recall = 0, f1 = 0;
};

struct Trained {
  Classifier classifier;
  std::vector<std::vector<std::size_t>> confusion;  // [label that is][label that was said]; Labels::one
  std::vector<ByLabel> by_label;
  std::vector<Bin> bins;       // of confidences of the best label; of several labels, of all
  std::vector<Judged> judged;  // as many, by falling confidence: the curve of coverage against accuracy
};

// The error names what is wrong with the data: a label with fewer texts than folds, only one label.
Result<Trained, std::string> train(
    const Samples& samples, const std::vector<std::string>& labels, Labels kind, const TrainOptions& options,
    const std::function<void(std::size_t done, std::size_t all)>& on_progress = [](std::size_t, std::size_t) {});

}  // namespace demarc::text
